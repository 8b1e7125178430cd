"""Tables that a unit fills in itself: kept row by row, checked cell by cell, two clerks at once, and added up."""

import threading
from datetime import date

import pytest
from sqlalchemy import func, select

from models.application import service
from models.application.tables import Outbox, Round, new_id
from models.crypto import Damaged
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.office import unit_counts, unit_table_saving, unit_tables, unit_totals
from models.office.tables import Audit, UnitTableRow
from models.office.unit_table_saving import SentRow, save
from models.office.workbook_records import load
from models.programme import idnumber
from models.programme.loader import load_pack

ID = idnumber.make("430401", date(1980, 4, 5), 12)
PLAN = {"post": "总工程师", "holder": ID, "grade": "良好", "urgency": "5", "since": "2019.3.1"}


def intake(slug="tiny"):
    return db.session.scalar(select(Round).where(Round.programme == slug))


def place(world, table="plan", unit="east", who="east", part=""):
    db.session.rollback()
    return unit_tables.find(world.staff(who), intake().id, world.unit(unit).id, table, part)


def put(world, raw, table="plan", unit="east", who="east", part="", ident=None, version=0):
    where = place(world, table, unit, who, part)
    (result,) = save(world.staff(who), where, [SentRow(ident or new_id(), version, raw)])
    return result


def named(world, number, raw, table="headcount", unit="east", who="east", part=""):
    where = place(world, table, unit, who, part)
    held = unit_tables.sheet(db.session(), where)[number]
    return put(world, raw, table, unit, who, part, held.id, held.version)


def stored(world, table="plan", unit="east", part=""):
    return [dict(row.values) for row in unit_tables.sheet(db.session(), place(world, table, unit, "office", part))]


def test_a_row_is_kept_sealed_with_version_audit_and_promise(persistent_world):
    world = persistent_world
    result = put(world, PLAN)
    assert (result.state, result.row.version) == ("saved", 1)
    whole = {"post": "总工程师", "holder": ID, "grade": "good", "urgency": 5, "since": "2019-03-01"}
    assert stored(world) == [whole]
    row = db.session.scalar(select(UnitTableRow))
    assert ID.encode() not in row.sealed and "总工程师".encode() not in row.sealed
    assert row.staff_id == world.staff("east").id
    (line,) = db.session.scalars(select(Audit).where(Audit.action == "fill_unit_table"))
    assert line.subject == f"unit:{world.unit('east').id}:plan" and ID not in line.reason
    builds = select(Outbox).where(Outbox.job == "assemble_workbook")
    assert [b.subject_id for b in db.session.scalars(builds)] == [f"{intake().id}{world.unit('east').id}"]
    put(world, {"post": "总经济师"}, ident=result.id, version=1)
    assert stored(world) == [{**whole, "post": "总经济师"}], "what was not sent stays"
    assert len(db.session.scalars(select(Audit).where(Audit.action == "fill_unit_table")).all()) == 1, "one sitting"


def test_a_row_opens_in_no_other_place(world):
    put(world, PLAN)
    put(world, PLAN)
    one, two = db.session.scalars(select(UnitTableRow))
    two.sealed = one.sealed
    db.session.commit()
    with pytest.raises(Damaged):
        stored(world)


@pytest.mark.parametrize(
    ("raw", "column"),
    [
        ({**PLAN, "holder": ID[:-1] + ("1" if ID[-1] != "1" else "2")}, "holder"),
        ({**PLAN, "urgency": "6"}, "urgency"),
        ({**PLAN, "grade": "很好"}, "grade"),
        ({**PLAN, "since": "去年"}, "since"),
        ({**PLAN, "post": "长" * 21}, "post"),
    ],
)
def test_one_wrong_cell_keeps_the_whole_row_out(world, raw, column):
    result = put(world, raw)
    assert result.state == "invalid" and list(result.problems) == [column]
    assert stored(world) == []
    kept = put(world, PLAN)
    again = put(world, {"post": "新岗位", column: raw[column]}, ident=kept.id, version=1)
    assert again.state == "invalid" and stored(world)[0]["post"] == "总工程师"


def test_right_rows_are_saved_beside_wrong_ones(world):
    rows = [SentRow(new_id(), 0, PLAN), SentRow(new_id(), 0, {"urgency": "9"}), SentRow(new_id(), 0, {"post": "乙"})]
    results = save(world.staff("east"), place(world), rows)
    assert [result.state for result in results] == ["saved", "invalid", "saved"]
    assert [row["post"] for row in stored(world)] == ["总工程师", "乙"]


def test_the_same_row_sent_twice_is_one_row(world):
    ident = new_id()
    assert put(world, PLAN, ident=ident).row.version == 1
    again = put(world, PLAN, ident=ident)
    assert (again.state, again.row.version) == ("saved", 1)
    assert len(stored(world)) == 1


def test_a_colleague_was_faster_in_the_same_row_and_nobody_loses_anything(world):
    first = put(world, PLAN)
    put(world, {"post": "同事填的"}, who="office", ident=first.id, version=1)
    late = put(world, {"post": "我填的"}, ident=first.id, version=1)
    assert late.state == "conflict" and late.row.values["post"] == "同事填的" and late.row.version == 2
    assert stored(world)[0]["post"] == "同事填的"
    assert put(world, {"post": "我填的"}, ident=first.id, version=2).state == "saved"


def test_different_rows_do_not_get_in_each_others_way(world):
    one, two = put(world, PLAN), put(world, {**PLAN, "post": "乙"})
    put(world, {"post": "甲改"}, who="office", ident=one.id, version=1)
    assert put(world, {"post": "乙改"}, ident=two.id, version=1).state == "saved"
    assert [row["post"] for row in stored(world)] == ["甲改", "乙改"]


def test_two_clerks_in_one_named_row_at_the_same_moment(persistent_world, persistent_app):
    world = persistent_world
    where = place(world, "headcount")
    ident = unit_tables.named_id(where, 0)
    gate, came = threading.Barrier(2), []

    def clerk(who, number):
        with persistent_app.app_context():
            here = place(world, "headcount", who=who)
            member = world.staff(who)
            db.session.rollback()  # looking it up must not hold the other one up
            gate.wait()
            came.append(save(member, here, [SentRow(ident, 0, {"full": number})])[0].state)
            db.session.remove()

    db.session.rollback()
    threads = [threading.Thread(target=clerk, args=pair) for pair in (("east", "3"), ("office", "4"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["conflict", "saved"]


def test_removing_needs_the_version_on_the_screen(world):
    row = put(world, PLAN)
    put(world, {"post": "同事改"}, ident=row.id, version=1)
    assert put(world, None, ident=row.id, version=1).state == "conflict"
    assert put(world, None, ident=row.id, version=2).state == "removed"
    assert stored(world) == []
    assert put(world, None, ident=row.id, version=2).state == "removed", "gone is gone"
    assert [a.reason for a in db.session.scalars(select(Audit).where(Audit.action == "remove_table_row"))] == ["1"]


def test_typing_into_a_row_that_a_colleague_removed_is_told(world):
    row = put(world, PLAN)
    put(world, None, who="office", ident=row.id, version=1)
    late = put(world, {"post": "我填的"}, ident=row.id, version=1)
    assert late.state == "conflict" and late.row is None
    assert put(world, {"post": "我填的"}, ident=row.id, version=0).state == "saved"


def test_a_row_that_the_notice_names_cannot_be_removed_or_added(world):
    named(world, 0, {"full": "2"})
    where = place(world, "headcount")
    row = unit_tables.sheet(db.session(), where)[0]
    assert save(world.staff("east"), where, [SentRow(row.id, row.version, None)])[0].state == "conflict"
    with pytest.raises(NotFound):
        put(world, {"full": "1"}, "headcount")


def test_a_table_that_is_full_says_so(world):
    rows = [SentRow(new_id(), 0, {"post": str(n)}) for n in range(7)]
    states = [result.state for result in save(world.staff("east"), place(world), rows)]
    assert states == ["saved"] * 6 + ["full"]
    with pytest.raises(InvalidAnswer):
        save(world.staff("east"), place(world), rows * 100)


def test_a_row_of_another_sheet_is_out_of_reach(world):
    row = put(world, PLAN)
    with pytest.raises(NotFound):
        put(world, {"post": "乙"}, unit="west", who="office", ident=row.id, version=1)
    for ident in ("x", "F" * 32, "0" * 31):
        with pytest.raises(NotFound):
            put(world, PLAN, ident=ident)


@pytest.mark.parametrize(
    ("who", "unit", "table", "part"),
    [
        ("west", "east", "plan", ""),
        ("answerer", "east", "plan", ""),
        ("other-east", "east", "plan", ""),
        ("east", "east", "nothing", ""),
        ("east", "east", "summary", ""),
        ("east", "east", "by_county", "north"),
        ("east", "east", "plan", "east"),
    ],
)
def test_what_is_out_of_reach_does_not_exist(world, who, unit, table, part):
    with pytest.raises(NotFound):
        unit_tables.find(world.staff(who), intake().id, world.unit(unit).id, table, part)


def test_an_administrator_sees_no_tables(world):
    with pytest.raises(NotFound):
        put(world, PLAN, who="admin")


def test_a_unit_above_reads_and_the_office_fills_in(world):
    assert unit_table_saving.may_fill(world.staff("office"), world.unit("east"))
    assert not unit_table_saving.may_fill(world.staff("west"), world.unit("east"))


def test_a_hidden_value_is_revealed_with_a_reason_and_audited(world):
    row = put(world, PLAN)
    where = place(world)
    with pytest.raises(InvalidAnswer):
        unit_table_saving.reveal(world.staff("east"), where, row.id, "holder", " ")
    assert unit_table_saving.reveal(world.staff("east"), where, row.id, "holder", "与身份证核对") == ID
    (line,) = db.session.scalars(select(Audit).where(Audit.action == "reveal"))
    assert line.reason == "holder: 与身份证核对" and ID not in line.subject
    for column in ("post", "nothing"):
        with pytest.raises(NotFound):
            unit_table_saving.reveal(world.staff("east"), place(world), row.id, column, "与身份证核对")


def test_workbooks_get_the_rows_and_copies_are_put_together(world):
    put(world, PLAN)
    put(world, {})
    named(world, 0, {"full": "2", "deputy": "5"})
    named(world, 0, {"people": "3"}, "by_county", part="east")
    named(world, 0, {"people": "4"}, "by_county", part="west")
    named(world, 1, {"people": "1"}, "by_county", part="west")
    records = load(db.session(), load_pack("tiny"), intake(), world.unit("east"))
    rows = records.unit_rows
    assert [row["post"] for row in rows["plan"]] == ["总工程师"], "a blank row is left out"
    assert rows["headcount"] == ({"full": 2, "deputy": 5}, {})
    assert rows["by_county"] == ({"people": 7}, {"people": 1})
    assert ID not in repr(records)
    assert load(db.session(), load_pack("tiny"), intake(), world.unit("west")).unit_rows == {}


def test_units_are_added_up_and_the_sums_agree(world):
    pack = load_pack("tiny")
    named(world, 0, {"full": "2", "deputy": "5", "other": "1"})
    named(world, 1, {"full": "3", "other": "4"}, unit="west", who="west")
    table = next(t for t in pack.workbooks.unit_tables if t.id == "headcount")
    (part,) = unit_totals.totals(db.session(), pack, intake(), table)
    assert [unit.code for unit in part.units] == ["east", "west"]
    assert [(row["full"], row["senior"]) for row in part.sheet.rows] == [(2, 7), (3, 3)]
    assert part.sheet.total["senior"] == 10 and part.sheet.grand == 15 and part.sheet.across == (8, 7)
    assert part.sheet.adds_up


def test_parts_are_added_up_one_by_one_and_together(world):
    pack = load_pack("tiny")
    named(world, 0, {"people": "3"}, "by_county", part="east")
    named(world, 1, {"people": "4"}, "by_county", part="west", unit="west", who="west")
    table = next(t for t in pack.workbooks.unit_tables if t.id == "by_county")
    found = unit_totals.totals(db.session(), pack, intake(), table)
    assert [(part.value, part.sheet.grand) for part in found] == [("east", 3), ("west", 4)]
    assert unit_totals.together(table, found).across == (3, 4)


def test_applicants_are_counted_as_a_suggestion_for_the_own_row(world):
    for name in ("甲", "乙"):
        world.applied("east", name)
    gone = world.applied("east", "丙")
    world.applied("west", "丁")
    service.withdraw(gone)
    assert unit_counts.suggested(db.session(), place(world, "headcount")) == ({"full": 2}, {})
    mine = place(world, "headcount", "office", "office")
    assert unit_counts.suggested(db.session(), mine) == ({"full": 2}, {"full": 1})
    assert unit_counts.suggested(db.session(), place(world)) == ()


def test_stored_rows_are_counted_for_the_list(world):
    put(world, PLAN)
    named(world, 0, {"people": "3"}, "by_county", part="east")
    east, west = world.unit("east").id, world.unit("west").id
    assert unit_tables.begun(db.session(), intake().id, [east, west]) == {
        (east, "plan", ""): 1,
        (east, "by_county", "east"): 1,
    }
    assert db.session.scalar(select(func.count()).select_from(UnitTableRow)) == 2
