"""The record of what staff saw is a chain that the database guards: nothing in it changes, goes or comes unseen."""

import threading
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from models.application.tables import new_id
from models.extensions import db, writing
from models.office import audit, audit_chain
from models.office.audit_chain import Fault, Head, head, verify
from models.office.tables import Audit
from models.unit_of_work import unit_of_work


@pytest.fixture
def session(persistent_world):
    for number in range(1, 6):
        audit.write_now(None, audit.VIEW, f"application:{number}", f"第{number}次")
    db.session.rollback()
    return db.session()


def places(session):
    return [row.seq for row in session.execute(select(Audit.seq).order_by(Audit.at, Audit.seq))]


def whole(session):
    return [(fault.what, fault.seq) for fault in verify(session)]


def last_five(session):
    return list(session.scalars(select(Audit.id).order_by(Audit.seq.desc()).limit(5)))[::-1]


def by_force(session, *statements):
    """As somebody does it who may do anything in the database, but has no key."""
    session.rollback()
    with writing():
        if session.get_bind().dialect.name == "sqlite":
            for name in ("audit_stays", "audit_unchanged"):
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            session.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_stays"))
        for statement in statements:
            session.execute(statement)
        session.commit()


def test_lines_have_places_without_gaps_and_the_chain_holds(session):
    found = places(session)
    assert found == list(range(1, len(found) + 1)) and len(found) >= 5
    assert whole(session) == []
    assert head(session).seq == len(found) and len(head(session).digest) == 64
    digests = set(session.scalars(select(Audit.digest)))
    assert len(digests) == len(found)


@pytest.mark.parametrize("statement", [delete(Audit), update(Audit).values(reason="anders")])
def test_the_database_itself_refuses_to_change_or_delete_a_line(session, statement):
    before = places(session)
    session.rollback()
    with writing(), pytest.raises(DBAPIError, match="append only"):
        session.execute(statement)
    session.rollback()
    assert places(session) == before


def test_a_changed_line_is_one_fault(session):
    ids = last_five(session)
    seq = session.scalar(select(Audit.seq).where(Audit.id == ids[1]))
    by_force(session, update(Audit).where(Audit.id == ids[1]).values(reason="从没看过"))
    assert whole(session) == [("changed", seq)]


@pytest.mark.parametrize("column", ["at", "staff_id", "action", "subject", "reason", "digest"])
def test_no_part_of_a_line_can_be_changed(session, persistent_world, clock, column):
    ids = last_five(session)
    other = {"at": clock.now() + timedelta(days=1), "staff_id": persistent_world.staff("east").id}
    by_force(session, update(Audit).where(Audit.id == ids[4]).values({column: other.get(column, "x")}))
    assert [what for what, _seq in whole(session)] == ["changed"]


def test_lines_that_were_taken_out_leave_a_gap(session):
    ids = last_five(session)
    seq = session.scalar(select(Audit.seq).where(Audit.id == ids[1]))
    by_force(session, delete(Audit).where(Audit.id.in_(ids[1:3])))
    assert whole(session) == [("gap", seq)]


def test_closing_the_gap_by_new_numbers_does_not_help(session):
    ids = last_five(session)
    row = session.execute(select(Audit.seq).where(Audit.id == ids[3])).one()
    by_force(
        session,
        delete(Audit).where(Audit.id == ids[3]),
        update(Audit).where(Audit.id == ids[4]).values(seq=row.seq),
    )
    assert whole(session) == [("changed", row.seq)]


def test_a_line_put_in_from_outside_has_no_place(session, clock):
    values = {"id": new_id(), "at": clock.now(), "action": "view_application", "subject": "x", "reason": ""}
    by_force(session, insert(Audit).values(values))
    assert whole(session) == []  # a moment ago: its transaction may still be under way
    clock.advance(minutes=11)
    assert whole(session) == [("unplaced", 0)]


def test_an_end_that_was_cut_off_is_told_by_a_head_noted_before(session):
    noted = head(session)
    audit.write_now(None, audit.VIEW, "application:9")
    assert list(verify(session, noted)) == []
    ids = last_five(session)
    by_force(session, delete(Audit).where(Audit.id.in_(ids[2:])))
    assert whole(session) == []
    audit.write_now(None, audit.VIEW, "application:8")
    assert list(verify(session, noted)) == [Fault("head", noted.seq)]
    assert list(verify(session, Head())) == []


def test_what_is_rolled_back_takes_no_place(session):
    before = head(session)

    def fail():
        with unit_of_work() as inner:
            audit.write(inner, None, audit.VIEW, "application:gone")
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    with unit_of_work() as outer:
        with pytest.raises(ValueError):
            fail()
        audit.write(outer, None, audit.VIEW, "application:kept")
    assert head(session).seq == before.seq + 1 and whole(session) == []


def test_lines_from_before_the_chain_take_their_places_first(session, clock):
    """An installation that is brought up to date has lines without places."""
    by_force(session, update(Audit).values(seq=None, digest=""))
    clock.advance(hours=1)
    assert {what for what, _seq in whole(session)} == {"unplaced"}
    audit.write_now(None, audit.VIEW, "application:new")
    assert whole(session) == []
    assert session.scalar(select(Audit.subject).where(Audit.seq == head(session).seq)) == "application:new"


def test_many_at_once_make_one_chain(session):
    app, gate = current_app._get_current_object(), threading.Barrier(4)

    def write(number):
        with app.app_context():
            gate.wait()
            for turn in range(5):
                audit.write_now(None, audit.VIEW, f"application:{number}-{turn}")

    before = head(session).seq
    session.rollback()
    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert head(session).seq == before + 20 and whole(session) == []


def test_the_walk_goes_on_over_pages(session, monkeypatch):
    monkeypatch.setattr(audit_chain, "_PAGE", 2)
    assert whole(session) == []
    ids = last_five(session)
    by_force(session, update(Audit).where(Audit.id == ids[4]).values(subject="x"))
    assert [what for what, _seq in whole(session)] == ["changed"]
