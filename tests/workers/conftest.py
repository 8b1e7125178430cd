"""A tiny pack, drawn photos, and applications with pages: what the tests of the workers share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image, ImageDraw

from models import outbox, storage
from models.application import answers, rounds
from models.application.pages import bound_to
from models.application.tables import Application, ConsentRecord, Conversation, DocumentPage, new_id
from models.clock import Clock
from models.extensions import db
from models.interview import engine
from models.programme import idnumber, loader
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work

ON = date(2026, 11, 21)
PACKS = Path(__file__).parent / "packs"
SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def tiny_pack(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The slug of a small pack, the only one there is during the test."""
    monkeypatch.setattr(loader, "PACKS", PACKS)
    loader.load_pack.cache_clear()
    yield "tiny"
    loader.load_pack.cache_clear()


def draw_page(width: int = 900, height: int = 1200) -> Image.Image:
    """A page of print on slightly yellow paper, with a red corner at the top left."""
    picture = Image.new("RGB", (width, height), (235, 233, 228))
    draw = ImageDraw.Draw(picture)
    for top in range(height // 10, height - height // 10, max(12, height // 30)):
        draw.text((width // 12, top), "Sample certificate 0123456789 " * 2, fill=(30, 30, 40), font_size=height // 50)
    draw.rectangle((0, 0, width // 10, height // 14), fill=(200, 20, 20))
    return picture


def encode(picture: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    if form == "AVIF":  # as quickly as it goes: a small file takes ten times as long
        options = {"speed": 10, **options}
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


@pytest.fixture
def page_of_print() -> Callable[..., Image.Image]:
    return draw_page


@pytest.fixture
def encoded() -> Callable[..., bytes]:
    return encode


@pytest.fixture(scope="session")
def good_photo() -> bytes:
    """A sharp page as a phone sends it."""
    return encode(draw_page(), quality=85)


@pytest.fixture(scope="session")
def heavy_photo() -> bytes:
    """A page that takes about a second to decode: time to be killed in."""
    return encode(draw_page(1500, 2000).resize((6600, 7500)), "PNG", compress_level=1)


def _answers(pack: Pack) -> dict[str, Any]:
    given: dict[str, Any] = {
        "consent:data": True,
        "claim": ["worker"],
        "fact:works_here": True,
        "field:name": "王小明",
        "field:id_number": idnumber.make("430401", date(1990, 6, 15), 124),
        "field:birth": "1990-06-15",
        "field:sex": "female",
        "field:began": "2012-07",
    }
    live = {**given, "claim": ("worker",)}
    given["verdict"] = engine.accept(pack, live, "verdict", True, ON)
    optional = [ask for ask in engine.plan(pack, {**live, **given, "claim": ("worker",)}, ON).asks if not ask.required]
    for ask in optional:
        given[ask.key] = (
            0
            if ask.kind == "document"
            else engine.accept(pack, {**given, "claim": ("worker",)}, ask.key, [] if ask.kind == "rows" else "", ON)
        )
    return given


class Desk:
    """Makes rows as the services would, for one app; every call is a transaction of its own."""

    def __init__(self, app: Flask, slug: str) -> None:
        self.app = app
        self.slug = slug

    @property
    def clock(self) -> Clock:
        clock: Clock = self.app.extensions["bole"].clock
        return clock

    def application(self, status: str = "draft", language: str = "zh", version: str = "") -> str:
        """A new application in the round that is open on the clock's day."""
        with self.app.app_context(), unit_of_work() as session:
            pack = loader.load_pack(self.slug)
            round_ = rounds.ensure_notice_round(pack)
            made = Application(
                id=new_id(),
                programme=self.slug,
                pack_version=version or pack.programme.version,
                round_id=round_.id,
                status=status,
                language=language,
                receipt=f"BL-{new_id()[:8]}",
                resume_hash=new_id(),
                created_at=self.clock.now(),
                updated_at=self.clock.now(),
            )
            session.add(made)
            return made.id

    def conversation(self, application_id: str) -> str:
        """A conversation that carries the application on."""
        with self.app.app_context(), unit_of_work() as session:
            made = Conversation(
                id=new_id(),
                channel="webchat",
                sender=new_id(),
                programme=self.slug,
                application_id=application_id,
                created_at=self.clock.now(),
                updated_at=self.clock.now(),
            )
            session.add(made)
            return made.id

    def page(self, application_id: str, data: bytes, document: str = "id_card") -> tuple[str, str]:
        """A received page with its upload in quarantine, and the outbox row that promises its processing."""
        page_id = new_id()
        with self.app.app_context(), unit_of_work() as session:
            session.add(
                DocumentPage(
                    id=page_id,
                    application_id=application_id,
                    document=document,
                    position=1,
                    idempotency_key=page_id,
                    sha256=hashlib.sha256(data).hexdigest(),
                    size=len(data),
                    upload_key=storage.put(data, bound_to(page_id)),
                    door="web",
                    created_at=self.clock.now(),
                )
            )
            session.flush()
            return page_id, self.promised(session, "process_page", page_id)

    def answered(self, status: str, without: str = "", version: str = "", **changes: Any) -> str:
        """An application with every answer of the tiny pack (`without` one, with `changes`) and good pages."""
        application_id = self.application(status, version=version)
        with self.app.app_context(), unit_of_work() as session:
            pack = loader.load_pack(self.slug)
            now = self.clock.now()
            given = {key: value for key, value in {**_answers(pack), **changes}.items() if key != without}
            answers.save(session, application_id, pack, given, "web")
            session.add(
                ConsentRecord(application_id=application_id, consent="data", version=1, door="web", given_at=now)
            )
            for number, (document, position) in enumerate((("id_card", 1), ("id_card", 2), ("portrait", 1))):
                session.add(
                    DocumentPage(
                        application_id=application_id,
                        document=document,
                        position=position,
                        idempotency_key=str(number),
                        state="ok",
                        sha256="",
                        size=1,
                        door="web",
                        created_at=now,
                    )
                )
        return application_id

    @staticmethod
    def promised(session: Any, job: str, subject: str) -> str:
        row = outbox.promise(session, job, subject, f"{job}:{subject}")
        assert row is not None
        return row.id

    def promise(self, job: str, subject: str) -> str:
        with self.app.app_context(), unit_of_work() as session:
            return self.promised(session, job, subject)

    def all(self, table: type[Any], **where: Any) -> list[Any]:
        """Rows as they are now, detached."""
        with self.app.app_context():
            rows = list(db.session.query(table).filter_by(**where))
            db.session.expunge_all()
            return rows

    def one(self, table: type[Any], **where: Any) -> Any:
        (row,) = self.all(table, **where)
        return row

    def files(self) -> set[str]:
        """Keys of everything that is stored."""
        root = self.app.config["BOLE"].data / "files"
        return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.name[0] != "."}


@pytest.fixture
def make_desk(tiny_pack: str) -> Callable[[Flask], Desk]:
    """A desk for any app."""
    return lambda app: Desk(app, tiny_pack)


@pytest.fixture
def desk(app: Flask, make_desk: Callable[[Flask], Desk]) -> Desk:
    return make_desk(app)


@pytest.fixture
def persistent_desk(persistent_app: Flask, make_desk: Callable[[Flask], Desk]) -> Desk:
    """A desk on each of the two databases."""
    return make_desk(persistent_app)
