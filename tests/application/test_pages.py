"""Pages: idempotent, limited, encrypted, erased."""

import pytest
from sqlalchemy import select

from models import storage
from models.application import pages, photo_format, queries, service
from models.application.service import ReturnedItem
from models.application.tables import DocumentPage, Outbox
from models.errors import InvalidAnswer, NotFound
from models.extensions import db

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60


@pytest.fixture
def app_id(people):
    started = people.start()
    people.fill(started)
    return started


def files(app):
    return [p for p in (app.config["BOLE"].data / "files").rglob("*") if p.is_file()]


def test_a_page_is_kept_encrypted_and_its_processing_is_promised(app_id, persistent_core_app):
    page = service.add_page(app_id, "card", JPEG, "k1", "chat")
    assert (page.state, page.position, page.size, page.door) == ("received", 1, len(JPEG), "chat")
    assert storage.get(page.upload_key, pages.bound_to(page.id)) == JPEG
    assert JPEG not in files(persistent_core_app)[0].read_bytes()
    promised = db.session.scalar(select(Outbox).where(Outbox.job == "process_page"))
    assert promised.subject_id == page.id
    assert queries.view(app_id).answers["document:card"] == 1


def test_the_same_upload_twice_is_one_page(app_id, persistent_core_app):
    first = service.add_page(app_id, "card", JPEG, "k1", "web").id
    assert service.add_page(app_id, "card", JPEG, "k1", "web").id == first
    assert len(files(persistent_core_app)) == 1


def test_another_persons_key_is_not_mine(app_id, people):
    other = people.start()
    people.fill(other)
    assert (
        service.add_page(app_id, "card", JPEG, "k1", "web").id != service.add_page(other, "card", JPEG, "k1", "web").id
    )


@pytest.mark.parametrize(
    ("document", "data", "key"),
    [
        ("card", b"", "error.page_empty"),
        ("card", b" %PDF-1.7" + b"0" * 50, "error.page_not_image"),
        ("card", b"GIF89a" + b"0" * 50, "error.page_not_image"),
        ("card", b"\xff\xd8\xff" + bytes(photo_format.MAX_BYTES), "error.page_too_large"),
        ("passport", JPEG, "error.not_asked"),
    ],
)
def test_what_is_refused_leaves_no_file(app_id, persistent_core_app, document, data, key):
    with pytest.raises(InvalidAnswer) as caught:
        service.add_page(app_id, document, data, "k", "web")
    assert caught.value.key == key
    assert files(persistent_core_app) == []


def test_no_more_pages_than_the_document_takes(app_id, people):
    people.photograph(app_id, count=3)
    with pytest.raises(InvalidAnswer) as caught:
        service.add_page(app_id, "card", JPEG, "one-more", "web")
    assert caught.value.key == "error.too_many_pages"


def test_a_removed_page_is_erased_from_disk(app_id, persistent_core_app):
    page = service.add_page(app_id, "card", JPEG, "k1", "web")
    service.remove_page(app_id, page.id)
    service.remove_page(app_id, page.id)  # twice is once
    assert files(persistent_core_app) == []
    assert "document:card" not in queries.view(app_id).answers
    assert service.add_page(app_id, "card", JPEG, "k2", "web").position == 2


def test_nobody_removes_another_persons_page(app_id, people):
    other = people.start()
    page = service.add_page(app_id, "card", JPEG, "k1", "web")
    with pytest.raises(NotFound):
        service.remove_page(other, page.id)


def test_files_left_by_a_crash_after_the_commit_are_erased_later(app_id, persistent_core_app, monkeypatch):
    page = service.add_page(app_id, "card", JPEG, "k1", "web")
    with monkeypatch.context() as crash:
        crash.setattr(storage, "delete", lambda _key: (_ for _ in ()).throw(OSError()))
        service.remove_page(app_id, page.id)  # the removal stands
    assert len(files(persistent_core_app)) == 1
    assert pages.erase_removed() == 1
    assert files(persistent_core_app) == []
    assert pages.erase_removed() == 0


def test_an_optional_document_may_be_skipped_and_sent_after_all(app_id):
    service.skip_document(app_id, "extra")
    assert queries.view(app_id).answers["document:extra"] == 0
    service.add_page(app_id, "extra", JPEG, "k1", "web")
    assert queries.view(app_id).answers["document:extra"] == 1
    with pytest.raises(InvalidAnswer) as caught:
        service.skip_document(app_id, "card")
    assert caught.value.key == "error.document_required"


def test_a_page_to_take_again_does_not_count_and_reopens_its_document_after_the_hand_in(people):
    app_id = people.submitted()
    first = db.session.scalar(select(DocumentPage).where(DocumentPage.application_id == app_id))
    first.state, first.reason = "retake", "photo.blurred"
    db.session.commit()
    assert queries.view(app_id).answers["document:card"] == 1
    position = first.position
    again = service.add_page(app_id, "card", JPEG, "again", "chat")
    assert queries.view(app_id).answers["document:card"] == 2
    assert again.position == position, "it takes the place of the bad one"
    assert first.id not in [page.id for page in queries.view(app_id).pages]
    with pytest.raises(InvalidAnswer) as caught:
        service.add_page(app_id, "card", JPEG, "one-too-many", "chat")
    assert caught.value.key == "error.not_editable"


def test_after_the_hand_in_a_bad_page_is_replaced_also_where_enough_others_are_good(people):
    app_id = people.ready()
    third = service.add_page(app_id, "card", JPEG, "third", "web")
    service.submit(app_id, "web")
    db.session.get_one(DocumentPage, third.id).state = "retake"
    db.session.commit()
    service.add_page(app_id, "card", JPEG, "new", "web")
    assert [page.state for page in queries.view(app_id).document_pages("card")] == ["received"] * 3
    with pytest.raises(InvalidAnswer) as caught:
        service.add_page(app_id, "card", JPEG, "one-too-many", "web")
    assert caught.value.key == "error.not_editable"


def test_a_returned_document_is_dealt_with_by_a_new_page(people):
    app_id = people.submitted()
    service.return_items(app_id, [ReturnedItem("document:card", "反光")], 1, people.version(app_id))
    old = queries.view(app_id).document_pages("card")[0]
    service.remove_page(app_id, old.id)
    assert queries.view(app_id).outstanding == ("document:card",)
    service.add_page(app_id, "card", JPEG, "again", "chat")
    assert queries.view(app_id).outstanding == ()
    assert service.submit(app_id, "chat").status == "submitted"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe1xxxx", "jpeg"),
        (b"\x89PNG\r\n\x1a\nxxxx", "png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "heif"),
        (b"\x00\x00\x00\x18ftypavif\x00\x00", "avif"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"\x00\x00\x00\x18ftypmp42", None),
        (b"%!PS-Adobe", None),
        (b"", None),
    ],
)
def test_formats_are_told_by_their_first_bytes(head, kind):
    assert photo_format.image_format(head) == kind
