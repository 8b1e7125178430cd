"""Photos in parts: kept one by one, never twice, whole or not at all, and gone when nobody goes on with them."""

import hashlib
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models import storage
from models.application import pages, queries, service, uploads
from models.application.photo_format import MAX_BYTES
from models.application.service import ReturnedItem
from models.application.tables import DocumentPage, Outbox, Upload
from models.application.uploads import Announced
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from workers import scheduler

PHOTO = b"\xff\xd8\xff\xe0" + random.Random(4).randbytes(2996)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def announced(data=PHOTO, key="k", **also):
    return Announced("card", key, len(data), digest(data), **also)


@pytest.fixture
def app_id(people):
    started = people.start()
    people.fill(started)
    return started


def stored(app):
    return [path for path in (app.config["BOLE"].data / "files").rglob("*") if path.is_file()]


def send(app_id, data=PHOTO, size=1000, key="k", **also):
    """A whole photo, part by part; the last answer."""
    now = uploads.announce(app_id, announced(data, key, **also), "web")
    while not now.page_id:
        part = data[now.offset : now.offset + size]
        now = uploads.add_part(app_id, now.upload_id, now.offset, part, digest(part))
    return now


def test_parts_become_one_page_and_are_gone(app_id, persistent_core_app):
    done = send(app_id)
    (page,) = queries.view(app_id).document_pages("card")
    assert (done.page_id, done.sha256, done.offset) == (page.id, digest(PHOTO), len(PHOTO))
    assert (page.state, page.door, page.size, page.sha256) == ("received", "web", len(PHOTO), digest(PHOTO))
    assert storage.get(page.upload_key, pages.bound_to(page.id)) == PHOTO
    assert db.session.scalars(select(Upload)).all() == [] and len(stored(persistent_core_app)) == 1
    assert db.session.scalar(select(Outbox).where(Outbox.job == "process_page")).subject_id == page.id


def test_each_part_is_acknowledged_with_its_sum_and_kept_encrypted(app_id, persistent_core_app):
    first = uploads.announce(app_id, announced(), "web")
    assert first.offset == 0 and not first.page_id
    part = PHOTO[:1000]
    told = uploads.add_part(app_id, first.upload_id, 0, part, digest(part))
    assert (told.offset, told.sha256, told.page_id) == (1000, digest(part), "")
    (file,) = stored(persistent_core_app)
    assert part[100:200] not in file.read_bytes()
    assert uploads.progress(app_id, first.upload_id).offset == 1000
    assert queries.view(app_id).document_pages("card") == (), "nothing counts before it is whole"


def test_after_a_break_it_goes_on_where_it_was(app_id):
    now = uploads.announce(app_id, announced(), "web")
    uploads.add_part(app_id, now.upload_id, 0, PHOTO[:1000], digest(PHOTO[:1000]))
    again = uploads.announce(app_id, announced(), "web")
    assert (again.upload_id, again.offset) == (now.upload_id, 1000)


@pytest.mark.parametrize(
    ("offset", "part", "sum_of"),
    [
        (0, PHOTO[:1000], PHOTO[:1000]),  # sent before: its answer was lost
        (2000, PHOTO[2000:], PHOTO[2000:]),  # too early
        (1000, PHOTO[1000:2000], PHOTO[1000:1999]),  # damaged on the way
        (1000, PHOTO[1000:] + b"more", PHOTO[1000:] + b"more"),  # more than was announced
        (1000, b"", b""),
        (-1, PHOTO[:10], PHOTO[:10]),
        (1000, bytes(uploads.LARGEST_PART + 1), bytes(uploads.LARGEST_PART + 1)),
    ],
)
def test_what_does_not_fit_changes_nothing_and_is_told_where_to_go_on(
    app_id, persistent_core_app, offset, part, sum_of
):
    now = uploads.announce(app_id, announced(), "web")
    uploads.add_part(app_id, now.upload_id, 0, PHOTO[:1000], digest(PHOTO[:1000]))
    told = uploads.add_part(app_id, now.upload_id, offset, part, digest(sum_of))
    assert (told.offset, told.sha256, told.page_id) == (1000, "", "")
    assert len(stored(persistent_core_app)) == 1
    assert send(app_id).page_id


def test_a_photo_that_arrived_is_not_sent_again(app_id, persistent_core_app):
    done = send(app_id)
    again = uploads.announce(app_id, announced(), "web")
    assert (again.page_id, again.offset, again.sha256) == (done.page_id, len(PHOTO), digest(PHOTO))
    assert len(stored(persistent_core_app)) == 1


def test_bytes_that_are_not_what_was_announced_begin_again(app_id, persistent_core_app):
    other = PHOTO[:-1] + bytes([PHOTO[-1] ^ 1])
    now = uploads.announce(app_id, announced(), "web")
    told = uploads.add_part(app_id, now.upload_id, 0, other, digest(other))
    assert (told.offset, told.page_id) == (0, "") and stored(persistent_core_app) == []
    assert send(app_id).page_id


def test_a_key_is_taken_over_by_another_photo(app_id, persistent_core_app):
    now = uploads.announce(app_id, announced(), "web")
    uploads.add_part(app_id, now.upload_id, 0, PHOTO[:1000], digest(PHOTO[:1000]))
    other = PHOTO + b"x"
    assert uploads.announce(app_id, announced(other), "web").offset == 0
    assert stored(persistent_core_app) == []


def test_what_died_between_the_last_part_and_the_page_is_made_a_page_by_asking(app_id, monkeypatch):
    now = uploads.announce(app_id, announced(), "web")
    with monkeypatch.context() as crash:
        crash.setattr(pages, "add_page", lambda *_a, **_k: (_ for _ in ()).throw(SystemExit()))
        with pytest.raises(SystemExit):
            uploads.add_part(app_id, now.upload_id, 0, PHOTO, digest(PHOTO))
    assert queries.view(app_id).document_pages("card") == ()
    assert uploads.announce(app_id, announced(), "web").page_id
    assert len(queries.view(app_id).document_pages("card")) == 1


def test_a_part_that_the_disk_lost_makes_it_begin_again(app_id, persistent_core_app):
    now = uploads.announce(app_id, announced(), "web")
    uploads.add_part(app_id, now.upload_id, 0, PHOTO[:1000], digest(PHOTO[:1000]))
    stored(persistent_core_app)[0].unlink()
    told = uploads.add_part(app_id, now.upload_id, 1000, PHOTO[1000:], digest(PHOTO[1000:]))
    assert told.offset == 0
    assert send(app_id).page_id


def test_the_same_part_twice_at_once_is_kept_once(app_id, at_once, persistent_core_app):
    now = uploads.announce(app_id, announced(), "web")
    part = PHOTO[:1000]
    one = lambda: uploads.add_part(app_id, now.upload_id, 0, part, digest(part)).offset  # noqa: E731
    assert at_once(one, one) == [1000, 1000]
    assert len(stored(persistent_core_app)) == 1


def test_the_last_part_twice_at_once_makes_one_page(app_id, at_once):
    now = uploads.announce(app_id, announced(), "web")

    def last():
        try:
            return uploads.add_part(app_id, now.upload_id, 0, PHOTO, digest(PHOTO)).page_id
        except NotFound:  # the other one was through already: asking again tells
            return uploads.announce(app_id, announced(), "web").page_id

    one, two = at_once(last, last)
    (page,) = queries.view(app_id).document_pages("card")
    assert {one, two} <= {page.id, ""} and page.id in (one, two)


def test_nobody_reaches_another_persons_upload(app_id, people):
    other = people.start()
    now = uploads.announce(app_id, announced(), "web")
    with pytest.raises(NotFound):
        uploads.progress(other, now.upload_id)
    with pytest.raises(NotFound):
        uploads.add_part(other, now.upload_id, 0, PHOTO, digest(PHOTO))


@pytest.mark.parametrize(
    ("given_", "key"),
    [
        (Announced("card", "k", 0, digest(b"")), "error.page_empty"),
        (Announced("card", "k", -1, digest(b"")), "error.page_empty"),
        (Announced("card", "k", MAX_BYTES + 1, digest(b"")), "error.page_too_large"),
        (Announced("passport", "k", 10, digest(b"")), "error.not_asked"),
        (Announced("nothing", "k", 10, digest(b"")), "error.not_asked"),
    ],
)
def test_what_cannot_become_a_page_is_refused_before_it_is_sent(app_id, given_, key):
    with pytest.raises(InvalidAnswer) as caught:
        uploads.announce(app_id, given_, "web")
    assert caught.value.key == key
    assert db.session.scalars(select(Upload)).all() == []
    assert uploads.announce(app_id, Announced("card", "k", MAX_BYTES, digest(b"")), "web").offset == 0


def test_a_full_document_and_a_handed_in_one_take_no_more(app_id, people):
    people.photograph(app_id, count=3)
    with pytest.raises(InvalidAnswer) as caught:
        uploads.announce(app_id, announced(), "web")
    assert caught.value.key == "error.too_many_pages"
    other = people.submitted(id_number=people.number(2))
    with pytest.raises(InvalidAnswer) as caught:
        uploads.announce(other, announced(), "web")
    assert caught.value.key == "error.not_editable"


def test_no_photo_is_known_by_its_first_bytes(app_id, persistent_core_app):
    data = b"<html>" + PHOTO
    now = uploads.announce(app_id, announced(data), "web")
    with pytest.raises(InvalidAnswer) as caught:
        uploads.add_part(app_id, now.upload_id, 0, data[:1000], digest(data[:1000]))
    assert caught.value.key == "error.page_not_image"
    assert stored(persistent_core_app) == [] and db.session.scalars(select(Upload)).all() == []


def test_what_is_refused_at_the_end_leaves_nothing(app_id, people, persistent_core_app):
    now = uploads.announce(app_id, announced(), "web")
    people.photograph(app_id, count=3)
    with pytest.raises(InvalidAnswer) as caught:
        uploads.add_part(app_id, now.upload_id, 0, PHOTO, digest(PHOTO))
    assert caught.value.key == "error.too_many_pages"
    assert len(stored(persistent_core_app)) == 3 and db.session.scalars(select(Upload)).all() == []


def test_it_takes_the_place_of_the_page_that_it_names(app_id, people):
    ids = people.photograph(app_id, count=3)
    done = send(app_id, replaces=ids[1])
    assert [page.id for page in queries.view(app_id).document_pages("card")] == [ids[0], done.page_id, ids[2]]


def test_a_returned_document_is_dealt_with_by_a_photo_in_parts(people):
    app_id = people.submitted()
    old = queries.view(app_id).document_pages("card")[0]
    service.return_items(app_id, [ReturnedItem("document:card", "反光")], 1, people.version(app_id))
    send(app_id, replaces=old.id)
    assert queries.view(app_id).outstanding == ()


def test_one_too_many_takes_the_place_of_the_one_that_rested_longest(app_id, clock, persistent_core_app):
    opened = []
    for number in range(uploads.OPEN_AT_ONCE + 1):
        now = uploads.announce(app_id, announced(key=f"k{number}"), "web")
        uploads.add_part(app_id, now.upload_id, 0, PHOTO[:1000], digest(PHOTO[:1000]))
        opened.append(now.upload_id)
        clock.advance(minutes=1)
    assert len(stored(persistent_core_app)) == uploads.OPEN_AT_ONCE
    with pytest.raises(NotFound):
        uploads.progress(app_id, opened[0])
    assert all(uploads.progress(app_id, one).offset == 1000 for one in opened[1:])


def test_abandoned_uploads_are_gone_after_a_day(app_id, clock, persistent_core_app):
    now = uploads.announce(app_id, announced(), "web")
    uploads.add_part(app_id, now.upload_id, 0, PHOTO[:1000], digest(PHOTO[:1000]))
    clock.advance(hours=23)
    scheduler.keep_house()
    assert uploads.progress(app_id, now.upload_id).offset == 1000
    clock.advance(hours=2)
    scheduler.keep_house()
    assert stored(persistent_core_app) == []
    with pytest.raises(NotFound):
        uploads.progress(app_id, now.upload_id)


def test_what_is_on_its_way_goes_with_the_application(app_id, persistent_core_app):
    now = uploads.announce(app_id, announced(), "web")
    uploads.add_part(app_id, now.upload_id, 0, PHOTO[:1000], digest(PHOTO[:1000]))
    service.delete(app_id)
    assert stored(persistent_core_app) == [] and db.session.scalars(select(Upload)).all() == []
    with pytest.raises(InvalidAnswer):
        uploads.announce(app_id, announced(), "web")


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(400, 1700), min_size=1, max_size=4), lost=st.sets(st.integers(0, 5)))
def test_however_it_is_cut_and_whatever_answers_are_lost_it_arrives_whole(app_id, cuts, lost):
    key = f"cut-{cuts}-{sorted(lost)}"[:80]
    now = uploads.announce(app_id, announced(key=key), "web")
    turn = 0
    while not now.page_id:
        size = cuts[turn % len(cuts)]
        part = PHOTO[now.offset : now.offset + size]
        told = uploads.add_part(app_id, now.upload_id, now.offset, part, digest(part))
        now = uploads.announce(app_id, announced(key=key), "web") if turn in lost else told
        turn += 1
    page = db.session.get_one(DocumentPage, now.page_id)
    assert page.sha256 == digest(PHOTO)
    service.remove_page(app_id, page.id)
