"""`python -m webforms.prepare`: bring database, published packs, units, rounds and (for `make run`) demo data up to
date."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

from flask import Flask

from models import clock
from models.application import packs, rounds
from models.errors import PackError, SettingsError
from models.migrating import upgrade
from models.office import demo, units
from models.programme.loader import load_pack, pack_slugs
from models.programme.pack import Pack
from models.settings import Settings
from webforms.app import create_app
from webforms.stamp import write_stamp

DEMO_DAYS = 60


def prepare(app: Flask) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Idempotent. Returns the programmes with their state and the demo accounts (none in production)."""
    settings: Settings = app.config["BOLE"]
    with app.app_context():
        print("  database: migrating …", flush=True)
        upgrade()
        programmes = []
        served = []
        for slug in pack_slugs():
            print(f"  pack: {slug} …", flush=True)
            pack = load_pack(slug)
            served.append(pack)
            packs.publish(slug, demo=settings.demo)
            units.load_units(pack)
            rounds.ensure_notice_round(pack)
            if settings.demo:
                open_demo_round(pack)
            current = rounds.current(slug, clock.current().today())
            programmes.append({"slug": slug, "title": pack.programme.short.zh, "open": current is not None})
        accounts = demo.ensure_accounts(served) if settings.demo else []
    return programmes, accounts


def open_demo_round(pack: Pack) -> None:
    """Open a demo round for today if no round is open; inside an app context."""
    today = clock.current().today()
    if rounds.current(pack.slug, today) is None:
        rounds.open_round(pack.slug, "演示批次", today, today + timedelta(days=DEMO_DAYS), demo=True)


def main() -> int:
    """Exit code 2 with one clear line when a setting or a pack is wrong."""
    settings = Settings.from_env()
    try:
        app = create_app(settings)
        programmes, accounts = prepare(app)
    except (SettingsError, PackError) as error:
        print(f"bole: {error}", file=sys.stderr)
        return 2
    write_stamp(settings, programmes, accounts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
