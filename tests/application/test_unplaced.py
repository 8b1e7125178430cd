"""Photos without a place, and photos that change theirs."""

import hashlib

import pytest
from sqlalchemy import select

from models import leftovers, sealed, storage
from models.application import pages, queries, refiling, service, unplaced, uploads
from models.application.photo_format import MAX_BYTES
from models.application.tables import DocumentPage, Outbox, Upload
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.unit_of_work import unit_of_work

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60
OTHER = JPEG + b"1"


@pytest.fixture
def app_id(people):
    started = people.start()
    people.fill(started)
    return started


def files(app):
    return [p for p in (app.config["BOLE"].data / "files").rglob("*") if p.is_file()]


def waiting(app_id):
    return unplaced.waiting(db.session(), app_id)


def test_it_is_kept_encrypted_and_becomes_a_page_under_its_key(app_id, persistent_core_app):
    unplaced.keep(app_id, JPEG, "k1", "chat")
    (upload_id,) = waiting(app_id)
    assert JPEG not in files(persistent_core_app)[0].read_bytes()
    page = unplaced.place(app_id, upload_id, "card", "chat")
    assert page.idempotency_key == "k1" and storage.get(page.upload_key, pages.bound_to(page.id)) == JPEG
    assert waiting(app_id) == () and len(files(persistent_core_app)) == 1
    assert db.session.scalar(select(Outbox).where(Outbox.subject_id == page.id)).job == "process_page"
    unplaced.keep(app_id, JPEG, "k1", "chat")
    assert waiting(app_id) == (), "a message that comes again after it was placed"


@pytest.fixture
def puts(monkeypatch):
    """How often a file is kept."""
    made, real = [], storage.Storage.put

    def counted(self, *given):
        made.append(real(self, *given))
        return made[-1]

    monkeypatch.setattr(storage.Storage, "put", counted)
    return made


def test_the_disk_keeps_a_photo_once(app_id, persistent_core_app, puts):
    unplaced.keep(app_id, JPEG, "k1", "chat")
    (upload_id,) = waiting(app_id)
    page = unplaced.place(app_id, upload_id, "card", "chat")
    assert puts == [page.upload_key] and page.id == upload_id, "the page has the file as it lay there"
    assert (page.size, page.sha256) == (len(JPEG), hashlib.sha256(JPEG).hexdigest())
    assert storage.get(page.upload_key, pages.bound_to(page.id)) == JPEG


def test_what_was_stored_before_is_not_stored_again_and_is_left_to_whoever_did_where_it_is_not_taken(
    app_id, persistent_core_app, puts
):
    first, again = pages.store_ahead(JPEG), pages.store_ahead(JPEG)
    unplaced.keep(app_id, JPEG, "k1", "chat", first)
    unplaced.keep(app_id, JPEG, "k1", "chat", again)
    assert (first.taken, again.taken) == (True, False) and len(puts) == 2
    for one in (first, again):
        pages.leave(one)
    assert [path.name for path in files(persistent_core_app)] == [first.upload_key.rpartition("/")[2]]


def test_what_is_rolled_back_takes_nothing(app_id, persistent_core_app):
    stored = pages.store_ahead(JPEG)
    with pytest.raises(ZeroDivisionError), unit_of_work():
        unplaced.keep(app_id, JPEG, "k1", "chat", stored)
        1 / 0  # noqa: B018
    assert not stored.taken and waiting(app_id) == ()


def test_what_was_kept_by_an_earlier_version_becomes_a_page_too(app_id, persistent_core_app):
    unplaced.keep(app_id, JPEG, "k1", "chat")
    (upload,) = db.session.scalars(select(Upload)).all()
    storage.delete(upload.parts[0]["key"])
    upload.parts = [{"key": storage.put(JPEG, uploads.bound_to(upload.id)), "size": len(JPEG), "number": 1}]
    db.session.commit()
    page = unplaced.place(app_id, upload.id, "card", "chat")
    assert storage.get(page.upload_key, pages.bound_to(page.id)) == JPEG
    assert len(files(persistent_core_app)) == 1 and waiting(app_id) == ()


def test_every_file_that_a_record_names_opens_for_what_it_is_bound_to(app_id):
    for key in ("k1", "k2"):
        unplaced.keep(app_id, JPEG, key, "chat")
    unplaced.place(app_id, waiting(app_id)[0], "card", "chat")
    with db.engine.connect() as connection:
        named = list(sealed.files(connection))
    assert sorted(one.named_by for one in named) == ["document_page.upload_key", "upload.parts"]
    assert [storage.get(one.key, one.bound_to) for one in named] == [JPEG, JPEG]


def test_the_same_key_waits_once_and_the_order_is_that_of_coming(app_id, persistent_core_app):
    for number in range(12):
        unplaced.keep(app_id, JPEG + bytes([number]), f"k:{number}", "chat")
        unplaced.keep(app_id, JPEG + bytes([number]), f"k:{number}", "chat")
    placed = [unplaced.place(app_id, one, "extra", "chat") for one in waiting(app_id)[:3]]
    assert [page.idempotency_key for page in placed] == ["k:0", "k:1", "k:2"]
    assert [page.position for page in placed] == [1, 2, 3]


@pytest.mark.parametrize("data", [b"", b"GIF89a" + b"0" * 50, b"\xff\xd8\xff" + bytes(MAX_BYTES)])
def test_what_can_become_no_page_is_refused(app_id, persistent_core_app, data):
    with pytest.raises(InvalidAnswer):
        unplaced.keep(app_id, data, "k1", "chat")
    assert files(persistent_core_app) == []


def test_a_document_that_takes_none_leaves_it_waiting(app_id, persistent_core_app):
    unplaced.keep(app_id, JPEG, "k1", "chat")
    for document in ("passport", ""):
        with pytest.raises(InvalidAnswer):
            unplaced.place(app_id, waiting(app_id)[0], document, "chat")
    assert len(waiting(app_id)) == 1 and len(files(persistent_core_app)) == 1


def test_it_belongs_to_its_application(app_id, people):
    unplaced.keep(app_id, JPEG, "k1", "chat")
    other = people.start()
    with pytest.raises(NotFound):
        unplaced.place(other, waiting(app_id)[0], "card", "chat")
    unplaced.drop(other, waiting(app_id))
    assert len(waiting(app_id)) == 1


def test_after_the_hand_in_nothing_more_is_kept(people):
    app_id = people.submitted()
    with pytest.raises(InvalidAnswer, match="not_editable"):
        unplaced.keep(app_id, JPEG, "k1", "chat")


def test_a_page_moves_to_another_document_and_is_judged_there(app_id, persistent_core_app):
    page = service.add_page(app_id, "extra", JPEG, "k1", "chat").id
    moved = refiling.refile(app_id, page, "card", "chat")
    assert moved.document == "card" and storage.get(moved.upload_key, pages.bound_to(moved.id)) == JPEG
    assert refiling.refile(app_id, page, "card", "chat").id == moved.id, "twice moves it once"
    kept = queries.view(app_id).pages
    assert [one.document for one in kept].count("extra") == 0
    assert refiling.refile(app_id, moved.id, "card", "chat").id == moved.id
    back = refiling.refile(app_id, moved.id, "extra", "chat")
    assert back.document == "extra" and back.state == "received"


def test_a_judged_page_moves_with_the_copy_that_was_rebuilt(app_id):
    page = db.session.get_one(DocumentPage, service.add_page(app_id, "extra", JPEG, "k1", "chat").id)
    page.state, page.image_key = "ok", storage.put(OTHER, pages.bound_to(page.id))
    page.upload_key = None
    db.session.commit()
    moved = refiling.refile(app_id, page.id, "card", "chat")
    assert storage.get(moved.upload_key, pages.bound_to(moved.id)) == OTHER and moved.state == "received"


def test_a_move_that_is_refused_changes_nothing(app_id):
    kept = [service.add_page(app_id, "extra", JPEG + bytes([n]), f"k{n}", "chat").id for n in range(4)]
    room = 3 - (queries.view(app_id).answers.get("document:card") or 0)
    for page in kept[:room]:
        refiling.refile(app_id, page, "card", "chat")
    with pytest.raises(InvalidAnswer, match="too_many_pages"):
        refiling.refile(app_id, kept[room], "card", "chat")
    assert db.session.get(DocumentPage, kept[room]).removed_at is None
    with pytest.raises(NotFound):
        refiling.refile(app_id, "0" * 32, "card", "chat")


def test_what_waits_is_no_leftover(app_id):
    unplaced.keep(app_id, JPEG, "k1", "chat")
    (upload,) = db.session.scalars(select(Upload)).all()
    assert upload.parts[0]["key"] in set(leftovers.named())
