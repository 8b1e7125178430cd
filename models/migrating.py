"""The database is brought to today's tables. Only whoever migrates imports this, and with it Alembic: to any other
process it would be an eighth of what it imports."""

from __future__ import annotations

from flask import Flask
from flask_migrate import Migrate
from flask_migrate import downgrade as _downgrade
from flask_migrate import upgrade as _upgrade

from models import running
from models.extensions import db


def bind(app: Flask) -> None:
    """Let Flask-Migrate, and its `flask db`, work on the app's database."""
    if "migrate" not in app.extensions:
        Migrate(app, db, directory=app.config["MIGRATIONS_DIR"], render_as_batch=True)


def upgrade(revision: str = "head") -> None:
    """Migrate the running app's database up to a revision."""
    bind(running.app())
    _upgrade(revision=revision)


def downgrade(revision: str) -> None:
    """The same down to a revision; ``base`` is an empty database."""
    bind(running.app())
    _downgrade(revision=revision)
