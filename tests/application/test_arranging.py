"""Pages in order, turned and taken again: idempotent, in their own document, never anybody else's."""

import io

import pytest
from PIL import Image

from models import storage
from models.application import pages, queries, readings, service
from models.application.service import ReturnedItem
from models.application.tables import DocumentPage
from models.documents.reading import Found, PageReading
from models.errors import InvalidAnswer, NotFound
from models.extensions import db

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60


@pytest.fixture
def app_id(people):
    started = people.start()
    people.fill(started)
    return started


def picture(width=60, height=40):
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue()


def judged(page_id, **also):
    """A page as the worker leaves it."""
    page = db.session.get_one(DocumentPage, page_id)
    storage.delete(page.upload_key)
    page.upload_key, page.state, page.width, page.height = None, "ok", 60, 40
    page.image_key = storage.put(picture(), pages.bound_to(page_id))
    page.thumb_key = storage.put(picture(30, 20), pages.bound_to(page_id))
    for name, value in also.items():
        setattr(page, name, value)
    db.session.commit()
    return page


def order(app_id, document="card"):
    return [page.id for page in queries.view(app_id).document_pages(document)]


def looked_at(page):
    with Image.open(io.BytesIO(storage.get(page.image_key, pages.bound_to(page.id)))) as image:
        image.load()
        return image


def stored(app):
    return [path for path in (app.config["BOLE"].data / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("page", "place", "after"),
    [(0, 2, "bac"), (2, 1, "cab"), (1, 2, "abc"), (0, 99, "bca"), (2, 0, "cab"), (1, -5, "bac")],
)
def test_a_page_goes_to_its_place_and_the_others_make_room(app_id, people, page, place, after):
    ids = people.photograph(app_id, count=3)
    wanted = [ids["abc".index(letter)] for letter in after]
    for _ in range(2):  # twice is once
        service.move_page(app_id, ids[page], place)
        assert order(app_id) == wanted


def test_pages_that_were_removed_are_not_counted_and_others_keep_their_order(app_id, people):
    ids = people.photograph(app_id, count=3)
    service.remove_page(app_id, ids[1])
    service.move_page(app_id, ids[2], 1)
    assert order(app_id) == [ids[2], ids[0]]
    new = service.add_page(app_id, "card", JPEG + b"n", "new", "web")
    assert order(app_id) == [ids[2], ids[0], new.id], "a new page is the last one"


def test_a_page_is_turned_from_the_rebuilt_copy_and_the_old_files_go(app_id, persistent_core_app):
    page_id = service.add_page(app_id, "card", JPEG, "k", "web").id
    page = judged(page_id)
    page.crop_key = storage.put(b"crop", pages.bound_to(page_id))
    read = PageReading("read", "id_front", {"name": Found("测试甲", "测试甲")})
    readings.save(db.session(), page, read, "test")
    db.session.commit()
    before, crop_key = {page.image_key, page.thumb_key}, page.crop_key
    service.turn_page(app_id, page_id)
    page = db.session.get_one(DocumentPage, page_id)
    assert (page.turn, page.width, page.height, page.crop_key) == (1, 40, 60, crop_key)
    assert not {page.image_key, page.thumb_key} & before and len(stored(persistent_core_app)) == 3
    assert storage.get(crop_key, pages.bound_to(page_id)) == b"crop", "cut upright: it stays"
    image = looked_at(page)
    assert image.size == (40, 60)
    assert image.getpixel((20, 10))[0] > 200, "what was on the left is above: a quarter clockwise"
    assert image.getpixel((20, 50))[2] > 200
    assert readings.of_application(app_id) == {}


def test_four_turns_are_none_but_say_that_they_happened(app_id):
    page = judged(service.add_page(app_id, "card", JPEG, "k", "web").id)
    for _ in range(4):
        service.turn_page(app_id, page.id)
    assert (page.turn, page.width, page.height) == (4, 60, 40)
    assert looked_at(page).getpixel((5, 20))[0] > 200


def test_pressing_twice_turns_once(app_id):
    page = judged(service.add_page(app_id, "card", JPEG, "k", "web").id)
    for _ in range(2):
        service.turn_page(app_id, page.id, seen=0)
    assert page.turn == 1


def test_pressed_at_once_on_two_devices_it_is_turned_once_and_nothing_is_left_over(
    app_id, at_once, persistent_core_app
):
    page_id = judged(service.add_page(app_id, "card", JPEG, "k", "web").id).id
    turn = lambda: service.turn_page(app_id, page_id, seen=0)  # noqa: E731
    assert at_once(turn, turn) == [None, None]
    assert db.session.get_one(DocumentPage, page_id).turn == 1
    assert len(stored(persistent_core_app)) == 2


def test_a_page_turned_elsewhere_before_its_copy_was_read_is_turned_once(app_id, persistent_core_app, monkeypatch):
    page_id = judged(service.add_page(app_id, "card", JPEG, "k", "web").id).id
    read = storage.get

    def late(key: str, bound_to: str) -> bytes:
        monkeypatch.setattr(storage, "get", read)
        service.turn_page(app_id, page_id, seen=0)
        return read(key, bound_to)

    monkeypatch.setattr(storage, "get", late)
    service.turn_page(app_id, page_id, seen=0)
    assert db.session.get_one(DocumentPage, page_id, populate_existing=True).turn == 1
    assert len(stored(persistent_core_app)) == 2


def test_a_copy_that_is_really_missing_is_said(app_id):
    page = judged(service.add_page(app_id, "card", JPEG, "k", "web").id)
    storage.delete(page.thumb_key)
    with pytest.raises(NotFound):
        service.turn_page(app_id, page.id)
    assert page.turn == 0


def test_what_cannot_be_seen_yet_cannot_be_turned(app_id):
    page = service.add_page(app_id, "card", JPEG, "k", "web")
    with pytest.raises(InvalidAnswer) as caught:
        service.turn_page(app_id, page.id)
    assert caught.value.key == "error.page_not_seen"


@pytest.mark.parametrize("act", [service.turn_page, lambda app_id, page_id: service.move_page(app_id, page_id, 1)])
def test_pages_of_others_and_pages_that_are_gone_are_not_found(app_id, people, act):
    other = people.start()
    ids = people.photograph(app_id)
    with pytest.raises(NotFound):
        act(other, ids[1])
    service.remove_page(app_id, ids[1])
    with pytest.raises(NotFound):
        act(app_id, ids[1])
    with pytest.raises(NotFound):
        act(app_id, "0" * 32)


@pytest.mark.parametrize("act", [service.turn_page, lambda app_id, page_id: service.move_page(app_id, page_id, 1)])
def test_after_the_hand_in_nothing_moves_and_a_return_opens_what_it_names(people, act):
    app_id = people.submitted()
    page = judged(order(app_id)[1])
    with pytest.raises(InvalidAnswer) as caught:
        act(app_id, page.id)
    assert caught.value.key == "error.not_editable"
    service.return_items(app_id, [ReturnedItem("field:name", "核对")], 1, people.version(app_id))
    with pytest.raises(InvalidAnswer) as caught:
        act(app_id, page.id)
    assert caught.value.key == "error.not_returned"


@pytest.mark.parametrize("act", [service.turn_page, lambda app_id, page_id: service.move_page(app_id, page_id, 1)])
def test_a_returned_document_is_dealt_with_by_putting_it_right(people, act):
    app_id = people.submitted()
    page = judged(order(app_id)[1])
    service.return_items(app_id, [ReturnedItem("document:card", "第2张是反的")], 1, people.version(app_id))
    act(app_id, page.id)
    assert queries.view(app_id).outstanding == ()


def test_a_photo_taken_again_takes_the_place_of_exactly_that_page(app_id, people):
    ids = people.photograph(app_id, count=3)
    new = service.add_page(app_id, "card", JPEG + b"n", "again", "web", ids[1])
    assert order(app_id) == [ids[0], new.id, ids[2]], "also where the document takes no more pages"
    same = service.add_page(app_id, "card", JPEG + b"n", "again", "web", ids[1])
    assert same.id == new.id and order(app_id) == [ids[0], new.id, ids[2]]


def test_a_photo_that_is_refused_leaves_the_old_one(app_id, people):
    ids = people.photograph(app_id)
    with pytest.raises(InvalidAnswer):
        service.add_page(app_id, "card", b"no picture", "again", "web", ids[1])
    assert order(app_id) == ids


def test_what_a_photo_should_replace_may_be_gone_and_then_it_is_one_more(app_id, people):
    ids = people.photograph(app_id)
    service.remove_page(app_id, ids[0])
    new = service.add_page(app_id, "card", JPEG + b"n", "again", "web", ids[0])
    assert order(app_id) == [ids[1], new.id]


def test_nobody_replaces_a_page_of_another_document_or_person(app_id, people):
    other = people.start()
    people.fill(other)
    theirs = people.photograph(other)
    extra = people.photograph(app_id, "extra", 1)
    service.add_page(app_id, "card", JPEG, "a", "web", theirs[0])
    service.add_page(app_id, "card", JPEG + b"n", "b", "web", extra[0])
    assert order(other) == theirs and order(app_id, "extra") == extra


def test_after_the_hand_in_only_an_unusable_page_is_replaced(people):
    app_id = people.submitted()
    ids = order(app_id)
    with pytest.raises(InvalidAnswer) as caught:
        service.add_page(app_id, "card", JPEG, "again", "web", ids[0])
    assert caught.value.key == "error.not_editable"
    judged(ids[1], state="retake", reason="photo.blurred")
    new = service.add_page(app_id, "card", JPEG, "again", "web", ids[1])
    assert order(app_id) == [ids[0], new.id]


def test_in_a_returned_application_only_pages_of_what_was_returned_are_replaced(people):
    app_id = people.submitted()
    ids = order(app_id)
    service.return_items(app_id, [ReturnedItem("field:name", "核对")], 1, people.version(app_id))
    with pytest.raises(InvalidAnswer) as caught:
        service.add_page(app_id, "card", JPEG, "again", "web", ids[0])
    assert caught.value.key == "error.not_returned"
