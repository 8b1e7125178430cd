"""One PDF becomes a row a page: in its place, within the document's room, once however often the job is run."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from models import storage
from models.application.pages import bound_to, remove_page
from models.application.tables import DocumentPage, Notice, Outbox
from models.interview.wording import say
from models.unit_of_work import unit_of_work
from workers import photo_sheets, photos
from workers.decoding import DecoderBroken, Options, Refused
from workers.photos import process_page

Draw = Callable[..., Image.Image]


@pytest.fixture
def pdf(page_of_print: Draw) -> Callable[..., bytes]:
    """A scanned PDF of so many pages; those named in `blank` are empty paper."""

    def make(pages: int, blank: tuple[int, ...] = ()) -> bytes:
        paper = Image.new("RGB", (900, 1200), (250, 250, 250))
        sheets = [paper if number in blank else page_of_print(900, 1200) for number in range(1, pages + 1)]
        out = BytesIO()
        sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=100)
        return out.getvalue()

    return make


def judge(desk: Any, row_id: str, times: int = 1) -> None:
    with desk.app.app_context():
        for _ in range(times):
            process_page(row_id)


def rows(desk: Any, document: str = "id_card") -> list[DocumentPage]:
    found = desk.all(DocumentPage, document=document)
    return sorted(found, key=lambda page: (page.position, page.id))


def told(desk: Any) -> list[str]:
    return [say(notice.code, "zh", **notice.params) for notice in desk.all(Notice)]


def test_a_row_a_page_once(persistent_desk: Any, pdf: Callable[..., bytes]) -> None:
    desk = persistent_desk
    application = desk.application()
    desk.conversation(application)
    page_id, row_id = desk.page(application, pdf(3))
    judge(desk, row_id, times=2)
    found = rows(desk)
    assert [(page.sheet, page.state, page.position, page.reason) for page in found] == [
        (1, "ok", 1, None),
        (2, "ok", 2, None),
        (3, "ok", 3, None),
    ]
    assert found[0].id == page_id and found[0].upload_key is None
    assert [page.idempotency_key for page in found[1:]] == [f"{page_id}#2", f"{page_id}#3"]
    assert desk.files() == {key for page in found for key in (page.image_key, page.thumb_key)}
    assert told(desk) == ["「身份证」的 PDF 共收下 3 页，清楚可用。"]
    with desk.app.app_context():
        for page in found:
            assert Image.open(BytesIO(storage.get(page.image_key, bound_to(page.id)))).height == 2400


def test_a_photo_has_no_sheet(desk: Any, good_photo: bytes) -> None:
    _page_id, row_id = desk.page(desk.application(), good_photo)
    judge(desk, row_id)
    assert [page.sheet for page in rows(desk)] == [0]


def test_a_single_page_is_told_like_a_photo(desk: Any, pdf: Callable[..., bytes]) -> None:
    application = desk.application()
    desk.conversation(application)
    _page_id, row_id = desk.page(application, pdf(1))
    judge(desk, row_id)
    assert [page.sheet for page in rows(desk)] == [1]
    assert told(desk) == ["「身份证」第 1 页清楚可用，已经收好。"]


def test_sheets_stand_together_before_what_was_sent_later(
    desk: Any, pdf: Callable[..., bytes], good_photo: bytes
) -> None:
    application = desk.application()
    first, row_id = desk.page(application, pdf(2))
    later, later_row = desk.page(application, good_photo)
    with desk.app.app_context(), unit_of_work() as session:
        session.get_one(DocumentPage, later).position = 2
    judge(desk, later_row)
    judge(desk, row_id)
    assert [(page.id, page.position) for page in rows(desk)] == [
        (first, 1),
        (photo_sheets.row_id(first, 2), 2),
        (later, 3),
    ]


def test_never_more_than_the_document_takes_and_the_person_is_told(
    persistent_desk: Any, pdf: Callable[..., bytes]
) -> None:
    desk = persistent_desk
    application = desk.application()
    desk.conversation(application)
    _page_id, row_id = desk.page(application, pdf(5))
    judge(desk, row_id)
    found = rows(desk)
    assert len(found) == 3  # as the tiny pack has it
    assert found[0].flags == [{"code": "flag.pdf_more", "pages": 5, "kept": 3}]
    (sentence,) = told(desk)
    assert sentence.startswith("「身份证」的 PDF 有 5 页，超过这份材料能收的页数，只收下了 3 页。")


def test_pages_that_are_there_already_take_their_room(desk: Any, pdf: Callable[..., bytes], good_photo: bytes) -> None:
    application = desk.application()
    _photo, photo_row = desk.page(application, good_photo)
    judge(desk, photo_row)
    page_id, row_id = desk.page(application, pdf(3))
    judge(desk, row_id)
    found = rows(desk)
    assert len(found) == 3
    assert {"code": "flag.pdf_more", "pages": 3, "kept": 2} in desk.one(DocumentPage, id=page_id).flags
    assert desk.files() == {key for page in found for key in (page.image_key, page.thumb_key)}


def test_empty_backs_are_left_out_but_never_the_first_page(desk: Any, pdf: Callable[..., bytes]) -> None:
    _page_id, row_id = desk.page(desk.application(), pdf(3, blank=(2,)))
    judge(desk, row_id)
    assert [(page.sheet, page.state) for page in rows(desk)] == [(1, "ok"), (3, "ok")]
    _page_id, row_id = desk.page(desk.application(), pdf(2, blank=(1, 2)), "other")
    judge(desk, row_id)
    assert [(page.sheet, page.reason) for page in rows(desk, "other")] == [(1, "photo.blank")]


def test_a_damaged_page_alone_is_asked_for_again(
    desk: Any, pdf: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    application = desk.application()
    desk.conversation(application)
    real = photos.decode

    def second_damaged(data: bytes, options: Options, timeout: float) -> Any:
        if options.sheet == 2:
            raise Refused("photo.pdf_damaged")
        return real(data, options, timeout)

    monkeypatch.setattr(photos, "decode", second_damaged)
    _page_id, row_id = desk.page(application, pdf(3))
    judge(desk, row_id)
    assert [(page.sheet, page.state) for page in rows(desk)] == [(1, "ok"), (2, "retake"), (3, "ok")]
    (sentence,) = told(desk)
    assert sentence.startswith("「身份证」第 2 页请重拍。这个 PDF 打不开")


@pytest.mark.parametrize("sheet", [1, 3])
def test_a_page_made_to_take_long_refuses_the_file(
    desk: Any, pdf: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch, sheet: int
) -> None:
    real, asked = photos.decode, []

    def slow(data: bytes, options: Options, timeout: float) -> Any:
        asked.append(options.sheet)
        if options.sheet == sheet:
            raise Refused("photo.pdf_heavy")
        return real(data, options, timeout)

    monkeypatch.setattr(photos, "decode", slow)
    _page_id, row_id = desk.page(desk.application(), pdf(3))
    judge(desk, row_id)
    assert [(page.state, page.reason) for page in rows(desk)] == [("retake", "photo.pdf_heavy")]
    assert asked == list(range(1, sheet + 1))
    assert desk.files() == set()


def test_a_decoder_that_breaks_at_a_later_page_leaves_the_upload_for_another_try(
    desk: Any, pdf: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = photos.decode

    def broken(data: bytes, options: Options, timeout: float) -> Any:
        if options.sheet == 2:
            raise DecoderBroken
        return real(data, options, timeout)

    page_id, row_id = desk.page(desk.application(), pdf(2))
    with monkeypatch.context() as patched:
        patched.setattr(photos, "decode", broken)
        judge(desk, row_id)
    page = desk.one(DocumentPage, id=page_id)
    assert (page.state, desk.one(Outbox, id=row_id).state) == ("received", "pending")
    assert desk.files() == {page.upload_key}


def test_a_job_that_comes_late_adds_nothing(persistent_desk: Any, pdf: Callable[..., bytes]) -> None:
    """Two workers looked at the same upload; in between the person took a sheet away."""
    desk = persistent_desk
    application = desk.application()
    page_id, row_id = desk.page(application, pdf(3))
    with desk.app.app_context():
        late = photos.look_at(page_id)
    judge(desk, row_id)
    removed = photo_sheets.row_id(page_id, 2)
    with desk.app.app_context():
        remove_page(application, removed)
        again = photos.look_at(page_id)
        assert again is None
        storage.put(b"late", bound_to(removed), storage.key_for(removed, "image"))
        with unit_of_work() as session:
            photos.record(page_id, session, late)
    standing = [page for page in rows(desk) if page.removed_at is None]
    assert [page.sheet for page in standing] == [1, 3]
    assert desk.files() == {key for page in standing for key in (page.image_key, page.thumb_key)}


def test_removed_while_it_was_looked_at(desk: Any, pdf: Callable[..., bytes]) -> None:
    application = desk.application()
    page_id, _row_id = desk.page(application, pdf(2))
    with desk.app.app_context():
        verdict = photos.look_at(page_id)
        remove_page(application, page_id)
        with unit_of_work() as session:
            photos.record(page_id, session, verdict)
    assert len(rows(desk)) == 1
    assert desk.files() == set()


def test_somebody_used_the_name_that_a_sheet_would_have(
    desk: Any, pdf: Callable[..., bytes], good_photo: bytes
) -> None:
    application = desk.application()
    page_id, row_id = desk.page(application, pdf(2))
    other, _other_row = desk.page(application, good_photo)
    with desk.app.app_context(), unit_of_work() as session:
        session.get_one(DocumentPage, page_id).idempotency_key = "mine"
        session.get_one(DocumentPage, other).idempotency_key = "mine#2"
    judge(desk, row_id)
    assert desk.one(DocumentPage, id=photo_sheets.row_id(page_id, 2)).idempotency_key == f"{page_id}#2"


def test_a_faint_sheet_sent_again_is_kept_for_people(
    desk: Any, page_of_print: Draw, encoded: Callable[..., bytes], pdf: Callable[..., bytes], clock: Any
) -> None:
    """A machine asks once, whether the faint page came in a PDF or not."""
    from PIL import ImageFilter

    application = desk.application()
    faint = page_of_print().filter(ImageFilter.GaussianBlur(9))
    out = BytesIO()
    page_of_print().save(out, "PDF", save_all=True, append_images=[faint], resolution=100)
    page_id, row_id = desk.page(application, out.getvalue())
    judge(desk, row_id)
    second = desk.one(DocumentPage, id=photo_sheets.row_id(page_id, 2))
    assert (second.state, second.reason) == ("retake", "photo.blurred")
    judge(desk, desk.one(Outbox, subject_id=second.id).id)
    clock.advance(minutes=5)
    again, again_row = desk.page(application, encoded(faint))
    judge(desk, again_row)
    assert desk.one(DocumentPage, id=again).state == "ok"
