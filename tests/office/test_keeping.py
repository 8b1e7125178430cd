"""Rounds, workbooks, failed work and the audit."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from models import clock as clocks
from models import outbox, storage
from models.application.tables import Outbox, Round
from models.extensions import db
from models.office import audit, workbook_files
from models.office.tables import Audit, Workbook
from models.programme import loader
from webforms.downloads import disposition


def book(world, unit="east", data=b"PK-bytes", kind="summary"):
    app_id = world.applied(unit, "表中人")
    round_id, unit_id = world.application(app_id).round_id, world.unit(unit).id
    made = Workbook(
        round_id=round_id,
        unit_id=unit_id,
        kind=kind,
        content_hash="0" * 64,
        storage_key=storage.put(data, workbook_files.bound_to(round_id, unit_id, kind)),
        rows=1,
        excluded=[{"receipt": "BL-AAAA-BBBB", "reason": "withdrawn"}],
        built_at=clocks.current().now(),
    )
    db.session.add(made)
    db.session.commit()
    return made.id


def lines(action):
    db.session.rollback()
    return list(db.session.scalars(select(Audit).where(Audit.action == action)))


def test_a_workbook_is_downloaded_under_its_chinese_name_and_audited(world, sign_in):
    book_id = book(world)
    client = sign_in("east")
    listed = client.get("/office/workbooks").get_data(as_text=True)
    assert "BL-AAAA-BBBB 本人已撤回" in listed and "1 人" in listed
    answer = client.get(f"/office/workbooks/{book_id}/download")
    assert answer.status_code == 200 and answer.data == b"PK-bytes"
    named = answer.headers["Content-Disposition"]
    assert 'filename="workbook.xlsx"' in named
    assert unquote(named.partition("UTF-8''")[2]) == "东县_小小_汇总表_20261121.xlsx"
    assert answer.headers["Cache-Control"] == "no-store, private"
    (line,) = lines(audit.EXPORT)
    assert line.subject == f"workbook:{book_id}"


def test_a_table_that_a_new_version_has_given_up_is_no_longer_handed_out(world, sign_in):
    book_id = book(world, kind="annex")
    assert sign_in("east").get("/office/workbooks").status_code == 200
    assert sign_in("east").get(f"/office/workbooks/{book_id}/download").status_code == 404
    assert lines(audit.EXPORT) == []


@pytest.mark.parametrize("name", ['a"b.xlsx', "甲;乙.xlsx", "换\r\n行.xlsx", "x" * 300 + ".xlsx"])
def test_a_hostile_name_stays_inside_its_header(name):
    value = disposition(name)
    assert "\r" not in value and "\n" not in value
    assert unquote(value.partition("UTF-8''")[2]) == name
    assert value.count('"') == 2


def test_rebuilding_is_promised_once_a_minute(world, sign_in, clock):
    world.applied("east")
    intake = db.session.scalars(select(Round.id).where(Round.programme == "tiny")).one()
    unit = world.unit("east").id
    client = sign_in("east")
    before = len(list(db.session.scalars(select(Outbox).where(Outbox.job == "assemble_workbook"))))
    for _ in range(3):
        answer = client.post("/office/workbooks/rebuild", data={"unit": unit, "round": intake}, follow_redirects=True)
        assert "已开始重新生成" in answer.get_data(as_text=True)
    found = list(db.session.scalars(select(Outbox).where(Outbox.job == "assemble_workbook")))
    assert len(found) == before + 1 and found[-1].subject_id == intake + unit
    clock.advance(minutes=2)
    client.post("/office/workbooks/rebuild", data={"unit": unit, "round": intake})
    db.session.rollback()
    assert len(list(db.session.scalars(select(Outbox).where(Outbox.job == "assemble_workbook")))) == before + 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": " "}, "批次名称"),
        ({"opens": "soon"}, "开始和截止日期"),
        ({"closes": "2027-01-01", "opens": "2027-02-01"}, "不能早于"),
        ({"opens": "2026-12-31"}, "重叠"),
    ],
)
def test_a_round_that_will_not_do_is_told_and_kept(world, sign_in, change, said):
    given = {"name": "第三批", "opens": "2027-03-01", "closes": "2027-03-31", **change}
    answer = sign_in("office").post("/office/rounds", data=given)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in page
    assert f'value="{given["closes"]}"' in page
    db.session.rollback()
    assert len(list(db.session.scalars(select(Round).where(Round.programme == "tiny")))) == 1


def test_another_round_is_opened(world, sign_in):
    given = {"name": "第三批", "opens": "2027-03-01", "closes": "2027-03-31"}
    answer = sign_in("admin").post("/office/rounds", data=given, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "第三批" in page and "未开始" in page
    (line,) = lines(audit.OPEN_ROUND)
    assert line.reason == "2027-03-01..2027-03-31"


def test_failed_work_is_seen_and_tried_again(world, sign_in):
    row_id = outbox.promise(db.session(), "deliver_notice", "x", "an-effect").id
    row = db.session.get(Outbox, row_id)
    row.state, row.attempts, row.error = "failed", 5, "TimeoutError at delivery.py:10"
    db.session.commit()
    client = sign_in("admin")
    assert "TimeoutError at delivery.py:10" in client.get("/office/work").get_data(as_text=True)
    assert client.post(f"/office/work/{row_id}/retry").status_code == 302
    db.session.rollback()
    row = db.session.get(Outbox, row_id, populate_existing=True)
    assert (row.state, row.attempts) == ("pending", 0)
    assert client.post(f"/office/work/{row_id}/retry").status_code == 404


def test_work_that_nobody_takes_is_seen_after_half_an_hour(world, sign_in, clock):
    row_id = outbox.promise(db.session(), "deliver_notice", "x", "an-effect-nobody-takes").id
    db.session.commit()
    clock.advance(minutes=30)
    assert row_id not in sign_in("admin").get("/office/work").get_data(as_text=True)
    clock.advance(minutes=1)
    client = sign_in("admin")
    page = client.get("/office/work").get_data(as_text=True)
    assert row_id in page and "一直没有进程来处理" in page
    assert client.post(f"/office/work/{row_id}/retry").status_code == 302


def test_the_audit_speaks_in_receipts_and_holds_every_decision(world, sign_in):
    app_id = world.applied("east")
    receipt = world.application(app_id).receipt
    client = sign_in("east")
    client.get(f"/office/applications/{app_id}")
    client.post(f"/office/applications/{app_id}/reveal/field:mobile", data={"reason": "电话联系本人"})
    client.get(f"/office/pages/{world.pages(app_id)[0].id}")
    version = world.application(app_id).version
    client.post(f"/office/applications/{app_id}/approve", data={"version": version + 1})  # refused: leaves no line
    client.post(f"/office/applications/{app_id}/approve", data={"version": version})
    page = sign_in("office").get("/office/audit").get_data(as_text=True)
    for said in (f"{receipt} · 手机", "电话联系本人", f"{receipt} · 身份证", "打开申报", "通过"):
        assert said in page
    assert len(lines(audit.APPROVE)) == 1
    only = sign_in("admin").get("/office/audit?action=reveal").get_data(as_text=True)
    assert "电话联系本人" in only and f"{receipt} · 身份证" not in only
    assert receipt not in sign_in("other-admin").get("/office/audit").get_data(as_text=True)


def test_lines_are_found_by_the_application_who_looked_and_the_day(world, sign_in, clock):
    app_id, other = world.applied(name="查阅甲"), world.applied("west", name="查阅乙")
    sign_in("east").get(f"/office/applications/{app_id}")
    clock.set_day(clock.today() + timedelta(days=1))
    east, office = sign_in("east"), sign_in("office")  # nobody stays signed in overnight
    east.get(f"/office/pages/{world.pages(app_id)[0].id}")
    office.get(f"/office/applications/{other}")
    receipt, elses = (world.application(one).receipt for one in (app_id, other))
    second = clock.today().isoformat()
    first = (clock.today() - timedelta(days=1)).isoformat()

    def seen(**asked):
        answer = office.get("/office/audit", query_string=asked)
        return answer.status_code, answer.get_data(as_text=True)

    assert "操作记录" in office.get(f"/office/applications/{app_id}").get_data(as_text=True)
    of_one = seen(receipt=receipt.lower())[1]
    assert f"<td>{receipt}</td>" in of_one and f"{receipt} · 身份证" in of_one and elses not in of_one
    who = world.staff("east").id
    assert f"<td>{elses}</td>" in seen()[1] and f"<td>{elses}</td>" not in seen(who=who)[1]
    assert f"{receipt} · 身份证" not in seen(receipt=receipt, until=first)[1]
    assert f"{receipt} · 身份证" in seen(receipt=receipt, since=second)[1]
    for wrong in ({"receipt": "BL-2222-2222"}, {"since": "昨天"}, {"since": second, "until": first}):
        status, text = seen(**wrong)
        assert status == 422 and "有误：" in text
    unit = sign_in("keeper").get("/office/audit", query_string={"receipt": receipt}).get_data(as_text=True)
    assert (
        f"{receipt} · 身份证" in unit and "east 同志" in unit and "west 同志" not in unit and "office 同志" not in unit
    )
    theirs = sign_in("other-admin").get("/office/audit", query_string={"receipt": receipt})
    assert theirs.status_code == 422 and "查阅甲" not in theirs.get_data(as_text=True)


@pytest.fixture
def all_year(tiny_packs):
    """The programme takes applications all year."""
    programme = tiny_packs / "tiny" / "programme.toml"
    text = re.sub(r"^closes = .*$", 'intake = "standing"', programme.read_text("utf-8"), flags=re.MULTILINE)
    programme.write_text(text, "utf-8")
    loader.load_pack.cache_clear()


def test_a_round_without_a_closing_day_is_for_programmes_that_are_open_all_year(world, sign_in):
    given = {"name": "常年", "opens": "2027-03-01", "closes": ""}
    client = sign_in("office")
    assert "不填就是长期受理" not in client.get("/office/rounds").get_data(as_text=True)
    assert client.post("/office/rounds", data=given).status_code == 422


def test_a_standing_round_is_opened_once_and_rounds_with_dates_beside_it(all_year, world, sign_in):
    client = sign_in("office")
    assert "不填就是长期受理" in client.get("/office/rounds").get_data(as_text=True)
    given = {"name": "常年", "opens": "2026-01-01", "closes": ""}
    page = client.post("/office/rounds", data=given, follow_redirects=True).get_data(as_text=True)
    assert '<td class="num">长期受理</td>' in page and page.count("正在申报") == 2
    again = client.post("/office/rounds", data={**given, "name": "又一个"})
    assert again.status_code == 422
    assert "已经有长期受理的批次「常年」" in again.get_data(as_text=True)
    dated = {"name": "集中受理", "opens": "2027-03-01", "closes": "2027-03-31"}
    assert client.post("/office/rounds", data=dated).status_code == 302
    assert [line.reason for line in lines(audit.OPEN_ROUND)] == ["2026-01-01..", "2027-03-01..2027-03-31"]
    assert "2026-01-01起长期受理" in client.get("/office/workbooks").get_data(as_text=True)
