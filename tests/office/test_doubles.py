"""One person at two units (不重报): what is found, what the office settles, what each unit reads of it."""

import pytest
from entered_people import batch_of, pasted, person, rows_of, work
from sqlalchemy import delete, select

from models import outbox
from models.application import queries, service
from models.application.tables import Application
from models.errors import Conflict, IllegalTransition, InvalidAnswer, NotFound
from models.extensions import db
from models.office import batch_dropping, batch_mending, batch_of_one, batches, confirmations, double_cases
from models.office.batch_mending import Sent
from models.office.batch_tables import BatchRow, Duplicate
from models.office.double_cases import FIRST, SECOND
from models.office.tables import Audit
from models.unit_of_work import unit_of_work

REASON = "人事关系在另一单位"


def cases(world):
    db.session.rollback()
    return double_cases.open_cases(db.session(), world.staff("office"), named=True)


def side_of(world, case, unit):
    return FIRST if case.first.unit_id == world.unit(unit).id else SECOND


def settled(world, unit, reason=REASON):
    (case,) = cases(world)
    return double_cases.settle(world.staff("office"), case.pair.id, case.stamp, side_of(world, case, unit), reason)


def listed(world, number, who="east", name="测试甲"):
    return pasted(world, [person(world, 1, 身份证号=number, 姓名=name), person(world, 2)], who)


@pytest.mark.usefixtures("not_twice_packs")
def test_a_list_that_names_an_applicant_of_another_unit_is_found_and_its_row_dropped(persistent_world):
    world, number = persistent_world, persistent_world.number()
    app_id = world.applied("west", id_number=number)
    ident = listed(world, number)
    (case,) = cases(world)
    west, east = (place for _side, place in case.sides)
    assert (west.kind, west.id, west.receipt != "") == ("application", app_id, True)
    assert (east.kind, east.name, east.number) == ("row", "测试甲", f"{number[:4]}{'*' * 13}{number[-1]}")
    assert not double_cases.open_cases(db.session(), world.staff("east"))
    settled(world, "west")
    assert cases(world) == [] and len(rows_of(ident)) == 1
    assert queries.view(app_id).application.unit_id == world.unit("west").id
    line = db.session.scalars(select(Audit).where(Audit.action == "settle_double")).one()
    assert line.reason == REASON


@pytest.fixture
def strict(not_twice_packs, world):
    return world


def test_whoever_applies_alone_is_handed_to_the_unit_that_lists_them(strict):
    number = strict.number()
    ident = listed(strict, number)
    assert cases(strict) == []
    app_id = strict.applied("west", id_number=number)
    work()
    settled(strict, "east")
    application = queries.view(app_id).application
    assert application.unit_id == strict.unit("east").id and len(rows_of(ident)) == 1
    assert queries.view(app_id).events[-1].data["reason"] == REASON
    assert db.session.scalars(select(Audit.subject).where(Audit.action == "reroute")).all() == [f"application:{app_id}"]


def test_two_lists_with_one_person_are_found_once_however_they_come(strict):
    number = strict.number()
    east, west = listed(strict, number), listed(strict, number, "west", "测试乙")
    (case,) = cases(strict)
    assert {case.first.name, case.second.name} == {"测试甲", "测试乙"} and case.moves == ""
    for one in (east, west):
        outbox.promise(db.session(), "find_doubles", one, f"again:{one}")
    db.session.commit()
    work()
    assert len(cases(strict)) == len(db.session.scalars(select(Duplicate)).all()) == 1
    pair = settled(strict, "west")
    assert (pair.state, pair.decision) == ("settled", "keep") and [len(rows_of(one)) for one in (east, west)] == [1, 2]


def test_an_entered_draft_goes_on_with_its_case_and_ends_with_it(strict):
    number = strict.number()
    east, _west = listed(strict, number), listed(strict, number, "west")
    batches.enter(strict.staff("east"), east, batch_of(strict, east).version)
    work()
    app_id = rows_of(east)[0].application_id
    (case,) = cases(strict)
    assert {case.first.kind, case.second.kind} == {"draft", "row"}
    assert {case.first.id, case.second.id} >= {app_id} and case.pair.first_id < case.pair.second_id
    settled(strict, "west")
    view = queries.view(app_id)
    assert view.application.status == "withdrawn" and view.events[-1].type == "set_aside"
    assert "别的单位" in queries.timeline(view, "zh")[-1].text
    row = confirmations.of_application(app_id)
    assert confirmations.standing(row, view.application) == "ended" and row.person_index is None


def test_a_row_that_is_entered_while_it_is_compared_stands_under_its_application(strict):
    number = strict.number()
    east, _west = listed(strict, number), listed(strict, number, "west")
    found = double_cases.look_for(db.session(), east)
    with unit_of_work() as session:
        session.execute(delete(Duplicate))
    batches.enter(strict.staff("east"), east, batch_of(strict, east).version)
    work()
    with unit_of_work() as session:
        double_cases.keep(session, found)
    (case,) = cases(strict)
    assert rows_of(east)[0].application_id in (case.pair.first_id, case.pair.second_id)


def test_a_case_is_over_by_itself_when_one_side_mends_removes_or_throws_away(strict):
    number = strict.number()
    east, west = listed(strict, number), listed(strict, number, "west")
    row = rows_of(east)[0]
    batch_mending.save_rows(strict.staff("east"), east, [Sent(row.id, row.version, {2: strict.number()})])
    assert cases(strict) == [] and double_cases.tidy() == 1
    assert db.session.scalars(select(Duplicate)).all() == []
    row = rows_of(east)[0]
    batch_mending.save_rows(strict.staff("east"), east, [Sent(row.id, row.version, {2: number})])
    work()
    assert len(cases(strict)) == 1 and double_cases.tidy() == 0  # typed back
    batch_dropping.drop(strict.staff("west"), west, batch_of(strict, west, "west").version)
    assert cases(strict) == [] and db.session.scalars(select(Duplicate)).all() == []


def test_nothing_is_settled_unlooked_at_without_a_reason_or_by_others(strict):
    number = strict.number()
    app_id = strict.applied("west", id_number=number)
    listed(strict, number)
    (case,) = cases(strict)
    pair_id, stamp, side = case.pair.id, case.stamp, side_of(strict, case, "east")
    for who in ("east", "admin"):
        with pytest.raises(NotFound):
            double_cases.settle(strict.staff(who), pair_id, stamp, side, REASON)
    for wrong, reason in (("", REASON), (side, " ")):
        with pytest.raises(InvalidAnswer):
            double_cases.settle(strict.staff("office"), pair_id, stamp, wrong, reason)
    service.approve(app_id, strict.staff("west").id, queries.view(app_id).application.version, "")
    with pytest.raises(Conflict):
        double_cases.settle(strict.staff("office"), pair_id, stamp, side, REASON)
    assert len(cases(strict)) == 1
    settled(strict, "east")
    with pytest.raises(Conflict):
        double_cases.settle(strict.staff("office"), pair_id, stamp, side, REASON)


def test_who_is_reported_upward_stays_where_they_are(reporting_packs, strict):
    number = strict.number()
    app_id = strict.applied("west", id_number=number)
    listed(strict, number)
    db.session.get(Application, app_id).status = "reported"
    db.session.commit()
    (case,) = cases(strict)
    assert not case.movable
    with pytest.raises(IllegalTransition):
        settled(strict, "east")
    db.session.rollback()
    settled(strict, "west")


def test_where_the_notice_does_not_say_so_nothing_is_compared(world):
    number = world.number()
    listed(world, number)
    listed(world, number, "west")
    assert cases(world) == [] and db.session.scalars(select(Duplicate)).all() == []
    assert set(db.session.scalars(select(BatchRow.person_index))) == {None}


def test_the_same_unit_and_another_programme_are_no_pair(strict):
    number = strict.number()
    strict.applied("east", id_number=number, slug="other")
    listed(strict, number)
    listed(strict, number)
    assert cases(strict) == []


def test_whoever_is_erased_leaves_no_pair_behind(strict):
    number = strict.number()
    app_id = strict.applied("west", id_number=number)
    listed(strict, number)
    assert len(cases(strict)) == 1
    service.delete(app_id)
    assert db.session.scalars(select(Duplicate)).all() == []


def test_the_pages_say_both_places_to_the_office_and_the_outcome_to_the_unit(strict, sign_in):
    number = strict.number()
    strict.applied("west", id_number=number, name="测试甲")
    ident = listed(strict, number)
    (case,) = cases(strict)
    pair_id, west = case.pair.id, strict.unit("west").name
    office = sign_in("office")
    page = office.get("/office/doubles").text
    assert "测试甲" in page and west in page and number not in page
    shown = office.get(f"/office/doubles/{pair_id}").text
    assert number not in shown and case.stamp in shown
    assert db.session.scalar(select(Audit.subject).where(Audit.action == "view_double")) == f"double:{pair_id}"
    late = office.post(f"/office/doubles/{pair_id}", data={"stamp": "0.0.0", "side": FIRST, "reason": REASON})
    assert late.status_code == 409 and REASON in late.text
    sent = {"stamp": case.stamp, "side": side_of(strict, case, "west"), "reason": REASON, "do": "next"}
    assert office.post(f"/office/doubles/{pair_id}", data=sent).location.endswith("/office/doubles")
    assert REASON in office.get("/office/doubles?show=settled").text
    assert REASON in office.get(f"/office/doubles/{pair_id}").text
    unit = sign_in("east")
    for path in ("/office/entry", f"/office/entry/batches/{ident}"):
        said = unit.get(path).text
        assert "不由本单位报" in said and REASON in said and west not in said
    assert "不由本单位报" not in sign_in("west").get("/office/entry").text
    assert unit.get("/office/doubles").status_code == 403


def test_whoever_a_unit_types_into_the_form_is_compared_too(strict):
    number = strict.number()
    listed(strict, number, "west")
    typed = {"field:name": "测试甲", "field:id_number": number, "claim": "技能人才"}
    typed |= {"fact:certificate": "是", "fact:merit": "是"}
    app_id = batch_of_one.enter(strict.staff("east"), "f" * 32, typed).application_id
    work()
    (case,) = cases(strict)
    assert app_id in (case.pair.first_id, case.pair.second_id)
    other = strict.number()
    strict.applied("west", id_number=other)
    refused = batch_of_one.enter(strict.staff("east"), "e" * 32, {**typed, "field:id_number": other})
    assert [one.code for one in refused.problems] == ["batch.already_elsewhere"]  # no list on which it would wait
