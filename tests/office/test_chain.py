"""The unit's chain: opinions, reports upward that are whole or sent back, the registry and leaving it, progress."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from workbooks_out import build as build_books

from bot_adapter import delivery
from models import storage
from models.application import ending, queries, rounds, service, timeline
from models.application.tables import Application, Event, Notice, Outbox, Round, new_id
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.interview import wording
from models.office import (
    chain,
    editions,
    letters,
    opinions,
    progress,
    registry,
    reminding,
    reporting,
    scope_chain,
    sealing,
    unit_entries,
)
from models.office.chain_tables import RegistryEntry, ReportItem, UnitReport
from models.office.edition_tables import Letter
from models.programme import loader
from models.programme.official import FORMS
from webforms import apply_notes
from workers.reports import assemble_report

DAY = date(2026, 11, 21)


@pytest.fixture
def chained(reporting_packs, persistent_world):
    return persistent_world


@pytest.fixture
def paged(reporting_packs, world):
    """The same behind the pages."""
    return world


def passed(world, unit="east", name="测试甲"):
    app_id = world.applied(unit, name=name)
    assert unit_entries.save(world.staff(unit), app_id, {"standing": "high", "remarks": "踏实"}, {}) == {}
    service.approve(app_id, world.staff(unit).id, world.application(app_id).version, "同意")
    return app_id


def intake():
    return db.session.scalar(select(Round).where(Round.programme == "tiny"))


def hand_up(world, ids, unit="east", key=None):
    return reporting.report(world.staff(unit), key or new_id(), intake(), ids, "").id


def build():
    db.session.rollback()
    for row in list(db.session.scalars(select(Outbox.id).where(Outbox.job == reporting.JOB))):
        db.session.rollback()
        assemble_report(row)


def statuses(*ids):
    db.session.rollback()
    return [db.session.get_one(Application, one, populate_existing=True).status for one in ids]


def report_of(report_id):
    return db.session.get_one(UnitReport, report_id, populate_existing=True)


def test_a_report_is_one_act_and_sent_twice_is_one_report(chained):
    world, key = chained, new_id()
    first, second, waits = passed(world), passed(world), world.applied()
    with pytest.raises(Conflict):  # somebody who has not passed: nothing happens
        hand_up(world, [first, waits])
    assert statuses(first, waits) == ["approved", "submitted"]
    with pytest.raises(InvalidAnswer):
        hand_up(world, [])
    assert hand_up(world, [first, second], key=key) == hand_up(world, [first, second], key=key)
    assert statuses(first, second, waits) == ["reported", "reported", "submitted"]
    assert len(db.session.scalars(select(UnitReport.id)).all()) == 1
    assert len(db.session.scalars(select(Notice.id).where(Notice.code == "notice.reported")).all()) == 2


def test_the_files_are_of_exactly_these_people_and_taken_in_only_when_whole(paged, sign_in):
    world = paged
    app_id = passed(world, name="上报甲")
    world.applied(name="待审乙")
    report_id = hand_up(world, [app_id])
    with pytest.raises(InvalidAnswer):
        reporting.receive(world.staff("office"), report_id, 1)
    build()
    with pytest.raises(NotFound):  # only whoever it is addressed to
        reporting.receive(world.staff("east"), report_id, 1)
    reporting.receive(world.staff("office"), report_id, report_of(report_id).version)
    data = sign_in("office").get(f"/office/reports/{report_id}/files").data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        book = load_workbook(io.BytesIO(archive.read(next(name for name in names if "汇总表" in name))))
    values = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "上报甲" in values and "待审乙" not in values
    assert any("采集表" in name for name in names)


def test_sent_back_the_unit_mends_and_reports_again(chained):
    world = chained
    one, other = passed(world), passed(world)
    report_id = hand_up(world, [one, other])
    office = world.staff("office")
    with pytest.raises(InvalidAnswer):
        reporting.send_back(office, report_id, 1, " ")
    assert reporting.send_back(office, report_id, 1, "缺证书", [one]) == 1
    assert statuses(one, other) == ["approved", "reported"]
    told = {event.type for event in db.session.scalars(select(Event).where(Event.application_id == one))}
    assert "report_sent_back" in told
    version = report_of(report_id).version
    assert reporting.send_back(office, report_id, version, "格式不对") == 1
    assert statuses(one, other) == ["approved", "approved"]
    assert report_of(report_id).state == chain.SENT_BACK
    hand_up(world, [one, other])
    assert statuses(one, other) == ["reported", "reported"]


def test_only_reported_people_taken_in_are_admitted_numbered_and_end_by_a_clause(chained):
    world = chained
    one, other, late = passed(world), passed(world), passed(world, "west")
    report_id = hand_up(world, [one, other])
    office = world.staff("office")
    with pytest.raises(Conflict):
        registry.admit(office, [one], DAY)
    build()
    reporting.receive(office, report_id, report_of(report_id).version)
    with pytest.raises(Conflict):  # the other unit has not reported
        registry.admit(office, [one, late], DAY)
    assert registry.admit(office, [one, other], DAY) == 2
    assert registry.admit(office, [one, other], DAY) == 0  # pressed twice
    entries = db.session.scalars(select(RegistryEntry).order_by(RegistryEntry.number)).all()
    assert [entry.number for entry in entries] == [1, 2]
    entry = entries[0]
    with pytest.raises(InvalidAnswer):
        registry.remove(office, entry.id, entry.version, "no such", "理由", DAY)
    clause = registry.leavings(loader.load_pack("tiny"))[0].id
    registry.remove(office, entry.id, entry.version, clause, "调离", DAY)
    assert world.application(entry.application_id).status == "removed"
    view = queries.view(entry.application_id)
    assert "调离" in queries.timeline(view, "zh")[-1].text
    codes = set(db.session.scalars(select(Notice.code).where(Notice.application_id == entry.application_id)))
    assert {"notice.admitted", "notice.removed"} <= codes


APPOINTED = """admission.deed = { zh = "聘任", en = "Appointment" }
admission.done = { zh = "已聘任", en = "Appointed" }
admission.told = { zh = "您已获聘任", en = "you have been appointed" }
"""


@pytest.mark.parametrize("named", [False, True], ids=["any", "named"])
def test_an_admission_is_called_what_the_notice_calls_it(tiny_packs, reporting_packs, world, app, sign_in, named):
    path = tiny_packs / "tiny" / "afterwards.toml"
    if named:
        path.write_text(path.read_text("utf-8").replace("\n", "\n" + APPOINTED, 1), "utf-8")
        loader.load_pack.cache_clear()
    deed, done, told, english = ("聘任", "已聘任", "您已获聘任", "Appointed") if named else (
        "入选", "已入选", "您已正式入选", "Admitted"
    )  # fmt: skip
    app_id = passed(world)
    report_id = hand_up(world, [app_id])
    build()
    office = world.staff("office")
    reporting.receive(office, report_id, report_of(report_id).version)
    pages = sign_in("office")
    assert f"给打勾的人办理{deed}" in pages.get("/office/registry/admit").get_data(as_text=True)
    given = {"person": app_id, "day": DAY.isoformat()}
    said = pages.post("/office/registry/admit", data=given, follow_redirects=True).get_data(as_text=True)
    assert f"{done} 1 人" in said and f"{deed}日期" in said
    view = queries.view(app_id)
    assert queries.timeline(view, "zh")[-1].text == f"{done}，编号 1，日期 2026-11-21。"
    assert queries.timeline(view, "en")[-1].text == f"{english} on 2026-11-21; number 1."
    assert timeline.status_name(view.pack, "admitted", "zh") == done
    notice = db.session.scalars(select(Notice).where(Notice.code == "notice.admitted")).one()
    text = delivery.notice_text(notice.code, notice.params, "", view.pack, "zh")
    assert text.startswith(f"好消息：{told}（申报编号 {view.application.receipt}），编号 1。")
    with app.test_request_context():
        assert text in [note.text for note in apply_notes.notes(view, "zh")]


def test_who_leaves_is_in_no_file_and_no_words_of_a_report(chained):
    world = chained
    leaver, stays = passed(world, name="离开甲"), passed(world, name="留下乙")
    report_id = hand_up(world, [leaver, stays])
    build()
    office = world.staff("office")
    report = report_of(report_id)
    report.note = "离开甲的原件另送"
    db.session.commit()
    reporting.send_back(office, report_id, report_of(report_id).version, "离开甲和留下乙的证书看不清", [stays])
    kept = {part.kind: part.storage_key for part in reporting.parts(db.session(), report_id)}
    db.session.rollback()
    ending.delete_application(leaver)
    assert report_of(report_id).note == ""
    told = db.session.scalars(select(Event).where(Event.application_id == stays, Event.type == "report_sent_back"))
    assert [event.data["reason"] for event in told] == [""]
    assert {part.storage_key for part in reporting.parts(db.session(), report_id)} == {""}
    for kind, key in kept.items():
        with pytest.raises(NotFound):
            storage.get(key, sealing.report_part(report_id, kind))
    build()
    rows = {part.kind: part.rows for part in reporting.parts(db.session(), report_id)}
    assert rows["summary"] == rows[FORMS] == 1, "made again of who is left"


def test_a_report_is_what_is_told_as_changed_since(chained):
    world = chained
    app_id = passed(world)
    summary = build_books(world)["summary"]
    assert editions.latest(db.session(), summary.round_id, summary.unit_id, "summary") is None
    db.session.rollback()
    hand_up(world, [app_id])
    taken = editions.latest(db.session(), summary.round_id, summary.unit_id, "summary")
    assert taken is not None and taken.people == app_id


def test_without_a_reporting_step_nobody_reports(persistent_world):
    world = persistent_world
    app_id = passed(world)
    assert db.session.scalars(scope_chain.reportable(world.staff("east"))).all() == []
    with pytest.raises(Conflict):
        hand_up(world, [app_id])


def test_an_opinion_is_signed_and_stands_in_the_form_only(paged, sign_in):
    world = paged
    app_id = world.applied()
    east = world.staff("east")
    with pytest.raises(InvalidAnswer):
        opinions.save(east, app_id, "情况属实", "", DAY, 0)
    opinions.save(east, app_id, "保密的看法", "张审核", DAY, 0)
    with pytest.raises(Conflict):
        opinions.save(east, app_id, "另一句", "张审核", DAY, 0)
    said = opinions.lines(db.session(), [Application.id == app_id])[app_id]
    assert "保密的看法" in said and "张审核" in said and "2026年11月21日" in said
    assert not any("保密" in line.text for line in queries.timeline(queries.view(app_id), "zh"))
    page = sign_in("east").get(f"/office/applications/{app_id}").get_data(as_text=True)
    assert "保密的看法" in page


def test_the_pages_say_where_everybody_stands(paged, sign_in, clock):
    world = paged
    one = passed(world, name="进度甲")
    east = sign_in("east")
    page = east.get("/office/reports").get_data(as_text=True)
    assert "进度甲" in page and "checked" in page
    sent = east.post("/office/reports", data={"report": new_id(), "person": one, "round": intake().id})
    assert sent.status_code == 303
    assert statuses(one) == ["reported"]
    clock.advance(seconds=35 * 86400)  # five days before the round closes
    office = sign_in("office")
    closes = intake().closes
    english = office.get("/office/progress?lang=en").get_data(as_text=True)
    assert f"closes {closes} ({closes:%a}), 5 days left" in english
    told = f"{closes}（周{'一二三四五六日'[closes.weekday()]}）截止"
    assert f"{told}，还有 5 天" in office.get("/office/progress?lang=zh").get_data(as_text=True)
    assert f" · {told}</p>" in office.get("/office/reports").get_data(as_text=True)
    assert told.removesuffix("截止") in office.get("/office/workbooks").get_data(as_text=True)
    assert office.post("/office/progress/remind", data={"unit": world.unit("west").id}).status_code == 303
    assert "提醒过" in office.get("/office/progress").get_data(as_text=True)
    for path in ("/office/registry", "/office/registry/admit", "/office/reports"):
        assert office.get(path).status_code == 200


def test_late_units_come_first(chained, clock):
    world = chained
    passed(world)
    found = progress.progress(db.session(), world.staff("office"), intake())
    assert found.sums["approved"] == 1 and found.late == 0
    clock.advance(seconds=35 * 86400)  # five days before the round closes
    found = progress.progress(db.session(), world.staff("office"), intake())
    assert {line.unit.code: line.late for line in found.lines} == {
        "east": ("report",),
        "west": ("nobody",),
        "office": (),
    }
    assert found.lines[-1].unit.code == "office"
    assert rounds.current("tiny", DAY) is not None and not db.session.scalars(select(ReportItem.seq)).all()


def test_a_unit_s_line_tells_what_the_units_below_have_received(chained):
    passed(chained)
    chained.unit("east").parent_id = chained.unit("west").id
    db.session.commit()
    found = progress.progress(db.session(), chained.staff("office"), intake())
    received = {line.unit.code: (line.everybody, line.with_below) for line in found.lines}
    assert received["west"] == (0, 1) and received["east"] == (1, 1)


def test_a_late_unit_is_written_to_once_a_day(chained, clock):
    world = chained
    passed(world)
    clerk = world.staff("east")
    clerk.email = "east@office.example"
    db.session.commit()
    clock.advance(seconds=35 * 86400)  # five days before the round closes
    office, east, west = world.staff("office"), world.unit("east").id, world.unit("west").id
    assert reminding.remind(office, intake(), east) == 1
    assert reminding.remind(world.staff("office"), intake(), west) == 0, "nobody there has an address"
    with pytest.raises(Conflict):
        reminding.remind(world.staff("office"), intake(), east)
    (letter,) = db.session.scalars(select(Letter)).all()
    assert (letter.kind, letter.unit_id) == ("reminder", east) and "1 人已通过" in letters.read(letter).body
    assert f"（截止：{wording.deadline(intake().closes, 'zh')}）" in letters.read(letter).body
    with pytest.raises(NotFound):
        reminding.remind(world.staff("west"), intake(), east)
    clock.advance(seconds=86400)
    assert reminding.remind(world.staff("office"), intake(), east) == 1
