"""A small pack of our own, so that these tests do not move when a real notice's pack does."""

import re
import shutil
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from built_once import built_once
from waiting import PATIENCE

from models.application import packs, rounds, service
from models.application.tables import Application, DocumentPage
from models.errors import BoleError
from models.extensions import db
from models.office.units import load_units
from models.programme import idnumber, loader

HERE = Path(__file__).parent
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60
SLUG = "tiny"


@pytest.fixture
def tiny_packs(tmp_path, monkeypatch):
    """The folder that holds the tiny pack; edit a copy and call `loader.load_pack.cache_clear()` for a new version."""
    folder = tmp_path / "packs"
    shutil.copytree(HERE / "packs", folder)
    monkeypatch.setattr(loader, "PACKS", folder)
    loader.load_pack.cache_clear()
    yield folder
    loader.load_pack.cache_clear()


def number(sequence: int = 1) -> str:
    """A made-up, valid ID number."""
    return idnumber.make("430401", date(1970, 1, 1), sequence)


class People:
    """Leads invented applicants through the services."""

    number = staticmethod(number)

    def start(self):
        return service.start(SLUG, "web", "zh").application.id

    def answers(self, id_number=None, county="east", **changes):
        given = {
            "consent:identity": True,
            "consent:news": False,
            "claim": ["skilled"],
            "fact:certificate": True,
            "fact:county": county,
            "verdict": True,
            "field:name": "测试甲",
            "field:id_number": id_number or number(),
            "field:mobile": "13900000000",
            "field:trade": "wood",
        }
        return {**given, **changes}

    def fill(self, app_id, **options):
        service.record(app_id, self.answers(**options), "web")

    def photograph(self, app_id, document="card", count=2):
        return [
            service.add_page(app_id, document, JPEG + bytes([n]), f"{app_id}-{document}-{n}", "web").id
            for n in range(count)
        ]

    def ready(self, **options):
        """An application with everything but the hand-in."""
        app_id = self.start()
        self.fill(app_id, **options)
        self.photograph(app_id)
        service.skip_document(app_id, "extra")
        service.record(app_id, {"declaration:true": True}, "web")
        return app_id

    def submitted(self, **options):
        app_id = self.ready(**options)
        service.submit(app_id, "web")
        return app_id

    def version(self, app_id):
        """What a member of staff has on the screen."""
        return db.session.get(Application, app_id, populate_existing=True).version


@pytest.fixture
def people(tiny_packs, persistent_core_app):
    """Invented applicants on each database, with an open round and the units loaded."""
    with persistent_core_app.app_context():
        built_once(persistent_core_app, "people", _open_round)
        yield People()
        db.session.rollback()


def _open_round():
    load_units(loader.load_pack(SLUG))
    rounds.open_round(SLUG, "第二批", date(2026, 11, 1), date(2026, 12, 31))


@pytest.fixture
def pages_of():
    return lambda app_id: list(db.session.scalars(db.select(DocumentPage).where(DocumentPage.application_id == app_id)))


@pytest.fixture
def at_once(persistent_core_app):
    """Run the calls at the same time, threads with sessions of their own; what each gave or raised, in order."""

    def run(*calls):
        db.session.remove()  # a write lock held here would stand in everybody's way
        results = [None] * len(calls)
        barrier = threading.Barrier(len(calls))

        def work(place, call):
            with persistent_core_app.app_context():
                barrier.wait()
                try:
                    results[place] = call()
                except BoleError as exc:
                    results[place] = exc

        threads = [threading.Thread(target=work, args=pair) for pair in enumerate(calls)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        return results

    return run


@dataclass
class Edition:
    """The tiny pack on disk, edited and published as its office's engineer does it."""

    folder: Path

    def edit(self, file, *changes):
        """Replace each old text by its new one, in the file on disk."""
        path = self.folder / SLUG / file
        text = path.read_text("utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        path.write_text(text, "utf-8")
        loader.load_pack.cache_clear()

    def publish(self, version=None, *, demo=False, in_force=True):
        """Under `version`, which is written into the file, or as it is."""
        if version is not None:
            path = self.folder / SLUG / "programme.toml"
            path.write_text(re.sub(r'(?m)^version = ".*"', f'version = "{version}"', path.read_text("utf-8")), "utf-8")
            loader.load_pack.cache_clear()
        return packs.publish(SLUG, demo=demo, in_force=in_force)


@pytest.fixture
def edition(people, tiny_packs):
    """The tiny pack, published as version 1."""
    made = Edition(tiny_packs)
    made.publish()
    return made
