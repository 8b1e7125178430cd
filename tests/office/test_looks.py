"""Who looked at an application, as its person is told, on both databases."""

import pytest
from sqlalchemy import select

from models.application import looks, service
from models.application.tables import new_id
from models.extensions import db
from models.office import audit, reviews
from models.office.tables import Workbook
from models.unit_of_work import unit_of_work


@pytest.fixture
def world(persistent_world):
    return persistent_world


def told(world, app_id):
    return [
        (one.what, one.unit.code if one.unit else "", one.key)
        for one in looks.looks(db.session(), world.application(app_id))
    ]


def look(world, who, action, subject):
    audit.write_now(world.staff(who).id if who else None, action, subject)


def test_nobody_has_looked(world):
    assert told(world, world.applied()) == []


def test_what_staff_did_is_told_with_the_unit_and_once_a_day(world, clock):
    mine, other = world.applied("east"), world.applied("east")
    page, theirs = world.pages(mine)[0].id, world.pages(other)[0].id
    for _ in range(3):
        look(world, "east", audit.VIEW, f"application:{mine}")
    clock.advance(minutes=1)
    look(world, "office", audit.VIEW, f"application:{mine}")
    look(world, "east", audit.VIEW, f"application:{other}")
    clock.advance(minutes=1)
    look(world, "east", audit.VIEW_PAGE, f"page:{page}")
    look(world, "east", audit.VIEW_PAGE, f"page:{theirs}")
    clock.advance(minutes=1)
    look(world, "east", audit.FULL_PAGE, f"page:{page}")
    clock.advance(minutes=1)
    reviews.reveal(world.staff("east"), mine, "field:id_number", "核对身份证号", "zh")
    office = world.staff("office").unit.code
    expected = [
        (looks.REVEALED, "east", "field:id_number"),
        (looks.FULL_PHOTO, "east", ""),
        (looks.PHOTO, "east", ""),
        (looks.OPENED, office, ""),
        (looks.OPENED, "east", ""),
    ]
    assert told(world, mine) == expected
    clock.advance(days=1)
    look(world, "east", audit.VIEW, f"application:{mine}")
    assert told(world, mine) == [(looks.OPENED, "east", ""), *expected]
    assert told(world, other) == [(looks.PHOTO, "east", ""), (looks.OPENED, "east", "")]


def test_a_value_read_on_a_photo_and_revealed_is_told(world):
    app_id = world.applied()
    page = world.pages(app_id)[0].id
    look(world, "east", audit.REVEAL, f"page:{page}:id_number")
    assert told(world, app_id) == [(looks.REVEALED, "east", "document:card")]


def test_what_decides_or_keeps_house_is_no_look(world):
    app_id = world.applied()
    for action in (audit.APPROVE, audit.REROUTE, audit.FILL, audit.LOGIN):
        look(world, "east", action, f"application:{app_id}")
    assert told(world, app_id) == []


def test_tables_taken_out_since_one_is_in_them_are_told(world, clock):
    app_id = world.applied("east")
    round_id, unit_id = world.application(app_id).round_id, world.unit("east").id
    books = {}
    with unit_of_work() as session:
        for code in ("east", "west"):
            book = Workbook(id=new_id(), round_id=round_id, unit_id=world.unit(code).id, kind="summary", rows=1)
            book.content_hash, book.storage_key, book.built_at = "", "k", clock.now()
            session.add(book)
            books[code] = book.id
    look(world, "west", audit.EXPORT, f"workbook:{books['west']}")
    assert told(world, app_id) == []
    look(world, "east", audit.EXPORT, f"workbook:{books['east']}")
    clock.advance(days=1)
    look(world, None, audit.EXPORT, f"unit:{unit_id}")
    assert told(world, app_id) == [(looks.TAKEN_OUT, "", ""), (looks.TAKEN_OUT, "east", "")]
    later = world.applied("east")
    clock.advance(minutes=1)
    assert (looks.TAKEN_OUT, "east", "") not in told(world, later)


def test_after_the_deletion_nothing_names_the_person(world):
    app_id = world.applied()
    look(world, "east", audit.VIEW, f"application:{app_id}")
    service.delete(app_id)
    assert [what for what, _unit, _key in told(world, app_id)] == [looks.OPENED]
    assert db.session.scalars(select(audit.Audit.reason)).all().count("测试甲") == 0
