"""What the commands of the console script share: errors as sentences, and an app on the data folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from models.errors import BoleError, PackError, SettingsError
from models.settings import Settings


class Failure(click.ClickException):
    """One clear sentence on stderr, exit code 2."""

    exit_code = 2


@contextmanager
def sentences() -> Iterator[None]:
    """Turn the errors we know into one sentence; what we do not know keeps its traceback for the engineer."""
    try:
        yield
    except (SettingsError, PackError) as error:
        raise Failure(str(error)) from error
    except BoleError as error:
        from models.interview.wording import error as sentence

        raise Failure(sentence(error, "en")) from error


@contextmanager
def prepared_app() -> Iterator[Any]:
    """An app on the data folder, prepared: migrated, packs published, keys there."""
    from models.application import packs, rounds
    from models.logs import configure
    from models.migrating import upgrade
    from models.office import units
    from models.programme.loader import load_pack, pack_slugs
    from webforms.app import create_app

    configure("WARNING")  # on standard error: what a command prints stays clean
    with sentences():
        settings = Settings.from_env()
        app = create_app(settings)
        with app.app_context():
            upgrade()
            for slug in pack_slugs():
                packs.publish(slug, demo=settings.demo, in_force=False)
                units.load_units(load_pack(slug))
                rounds.ensure_notice_round(load_pack(slug))
        yield app
