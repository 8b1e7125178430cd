"""The office: versions, named items, places given back, workbooks reached."""

from datetime import date

import pytest
from sqlalchemy import func, select

from models import outbox
from models.application import lifecycle, queries, rounds, service
from models.application.notices import workbook_subject
from models.application.service import ReturnedItem
from models.application.tables import Application, Notice, Outbox
from models.errors import Conflict, IllegalTransition, InvalidAnswer, NotOpen, NotReady
from models.extensions import db
from models.office.tables import UnitRow


def notices(app_id):
    rows = db.session.scalars(select(Notice).where(Notice.application_id == app_id).order_by(Notice.created_at))
    return {n.code: n for n in rows}


def workbook_promises(subject=None):
    query = select(func.count()).select_from(Outbox).where(Outbox.job == "assemble_workbook")
    return db.session.scalar(query if subject is None else query.where(Outbox.subject_id == subject))


def test_approved_with_an_opinion(people):
    app_id = people.submitted()
    service.approve(app_id, 7, people.version(app_id), "  同意上报  ")
    view = queries.view(app_id)
    assert view.application.status == "approved"
    assert (view.events[-1].actor, view.events[-1].data) == ("staff:7", {"opinion": "同意上报"})
    assert "notice.approved" in notices(app_id)
    assert "同意上报" in queries.timeline(view, "zh")[-1].text


def test_an_older_version_is_a_conflict_and_changes_nothing(people):
    app_id = people.submitted()
    seen = people.version(app_id)
    service.return_items(app_id, [ReturnedItem("field:name", "请核对")], 1, seen)
    for act in (
        lambda: service.approve(app_id, 2, seen, ""),
        lambda: service.decline(app_id, 2, seen, "一", "不符"),
        lambda: service.return_items(app_id, [ReturnedItem("field:mobile", "空号")], 2, seen),
        lambda: service.reroute(app_id, "0" * 32, 2, seen, "转办"),
    ):
        with pytest.raises(Conflict):
            act()
    db.session.expire_all()
    application = db.session.get(Application, app_id)
    assert (application.status, application.returned_keys) == ("returned", ["field:name"])


def test_returned_items_are_named_with_their_reasons_in_the_message(people):
    app_id = people.submitted()
    items = [ReturnedItem("field:name", "与证件不符"), ReturnedItem("document:card", " 反面看不清 ")]
    service.return_items(app_id, items, 1, people.version(app_id))
    notice = notices(app_id)["notice.returned"]
    assert notice.text == "姓名：与证件不符\n身份证：反面看不清"
    assert notice.params["count"] == 2
    assert "身份证：反面看不清" in queries.timeline(queries.view(app_id), "zh")[-1].text
    assert "ID card: 反面看不清" in queries.timeline(queries.view(app_id), "en")[-1].text


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh", "姓名：请写全名；身份证：反面看不清。"), ("en", "Name: 请写全名; ID card: 反面看不清。")],
)
def test_reasons_that_are_sentences_stand_in_one_without_their_full_stops(people, lang, said):
    app_id = people.submitted()
    items = [ReturnedItem("field:name", "请写全名。"), ReturnedItem("document:card", "反面看不清。")]
    service.return_items(app_id, items, 1, people.version(app_id))
    assert queries.timeline(queries.view(app_id), lang)[-1].text.endswith(said)


@pytest.mark.parametrize(
    ("items", "key"),
    [
        ([], "error.nothing_returned"),
        ([ReturnedItem("field:name", "  ")], "error.reason_needed"),
        ([ReturnedItem("field:metal_kind", "缺")], "error.not_asked"),
    ],
)
def test_a_return_that_says_nothing_is_refused(people, items, key):
    app_id = people.submitted()
    with pytest.raises(InvalidAnswer) as caught:
        service.return_items(app_id, items, 1, people.version(app_id))
    assert caught.value.key == key
    assert queries.view(app_id).application.status == "submitted"


def test_declined_by_a_clause_and_free_to_apply_anew(people):
    app_id = people.submitted()
    with pytest.raises(InvalidAnswer) as caught:
        service.decline(app_id, 1, people.version(app_id), "九十九", "不符")
    assert caught.value.key == "error.unknown_clause"
    db.session.expire_all()
    service.decline(app_id, 1, people.version(app_id), "一", "证书等级不够")
    view = queries.view(app_id)
    assert (view.application.status, view.application.person_index) == ("declined", None)
    assert "一" in queries.timeline(view, "zh")[-1].text
    people.submitted()  # the same person again


def test_a_draft_cannot_be_decided(people):
    app_id = people.ready()
    for act in (
        lambda v: service.approve(app_id, 1, v, ""),
        lambda v: service.decline(app_id, 1, v, "一", "不符"),
        lambda v: service.return_items(app_id, [ReturnedItem("field:name", "x")], 1, v),
    ):
        with pytest.raises(IllegalTransition):
            act(people.version(app_id))
        db.session.expire_all()


def test_rerouted_reaches_both_units_and_is_kept_at_the_next_hand_in(people):
    app_id = people.submitted()
    application = db.session.get(Application, app_id)
    east, west = application.unit_id, db.session.scalar(select(UnitRow.id).where(UnitRow.code == "west"))
    service.reroute(app_id, west, 3, application.version, "单位在西县")
    assert db.session.get(Application, app_id).unit_id == west
    for unit in (east, west):
        assert workbook_promises(workbook_subject(application.round_id, unit)) == 1
    assert "西县" in queries.timeline(queries.view(app_id), "zh")[-1].text
    service.return_items(app_id, [ReturnedItem("field:name", "请核对")], 3, people.version(app_id))
    service.record(app_id, {"field:name": "测试甲"}, "web")
    service.submit(app_id, "web")
    assert db.session.get(Application, app_id).unit_id == west


def test_rerouting_to_a_unit_of_another_programme_is_refused(people):
    app_id = people.submitted()
    foreign = UnitRow(programme="other", code="x", name="别处", name_en="Elsewhere")
    db.session.add(foreign)
    db.session.commit()
    with pytest.raises(InvalidAnswer) as caught:
        service.reroute(app_id, foreign.id, 3, people.version(app_id), "转办")
    assert caught.value.key == "error.unknown_unit"


def test_a_burst_of_changes_promises_one_workbook_until_a_worker_takes_it(people, clock):
    for sequence in (1, 2, 3):
        app_id = people.submitted(id_number=people.number(sequence))
    application = db.session.get(Application, app_id)
    unit = db.session.get(UnitRow, application.unit_id)
    own, above = (workbook_subject(application.round_id, one) for one in (unit.id, unit.parent_id))
    assert workbook_promises(own) == workbook_promises(above) == 1
    assert workbook_promises() == 2
    waiting = db.session.scalar(select(Outbox).where(Outbox.subject_id == own))
    assert waiting.not_before > clock.now()

    promised = waiting.id
    clock.advance(seconds=11)
    db.session.rollback()
    assert outbox.claim(promised, clock.now()) is not None
    people.submitted(id_number=people.number(4))  # the build under way may have read before this
    assert (workbook_promises(own), workbook_promises(above)) == (2, 1)


def test_the_status_is_always_what_the_events_reduce_to(people):
    app_id = people.ready()

    def agrees(status):
        view = queries.view(app_id)
        assert [event.seq for event in view.events] == list(range(1, len(view.events) + 1))
        assert view.application.status == lifecycle.reduce(event.type for event in view.events) == status

    agrees("draft")
    service.submit(app_id, "web")
    agrees("submitted")
    for _ in range(2):
        service.return_items(app_id, [ReturnedItem("field:name", "核对")], 1, people.version(app_id))
        agrees("returned")
        with pytest.raises(NotReady) as caught:
            service.submit(app_id, "web")
        assert caught.value.params["missing"] == ["field:name"]
        service.record(app_id, {"field:name": "测试甲"}, "web")  # confirmed as it was
        service.submit(app_id, "web")
        agrees("submitted")
    service.approve(app_id, 1, people.version(app_id), "")
    agrees("approved")
    service.delete(app_id)
    agrees("deleted")


def test_what_was_returned_may_be_handed_in_after_the_closing_day(people, clock):
    app_id = people.submitted()
    service.return_items(app_id, [ReturnedItem("field:name", "核对")], 1, people.version(app_id))
    clock.set_day(date(2027, 1, 5))
    service.record(app_id, {"field:name": "测试甲"}, "web")
    assert service.submit(app_id, "web").status == "submitted"


def test_a_draft_left_over_from_a_closed_round_goes_into_the_open_one_or_waits(people, clock):
    app_id = people.ready()
    clock.set_day(date(2027, 1, 5))
    with pytest.raises(NotOpen):
        service.submit(app_id, "web")
    assert queries.view(app_id).application.status == "draft"
    following = rounds.open_round("tiny", "第三批", date(2027, 1, 1), date(2027, 1, 31)).id
    assert service.submit(app_id, "web").round_id == following
