"""What units wrote down before blind indexes were kept with it: filled in piece by piece, and compared then."""

import pytest
from entered_people import pasted, person, rows_of, work
from sqlalchemy import delete, select, update

from models.application.channel_tables import ChannelState
from models.application.tables import Outbox
from models.extensions import db
from models.office import batches, double_cases, double_filling
from models.office.batch_tables import BatchRow, Confirmation, Duplicate
from models.unit_of_work import unit_of_work
from workers.scheduler import keep_house


def as_before():
    """The rows as they were before there was an index: nobody has been compared."""
    db.session.rollback()
    with unit_of_work() as session:
        session.execute(update(BatchRow).values(person_index=None))
        session.execute(update(Confirmation).values(person_index=None))
        session.execute(delete(Duplicate))
        session.execute(delete(ChannelState).where(ChannelState.channel == "doubles"))


def listed(world, number, who):
    return pasted(world, [person(world, 1, 身份证号=number, 姓名="测试甲"), person(world, 2)], who)


def entered(world, number, who):
    ident = listed(world, number, who)
    batches.enter(world.staff(who), ident, batches_version(ident))
    work()


def batches_version(ident):
    db.session.rollback()
    return db.session.get(batches.Batch, ident).version


def indexes():
    db.session.rollback()
    rows = db.session.scalars(select(BatchRow.person_index).where(BatchRow.sealed.is_not(None), BatchRow.position > 0))
    return [*rows, *db.session.scalars(select(Confirmation.person_index))]


def until_done(most):
    """How many each piece has written."""
    pieces = []
    db.session.rollback()
    while double_filling._reached("tiny")[0] != double_filling.DONE:
        pieces.append(double_filling.fill(most))
    return pieces


@pytest.mark.usefixtures("not_twice_packs")
def test_lists_and_drafts_of_old_are_indexed_in_pieces_and_compared(persistent_world):
    world, number = persistent_world, persistent_world.number()
    entered(world, number, "west")
    ident = listed(world, number, "east")
    before = indexes()
    assert len(before) == 4 and all(before)
    as_before()
    versions = [row.version for row in rows_of(ident)]
    assert indexes() == [None] * 4
    pieces = until_done(1)
    assert sum(pieces) == 4 and max(pieces) == 1
    assert sorted(indexes()) == sorted(before)
    assert [row.version for row in rows_of(ident)] == versions, "an open page can still be saved"
    work()
    (case,) = double_cases.open_cases(db.session(), world.staff("office"))
    assert {case.first.kind, case.second.kind} == {"row", "draft"}
    db.session.rollback()
    assert double_filling.fill() == 0, "it is over"


@pytest.mark.usefixtures("not_twice_packs")
def test_it_is_safe_to_run_twice_and_from_the_start(world):
    number = world.number()
    for who in ("east", "west"):
        listed(world, number, who)
    as_before()
    assert sum(until_done(2)) == 4
    work()
    promised = len(db.session.scalars(select(Outbox.id).where(Outbox.job == "find_doubles")).all())
    db.session.rollback()
    with unit_of_work() as session:  # what it knows of its own work is lost
        session.execute(delete(ChannelState).where(ChannelState.channel == "doubles"))
    assert sum(until_done(2)) == 0
    assert len(db.session.scalars(select(Outbox).where(Outbox.job == "find_doubles")).all()) == promised
    assert len(double_cases.open_cases(db.session(), world.staff("office"))) == 1


@pytest.mark.usefixtures("not_twice_packs")
def test_what_was_changed_meanwhile_is_not_written_over(world):
    ident = listed(world, world.number(), "east")
    as_before()
    row = rows_of(ident)[0]
    stale = double_filling._Found(row.id, row.version - 1, "x", ident)
    good = double_filling._Found(row.id, row.version, "y", ident)
    db.session.rollback()
    with unit_of_work() as session:
        assert double_filling._write(session, double_filling.ROWS, stale) == 0
        assert double_filling._write(session, double_filling.ROWS, good) == 1
        assert double_filling._write(session, double_filling.ROWS, good) == 0
    assert "y" in indexes()


@pytest.mark.usefixtures("not_twice_packs")
def test_one_that_cannot_be_opened_keeps_nobody_else_out(world, capsys):
    ident = listed(world, world.number(), "east")
    as_before()
    broken = rows_of(ident)[0].id
    db.session.rollback()
    with unit_of_work() as session:
        session.execute(update(BatchRow).where(BatchRow.id == broken).values(sealed=b"no envelope"))
    assert sum(until_done(5)) == 1
    assert broken in capsys.readouterr().out


def test_where_two_units_may_report_somebody_nothing_is_kept(world):
    listed(world, world.number(), "east")
    as_before()
    assert double_filling.fill() == 0 and not any(indexes())
    assert double_filling._reached("tiny") == (double_filling.ROWS, ""), "it begins when the notice begins to say so"


@pytest.mark.usefixtures("not_twice_packs")
def test_the_clockwork_does_it(world):
    listed(world, world.number(), "east")
    as_before()
    db.session.rollback()
    keep_house()
    assert all(indexes())
