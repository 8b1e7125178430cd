"""The same photo twice: told once and kindly within an application, a flag for staff alone between two of them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from models import storage
from models.application.tables import Application, DocumentPage, Notice
from models.interview.wording import say
from models.unit_of_work import unit_of_work
from workers import completeness, twins
from workers.photos import process_page

Encoded = Callable[..., bytes]
Page = Callable[..., Image.Image]
ELSEWHERE = "flag.same_as_elsewhere"


def recompressed(data: bytes, share: float = 0.6, quality: int = 50) -> bytes:
    """As a chat program sends a photo on."""
    with Image.open(BytesIO(data)) as picture:
        small = picture.resize((int(picture.width * share), int(picture.height * share)))
    out = BytesIO()
    small.save(out, "JPEG", quality=quality)
    return out.getvalue()


def another(page: Image.Image) -> Image.Image:
    """Of the same template, with one name changed."""
    other = page.copy()
    other.paste(page.getpixel((5, 600)), (150, 200, 320, 260))
    return other


def sent(desk: Any, application: str, *photos: tuple[bytes, str]) -> list[DocumentPage]:
    pages = []
    for data, document in photos:
        page_id, row_id = desk.page(application, data, document)
        with desk.app.app_context():
            process_page(row_id)
        pages.append(desk.one(DocumentPage, id=page_id))
        desk.clock.advance(minutes=1)
    return pages


def said(page: DocumentPage) -> tuple[str, str | None, list[str]]:
    return page.state, page.reason, [flag["code"] for flag in page.flags]


def test_the_same_photo_again_in_its_document_is_said_and_kept(
    persistent_desk: Any, page_of_print: Page, encoded: Encoded
) -> None:
    desk, photo = persistent_desk, encoded(page_of_print(1000, 1400), quality=90)
    application = desk.application()
    desk.conversation(application)
    pages = sent(desk, application, (photo, "id_card"), (photo, "id_card"), (recompressed(photo), "id_card"))
    assert [said(page) for page in pages] == [
        ("ok", None, []),
        *[("ok", "photo.same_twice", ["flag.same_in_application"])] * 2,
    ]
    sentences = [say(notice.code, "zh", **notice.params) for notice in desk.all(Notice)]
    assert sentences[1].startswith("「身份证」第 2 页已经收好。这张和本材料里的另一张是同一张照片")


def test_in_another_document_it_may_well_belong(desk: Any, page_of_print: Page, encoded: Encoded) -> None:
    photo = encoded(page_of_print(1000, 1400))
    first, second = sent(desk, desk.application(), (photo, "id_card"), (photo, "other"))
    assert (said(first)[1], said(second)[1]) == (None, "photo.same_document")


def test_two_papers_of_one_template_are_two(desk: Any, page_of_print: Page, encoded: Encoded) -> None:
    page = page_of_print(1000, 1400)
    pages = sent(desk, desk.application(), (encoded(page), "id_card"), (encoded(another(page)), "id_card"))
    assert [said(page)[1] for page in pages] == [None, None]


def test_a_photo_that_was_removed_or_is_to_be_taken_again_has_no_twin(
    desk: Any, page_of_print: Page, encoded: Encoded
) -> None:
    photo, application = encoded(page_of_print(1000, 1400)), desk.application()
    (first,) = sent(desk, application, (photo, "id_card"))
    with desk.app.app_context(), unit_of_work() as session:
        session.get_one(DocumentPage, first.id).removed_at = desk.clock.now()
    (again,) = sent(desk, application, (photo, "id_card"))
    assert again.reason is None


def handed_in(desk: Any, photo: bytes, **columns: Any) -> tuple[str, DocumentPage]:
    application = desk.application("submitted")
    (page,) = sent(desk, application, (photo, "id_card"))
    with desk.app.app_context(), unit_of_work() as session:
        row = session.get_one(Application, application)
        row.submitted_at = desk.clock.now()
        for name, value in columns.items():
            setattr(row, name, value)
    return application, page


def checked(desk: Any, application: str) -> None:
    with desk.app.app_context():
        pairs = twins.elsewhere(application)
        with unit_of_work() as session:
            completeness.record_check(application, session, pairs)


def flags(desk: Any, page: DocumentPage) -> list[dict[str, str]]:
    found: list[dict[str, str]] = desk.one(DocumentPage, id=page.id).flags
    return found


@pytest.mark.parametrize("how", [lambda data: data, recompressed], ids=["the file", "sent on"])
def test_another_persons_photo_is_a_flag_on_both_and_never_said(
    persistent_desk: Any, page_of_print: Page, encoded: Encoded, how: Callable[[bytes], bytes]
) -> None:
    desk, photo = persistent_desk, encoded(page_of_print(1000, 1400), quality=90)
    first, one = handed_in(desk, photo, person_index="a")
    second, two = handed_in(desk, how(photo), person_index="b")
    for _ in range(2):  # twice is as good as once
        checked(desk, second)
    assert flags(desk, one) == [{"code": ELSEWHERE, "page": two.id, "application": second}]
    assert flags(desk, two) == [{"code": ELSEWHERE, "page": one.id, "application": first}]
    assert [desk.one(DocumentPage, id=page.id).reason for page in (one, two)] == [None, None]
    with desk.app.app_context(), unit_of_work() as session:
        session.get_one(DocumentPage, one.id).removed_at = desk.clock.now()
    checked(desk, second)
    assert flags(desk, two) == []


def test_no_flag_for_drafts_for_the_same_person_or_for_another_programme(
    desk: Any, page_of_print: Page, encoded: Encoded
) -> None:
    photo = encoded(page_of_print(1000, 1400), quality=90)
    handed_in(desk, photo, status="draft")
    handed_in(desk, photo, person_index="same", programme="elsewhere")
    earlier, _ = handed_in(desk, photo, person_index=None, programme="elsewhere")
    handed_in(desk, encoded(another(page_of_print(1000, 1400)), quality=90), person_index="other")
    own, page = handed_in(desk, photo, person_index="same")
    with desk.app.app_context():
        assert twins.elsewhere(own) == []
        with unit_of_work() as session:
            session.get_one(Application, earlier).programme = session.get_one(Application, own).programme
        assert [pair[0] for pair in twins.elsewhere(own)] == [page.id]


def test_a_thumbnail_that_is_gone_compares_with_nothing(desk: Any, page_of_print: Page, encoded: Encoded) -> None:
    photo = encoded(page_of_print(1000, 1400), quality=90)
    _, one = handed_in(desk, photo)
    second, _ = handed_in(desk, recompressed(photo))
    with desk.app.app_context():
        storage.delete(one.thumb_key)
        assert twins.elsewhere(second) == []


@pytest.mark.parametrize(
    ("share", "quality", "same"), [(1.0, 95, True), (0.4, 40, True), (0.5, 60, True)], ids=["as is", "worst", "usual"]
)
def test_thumbnails_of_one_photo(page_of_print: Page, encoded: Encoded, share: float, quality: int, same: bool) -> None:
    photo = encoded(page_of_print(1000, 1400), quality=90)
    assert twins.same_picture(thumb(photo), thumb(recompressed(photo, share, quality))) is same


def test_thumbnails_of_two_photos(page_of_print: Page, encoded: Encoded) -> None:
    page = page_of_print(1000, 1400)
    assert not twins.same_picture(thumb(encoded(page)), thumb(encoded(another(page))))
    assert not twins.same_picture(thumb(encoded(page)), thumb(encoded(page.rotate(90, expand=True))))


def thumb(data: bytes) -> bytes:
    with Image.open(BytesIO(data)) as picture:
        picture.thumbnail((320, 320), Image.Resampling.BOX)
        out = BytesIO()
        picture.save(out, "JPEG", quality=80)
    return out.getvalue()
