"""A person's photo with the files on a real S3 server: taken in, judged, shown, deleted; and what a person sees while
the server does not answer."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from objects import ObjectServer
from PIL import Image, ImageDraw
from sqlalchemy import select

from models import storage
from models.application import service
from models.application.tables import DocumentPage, Outbox
from models.clock import FixedClock, SystemClock
from models.extensions import db
from models.settings import Settings
from workers.photos import process_page


@pytest.fixture
def settings(settings: Settings, object_server: ObjectServer) -> Settings:
    return object_server.settings(settings)


def _photo() -> bytes:
    picture = Image.new("RGB", (1200, 1600), (236, 234, 230))
    draw = ImageDraw.Draw(picture)
    for top in range(100, 1500, 36):
        draw.text((90, top), "Sample certificate 0123456789 " * 2, fill=(30, 30, 40), font_size=28)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


def _upload(person: Any, key: str, script: bool = False) -> Any:
    person.get(person.url("/d/id_card"))
    payload = {"_ticket": person.ticket, "photo": (io.BytesIO(_photo()), "p.jpg"), "_key": key}
    headers = person.headers | ({"Accept": "application/json"} if script else {})
    return person.client.post(person.url("/d/id_card"), data=payload, headers=headers, follow_redirects=True)


def _work(app: Flask) -> None:
    """What the photo worker does with what waits."""
    with app.app_context():
        for row in list(db.session.scalars(select(Outbox.id).where(Outbox.job == "process_page"))):
            db.session.rollback()
            process_page(row)


def _stored(app: Flask) -> set[str]:
    with app.app_context():
        return set(storage.current().files.keys_before(SystemClock().now() + timedelta(hours=1)))


def _pages(app: Flask) -> list[DocumentPage]:
    with app.app_context():
        found = list(db.session.scalars(select(DocumentPage)))
        db.session.expunge_all()
        return found


def test_a_photo_is_taken_in_judged_shown_and_deleted(person: Any, site: Flask) -> None:
    person.to_the_form()
    assert _upload(person, "one").status_code == 200
    (page,) = _pages(site)
    assert _stored(site) == {page.upload_key}
    _work(site)
    (page,) = _pages(site)
    assert (page.state, page.upload_key) == ("ok", None)
    assert _stored(site) == {page.image_key, page.thumb_key}
    shown = person.client.get(person.url(f"/page/{page.id}"))
    assert Image.open(io.BytesIO(shown.data)).format == "JPEG"
    with site.app_context():
        service.delete(person.app_id)
    assert _stored(site) == set()
    assert not (site.config["BOLE"].data / "files").exists()


def test_while_the_server_is_down_a_photo_is_not_acknowledged_and_then_it_is(
    person: Any, site: Flask, object_server: ObjectServer, clock: FixedClock
) -> None:
    person.to_the_form()
    object_server.stop()
    for script in (True, False):
        refused = _upload(person, "one", script)
        assert refused.status_code == 503
        assert "请过一两分钟再试" in (refused.json["error"] if script else refused.get_data(as_text=True))
    assert _pages(site) == []
    object_server.start()
    assert _upload(person, "one", script=True).json == {"kept": 1}
    object_server.stop()
    for _ in range(7):  # more often than work is tried: what is out of reach is no fault of the work
        _work(site)
        clock.advance(minutes=1)
    (page,) = _pages(site)
    assert page.state == "received"
    object_server.start()
    _work(site)
    (page,) = _pages(site)
    assert page.state == "ok"
