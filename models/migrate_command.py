"""`flask db`: Flask-Migrate's own commands, imported when one of them is called."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from models import running


@click.command(
    "db", add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.argument("given", nargs=-1, type=click.UNPROCESSED)
@with_appcontext
def command(given: tuple[str, ...]) -> None:
    """Write, look through and run database migrations."""
    from flask_migrate.cli import db

    from models import migrating

    migrating.bind(running.app())
    db.main(args=list(given), prog_name="flask db", standalone_mode=False)
