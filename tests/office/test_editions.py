"""Editions: what a unit took out, numbered, found again, and without whoever has left."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from workbooks_out import build, take

from models import sealed
from models.application import service
from models.application.tables import Round
from models.extensions import db
from models.office import editions
from models.office.edition_tables import Edition
from models.office.tables import UnitTableRow
from models.office.unit_table_saving import SentRow, save
from models.office.unit_tables import find
from models.unit_of_work import unit_of_work


def held(ident):
    db.session.rollback()
    return editions.rows(db.session.get_one(Edition, ident, populate_existing=True))


def test_what_is_taken_out_is_kept_and_numbered(persistent_world, clock):
    world = persistent_world
    app_id = world.applied(name="测试甲")
    book = build(world)["summary"]
    first = editions.of(db.session(), book)
    assert (first.number, first.rows, first.taken_at) == (1, 1, None)
    assert editions.latest(db.session(), book.round_id, book.unit_id, "summary") is None
    cells = editions.rows(first)[app_id]
    assert cells["field:name"] == "测试甲" and "seq" not in cells
    taken = take(book, world.staff("east"))
    assert taken == first.id
    other = world.applied(name="测试乙")
    build(world)  # nobody takes this one out: the next one replaces it
    third = world.applied(name="测试丙")
    clock.advance(minutes=1)
    book = build(world)["summary"]
    second = editions.of(db.session(), book)
    assert (second.number, db.session.query(Edition).filter_by(kind="summary").count()) == (2, 2)
    assert editions.latest(db.session(), book.round_id, book.unit_id, "summary").id == taken
    found = editions.changes(held(taken), editions.rows(second))
    assert (set(found.added), found.changed, found.gone) == ({other, third}, (), ())


def test_the_same_content_is_the_same_edition(persistent_world, clock):
    world = persistent_world
    world.applied(name="测试甲")
    book, staff = build(world)["summary"], world.staff("east")
    first = take(book, staff)
    kept = editions.Made(book.round_id, book.unit_id, "summary", book.content_hash, "1", held(first))
    clock.advance(minutes=1)
    with unit_of_work() as session:
        other = editions.record(session, replace(kept, content_hash="b" * 64), clock.now())
        other.taken_at = clock.now()
    clock.advance(minutes=1)
    with unit_of_work() as session:
        assert editions.record(session, kept, clock.now()).number == 1
    assert take(book, staff) == first
    assert editions.latest(db.session(), book.round_id, book.unit_id, "summary").id == first
    assert db.session.scalars(
        select(Edition.number).where(Edition.kind == "summary").order_by(Edition.number)
    ).all() == [1, 2]


@pytest.mark.parametrize("end", [service.withdraw, service.delete])
def test_whoever_leaves_is_in_no_edition(persistent_world, end):
    world = persistent_world
    stays, leaves = world.applied(name="测试甲"), world.applied(name="测试乙")
    first = take(build(world)["summary"], world.staff("east"))
    assert set(held(first)) == {stays, leaves}
    end(leaves)
    rows = held(first)
    assert set(rows) == {stays}
    assert editions.left(db.session.get_one(Edition, first), rows) == (leaves,)


def test_a_unit_s_own_rows_are_told_by_their_ids(world, clock):
    world.applied()
    intake = db.session.scalar(select(Round.id).where(Round.programme == "tiny"))
    place = find(world.staff("east"), intake, world.unit("east").id, "plan")
    ident = "a" * 32
    save(world.staff("east"), place, [SentRow(ident, 0, {"holder": world.number()})])
    db.session.rollback()
    assert db.session.scalar(select(UnitTableRow.id)) == ident
    book = build(world)["plan"]
    assert ident in editions.rows(editions.of(db.session(), book))


def test_people_s_forms_have_no_editions(world):
    world.applied()
    books = build(world)
    assert editions.of(db.session(), books["forms"]) is None
    assert "edition.sealed" in {place.name for place in sealed.COLUMNS}


def test_changes_by_cell():
    old = {"a": {"x": "1", "y": "2"}, "b": {"x": "1"}, "c": {}}
    new = {"d": {"x": "9"}, "a": {"x": "1", "z": "3"}, "c": {}}
    found = editions.changes(old, new)
    assert found.added == ("d",) and found.gone == ("b",)
    assert {(c.key, c.column, c.old, c.new) for c in found.changed} == {("a", "y", "2", ""), ("a", "z", "", "3")}
    assert not editions.changes(old, dict(reversed(old.items())))
