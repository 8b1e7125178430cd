"""A small programme of its own, and a person who talks to it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from built_once import built_once
from flask import Flask
from PIL import Image
from sqlalchemy import select

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage, MediaRef, OutboundMessage
from models.application import prefill, rounds
from models.extensions import db
from models.office import units
from models.office.tables import Staff, UnitRow
from models.programme import idnumber, loader

PACKS = Path(__file__).parent / "packs"
SLUG = "orchard"
ID_NUMBER = idnumber.make("430400", date(1980, 5, 6), 12)


@pytest.fixture
def orchard(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only the orchard programme is there, and nothing that could read a card: it is not offered first."""
    monkeypatch.setattr(loader, "PACKS", PACKS)
    monkeypatch.setattr(prefill, "reader_is_there", lambda: False)
    loader.load_pack.cache_clear()
    yield
    loader.load_pack.cache_clear()


@pytest.fixture
def chat_app(orchard: None, app: Flask) -> Iterator[Flask]:
    yield from _open(app)


@pytest.fixture
def persistent_chat_app(orchard: None, persistent_app: Flask) -> Iterator[Flask]:
    yield from _open(persistent_app)


def _open(app: Flask) -> Iterator[Flask]:
    app.extensions["bole"].redis = None  # jobs are left to the sweep: no queue is needed here
    with app.app_context():
        built_once(app, "orchard", _open_round)
        yield app
        db.session.remove()


def _open_round() -> None:
    units.load_units(loader.load_pack(SLUG))
    rounds.open_round(SLUG, "试验", date(2026, 11, 1), date(2026, 12, 31))


def photo(shade: int = 120) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 90, 60)).save(out, "JPEG")
    return out.getvalue()


class Person:
    """Somebody who talks on a channel; every message has its own key."""

    def __init__(self, sender: str = "p1", channel: str = "test", programme: str | None = SLUG) -> None:
        self.sender, self.channel, self.programme, self.count = sender, channel, programme, 0
        self.last: list[OutboundMessage] = []

    def message(self, text: str = "", media: tuple[bytes, ...] = (), key: str | None = None) -> InboundMessage:
        self.count += 1
        refs = tuple(MediaRef(str(number), data) for number, data in enumerate(media))
        return InboundMessage(self.channel, self.sender, key or f"k{self.count}", text, refs, programme=self.programme)

    def says(self, *texts: str) -> str:
        """Send each text; the plain text of the last reply."""
        for text in texts:
            self.last = conversation.handle(self.message(text))
        return self.heard

    def shows(self, *photos: bytes, words: str = "") -> str:
        self.last = conversation.handle(self.message(words, photos))
        return self.heard

    def nudges(self) -> str:
        self.last = conversation.handle(self.message())
        return self.heard

    @property
    def heard(self) -> str:
        return "\n".join(message.plain() for message in self.last)


@pytest.fixture
def person(chat_app: Flask) -> Person:
    return Person()


@pytest.fixture
def new_person() -> type[Person]:
    """Further people: `new_person("p2")`."""
    return Person


@pytest.fixture
def photograph() -> Callable[..., bytes]:
    return photo


@pytest.fixture
def id_number() -> str:
    return ID_NUMBER


@pytest.fixture
def staff_id(chat_app: Flask) -> int:
    """Somebody of the office."""
    unit = db.session.scalars(select(UnitRow)).first()
    assert unit is not None
    member = Staff(email="o@example.org", fs_uniquifier="o", display_name="办公室", unit_id=unit.id, active=True)
    db.session.add(member)
    db.session.commit()
    return member.id
