"""A page from quarantine to its verdict: rebuilt, told once, the upload gone."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageFilter
from sqlalchemy import select

from models import storage
from models.application import queries
from models.application.pages import bound_to
from models.application.tables import Application, DocumentPage, Notice, Outbox
from models.clock import FixedClock
from models.crypto import Damaged
from models.extensions import db
from models.interview.wording import say
from models.office import units
from models.office.tables import UnitRow
from models.programme.loader import load_pack
from models.unit_of_work import unit_of_work
from workers import completeness, photos
from workers.photos import process_page


def judged(desk: Any, data: bytes, document: str = "id_card", chat: bool = True, status: str = "draft") -> DocumentPage:
    application = desk.application(status)
    if chat:
        desk.conversation(application)
    page_id, row_id = desk.page(application, data, document)
    with desk.app.app_context():
        process_page(row_id)
        process_page(row_id)
    assert desk.one(Outbox, id=row_id).state == "done"
    page: DocumentPage = desk.one(DocumentPage, id=page_id)
    return page


def told(desk: Any, lang: str = "zh") -> list[str]:
    return [say(notice.code, lang, **notice.params) for notice in desk.all(Notice)]


def test_good_page(persistent_desk: Any, good_photo: bytes) -> None:
    desk = persistent_desk
    page = judged(desk, good_photo)
    assert (page.state, page.reason, page.upload_key, page.width, page.height) == ("ok", None, None, 900, 1200)
    assert desk.files() == {page.image_key, page.thumb_key}
    assert told(desk) == ["「身份证」第 1 页清楚可用，已经收好。"]
    assert told(desk, "en") == ["“ID card”, page 1, is clear and has been kept."]
    with desk.app.app_context():
        image = storage.get(page.image_key, bound_to(page.id))
        assert Image.open(BytesIO(image)).size == (900, 1200)
        with pytest.raises(Damaged):
            storage.get(page.image_key, bound_to("another"))
        sealed = storage.current().files.read(page.image_key)
    assert image[:100] not in sealed


def test_blurred_page_is_kept_and_asked_for_again(
    desk: Any, page_of_print: Callable[..., Image.Image], encoded: Callable[..., bytes]
) -> None:
    page = judged(desk, encoded(page_of_print().filter(ImageFilter.GaussianBlur(9))))
    assert (page.state, page.reason) == ("retake", "photo.blurred")
    assert page.thumb_key is not None
    (sentence,) = told(desk)
    assert sentence.startswith("「身份证」第 1 页请重拍。照片模糊")


def test_a_machine_asks_once_then_people_look(
    persistent_desk: Any, page_of_print: Callable[..., Image.Image], encoded: Callable[..., bytes], clock: FixedClock
) -> None:
    """A faint certificate stays faint: nobody is kept from applying by what a program thinks of a photo."""
    desk, blurred = persistent_desk, encoded(page_of_print().filter(ImageFilter.GaussianBlur(9)))
    application = desk.answered("draft")
    desk.conversation(application)
    together = [desk.page(application, blurred) for _ in range(2)]  # sent before anything was said about them
    broken = None
    for sent in (*together, None):
        if sent is None:
            clock.advance(minutes=5)
            broken = desk.page(application, b"\xff\xd8\xff nothing to look at")
            sent = desk.page(application, blurred)
        with desk.app.app_context():
            process_page(sent[1])
    with desk.app.app_context():
        process_page(broken[1])
    states = {page.id: (page.state, page.reason) for page in desk.all(DocumentPage)}
    assert [states[page_id] for page_id, _ in together] == [("retake", "photo.blurred")] * 2
    assert states[sent[0]] == ("ok", "photo.blurred")
    assert states[broken[0]] == ("retake", "photo.damaged")
    assert any("由工作人员来看" in line for line in told(desk))
    with desk.app.app_context():
        found = completeness.find(queries.view(application), clock.today())
        assert ("finding.page_doubtful", False) in [(draft.code, draft.blocking) for draft in found]


def test_once_submitted_the_person_is_told_that_a_new_photo_takes_the_place_of_the_bad_one(
    desk: Any, page_of_print: Callable[..., Image.Image], encoded: Callable[..., bytes]
) -> None:
    page = judged(desk, encoded(page_of_print(300, 400)), status="submitted")
    assert page.reason == "photo.too_small"
    (sentence,) = told(desk)
    assert "请重拍" in sentence and "不用重新提交" in sentence
    (again,) = desk.all(Outbox, job="check_application")
    assert again.subject_id == page.application_id


@pytest.mark.parametrize(("document", "built"), [("portrait", 1), ("id_card", 0)])
def test_a_portrait_judged_after_handing_in_comes_onto_the_units_form(
    desk: Any, good_photo: bytes, document: str, built: int
) -> None:
    application = desk.application("submitted")
    with desk.app.app_context(), unit_of_work() as session:
        units.load_units(load_pack(desk.slug))
        row = session.get_one(Application, application)
        row.unit_id = session.scalars(select(UnitRow.id)).first()
    page_id, row_id = desk.page(application, good_photo, document)
    with desk.app.app_context():
        process_page(row_id)
    assert desk.one(DocumentPage, id=page_id).state == "ok"
    assert len(desk.all(Outbox, job="assemble_workbook")) == built


def test_a_portrait_may_be_small(
    desk: Any, page_of_print: Callable[..., Image.Image], encoded: Callable[..., bytes]
) -> None:
    studio = encoded(page_of_print(295, 413))
    assert judged(desk, studio, "portrait").state == "ok"
    assert judged(desk, studio, "id_card").state == "retake"


def test_not_a_picture_leaves_no_file(desk: Any) -> None:
    page = judged(desk, b"\xff\xd8\xff but nothing more")
    assert (page.state, page.reason, page.image_key) == ("retake", "photo.damaged", None)
    assert desk.files() == set()


def test_on_the_web_nobody_is_told(desk: Any, good_photo: bytes) -> None:
    assert judged(desk, good_photo, chat=False).state == "ok"
    assert desk.all(Notice) == []
    assert desk.all(Outbox, job="deliver_notice") == []


def test_pages_are_counted_as_the_person_counts(desk: Any, good_photo: bytes) -> None:
    application = desk.application()
    desk.conversation(application)
    first, _ = desk.page(application, good_photo)
    second, row_id = desk.page(application, good_photo)
    with desk.app.app_context():
        with unit_of_work() as session:
            session.get_one(DocumentPage, first).removed_at = desk.clock.now()
            session.get_one(DocumentPage, second).position = 2
        process_page(row_id)
    assert told(desk) == ["「身份证」第 1 页清楚可用，已经收好。"]


def remove(desk: Any, page_id: str) -> None:
    with unit_of_work() as session:
        session.get_one(DocumentPage, page_id).removed_at = desk.clock.now()


def test_removed_before_it_was_looked_at(desk: Any, good_photo: bytes) -> None:
    page_id, row_id = desk.page(desk.application(), good_photo)
    with desk.app.app_context():
        remove(desk, page_id)
        process_page(row_id)
    assert desk.one(DocumentPage, id=page_id).state == "received"
    assert desk.one(Outbox, id=row_id).state == "done"


def test_removed_while_it_was_looked_at(desk: Any, good_photo: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    application = desk.application()
    desk.conversation(application)
    page_id, row_id = desk.page(application, good_photo)
    real = photos.decode

    def slow(data: bytes) -> Any:
        with desk.app.app_context():
            remove(desk, page_id)
        return real(data)

    monkeypatch.setattr(photos, "decode", slow)
    with desk.app.app_context():
        process_page(row_id)
    page = desk.one(DocumentPage, id=page_id)
    assert (page.state, page.image_key) == ("received", None)
    assert desk.files() == {page.upload_key}  # which the removal erases
    assert desk.all(Notice) == []


def test_a_disk_that_fails_is_tried_again(
    desk: Any, good_photo: bytes, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> None:
    page_id, row_id = desk.page(desk.application(), good_photo)

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    with desk.app.app_context():
        with monkeypatch.context() as patch:
            patch.setattr(storage, "put", full)
            process_page(row_id)
        page = desk.one(DocumentPage, id=page_id)
        assert (page.state, desk.files()) == ("received", {page.upload_key})
        assert desk.one(Outbox, id=row_id).error.startswith("OSError at ")
        clock.advance(minutes=1)
        process_page(row_id)
    assert desk.one(DocumentPage, id=page_id).state == "ok"


def test_a_lost_upload_is_for_people(desk: Any, good_photo: bytes, clock: FixedClock) -> None:
    """A machine asks nobody for a photo again because of our own loss: the work fails, and staff see it."""
    application = desk.application()
    desk.conversation(application)
    page_id, row_id = desk.page(application, good_photo)
    with desk.app.app_context():
        storage.delete(desk.one(DocumentPage, id=page_id).upload_key)
        for _ in range(5):
            process_page(row_id)
            clock.advance(hours=1)
    page = desk.one(DocumentPage, id=page_id)
    assert (page.state, page.reason, told(desk)) == ("received", None, [])
    assert desk.one(Outbox, id=row_id).state == "failed"


def test_no_transaction_is_open_while_decoding(desk: Any, good_photo: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    _page_id, row_id = desk.page(desk.application(), good_photo)
    real, seen = photos.decode, []

    def watched(*given: Any) -> Any:
        seen.append(db.session().in_transaction())
        return real(*given)

    monkeypatch.setattr(photos, "decode", watched)
    with desk.app.app_context():
        process_page(row_id)
    assert seen == [False]
