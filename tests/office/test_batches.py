"""A list of people from the clipboard or a file to applications that wait for the person, on both databases."""

import io
from datetime import date

import pytest
from entered_people import HEADS, batch_of, book, contents, entered, pasted, person, rows_of, work
from openpyxl import load_workbook
from sqlalchemy import func, select

from models import crypto
from models.application import queries, service
from models.application.tables import Application, ConsentRecord, Outbox
from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.interview import wording
from models.office import batch_dropping, batch_mending, batches, confirmations, entry_template
from models.office.batch_mending import Sent
from models.office.batch_rows import Content, judge, unseal
from models.office.batch_tables import BatchRow
from models.programme import idnumber
from models.programme.entry_columns import entry_columns, find_heads, match, usual
from models.programme.loader import load_pack, pack_slugs


@pytest.mark.parametrize("slug", ("chenggong-2021", "hengyang-2015", "karamay-2017", "ningxia-2020", "zhongshan"))
def test_official_heads_find_their_answers(slug):
    pack = load_pack(slug)
    known = entry_columns(pack)
    heads = [cell.header for cell in pack.workbooks.summary.columns]
    found = match(heads, known)
    keys = {column.key for column in known}
    sources = [cell.source for cell in pack.workbooks.summary.columns]
    for cell, key in zip(pack.workbooks.summary.columns, found, strict=True):
        if cell.source in keys and heads.count(cell.header) == sources.count(cell.source) == 1:
            assert key == cell.source, cell.header
    assert "field:name" in found and find_heads([["某某汇总表"], heads, ["1"]], known) == 1
    assert slug in pack_slugs()


def test_a_pasted_list_is_judged_and_becomes_drafts_that_wait(persistent_world):
    world = persistent_world
    ident, app_ids = entered(world, 3)
    assert batch_of(world, ident).state == "entered" and len(set(app_ids)) == 3
    for app_id in app_ids:
        view = queries.view(app_id)
        assert view.application.status == "draft" and view.answers["field:trade"] == "wood"
        assert view.events[0].actor.startswith("staff:")
        assert confirmations.of_application(app_id).state == "asked"
    assert all(row.sealed is None for row in rows_of(ident))
    assert not db.session.scalars(select(ConsentRecord)).all()


def test_entering_runs_twice_and_enters_nobody_twice(world):
    ident = pasted(world, [person(world, n) for n in range(23)])
    batches.enter(world.staff("east"), ident, batch_of(world, ident).version)
    work()
    for row in db.session.scalars(select(Outbox).where(Outbox.job == "enter_batch")):
        row.state, row.lease_until = "pending", None
    db.session.commit()
    work()
    assert db.session.scalar(select(func.count()).select_from(Application)) == 23


def test_damaged_numbers_are_named_by_row_and_column_and_may_be_typed_anew(world):
    bad = [person(world, 1, 身份证号="4.30401E+17"), person(world, 2, 身份证号="430401197001010000"), person(world, 3)]
    ident = pasted(world, bad)
    found = contents(ident)
    assert [[(one.key, one.code) for one in each.problems] for each in found] == [
        [("field:id_number", "batch.number_damaged")],
        [("field:id_number", "batch.number_damaged")],
        [],
    ]
    with pytest.raises(InvalidAnswer) as refused:
        batches.enter(world.staff("east"), ident, batch_of(world, ident).version)
    assert refused.value.key == "batch.faulty_rows"
    first, second, _third = rows_of(ident)
    sent = [Sent(first.id, first.version, {2: world.number()}), Sent(second.id, second.version, None)]
    assert [one.state for one in batch_mending.save_rows(world.staff("east"), ident, sent)] == ["saved", "removed"]
    assert [row.state for row in rows_of(ident)] == ["ready", "ready"]


def test_a_number_that_stood_twice_is_fine_once_the_other_row_is_mended(world):
    twice = world.number()
    ident = pasted(world, [person(world, n, 身份证号=twice) for n in range(2)])
    first, second = rows_of(ident)
    assert (first.state, second.state) == ("ready", "faulty")
    mended = [Sent(first.id, first.version, {2: world.number()})]
    told = batch_mending.save_rows(world.staff("east"), ident, mended)
    assert [(one.id, one.state, one.content.problems) for one in told] == [
        (first.id, "saved", ()),
        (second.id, "saved", ()),
    ]
    assert [row.state for row in rows_of(ident)] == ["ready", "ready"]
    assert [row.version for row in rows_of(ident)] == [one.version for one in told]


def test_a_number_that_stands_twice_or_has_applied_is_said(world):
    number = world.number()
    world.applied("west", id_number=number)
    twice = world.number()
    own = world.number()
    world.applied("east", id_number=own)
    ident = pasted(world, [person(world, n, 身份证号=each) for n, each in enumerate((number, own, twice, twice))])
    codes = [[one.code for one in each.problems] for each in contents(ident)]
    assert codes == [["batch.already_elsewhere"], ["batch.already_here"], [], ["batch.number_twice"]]
    west = world.unit("west").name
    assert west not in str(contents(ident)[0])  # that another unit has the person, not which


def test_a_refusal_names_the_clause_and_a_missing_name_its_cell(world):
    ident = pasted(world, [person(world, 1, **{"有高级技师证书吗？": "否"}), person(world, 2, 姓名="")])
    first, second = contents(ident)
    assert first.problems[0].code == "batch.not_eligible" and "一" in first.problems[0].text["zh"]
    assert [(one.key, one.code) for one in second.problems] == [("field:name", "batch.name_missing")]


@pytest.mark.parametrize(("cell", "read"), [("本科", True), ("大学本科", True), ("科", False), ("学院", False)])
def test_an_option_may_be_written_shorter_where_only_one_can_be_meant(cell, read):
    pack = load_pack("chenggong-2021")
    columns = [one.key for one in entry_columns(pack) if one.head == "最高学历"]
    found = judge(pack, columns, Content((cell,)), date(2026, 11, 27))
    assert ("field:education" in {one.key for one in found.content.problems}) is not read


def test_without_heads_the_columns_are_those_of_the_empty_list(world):
    known = usual(entry_columns(load_pack("tiny")))
    assert [one.key for one in known[:3]] == ["field:name", "field:id_number", "claim"]
    ident = pasted(world, [["测试甲", world.number(), "技能人才"]], heads=None)
    assert batch_of(world, ident).columns[:2] == ["field:name", "field:id_number"]
    assert rows_of(ident)[0].state == "ready" and contents(ident)[0].lacks


def test_another_match_is_judged_anew_and_one_answer_stands_once(world):
    ident = pasted(world, [person(world, 1)])
    row = batch_of(world, ident)
    columns = list(row.columns)
    with pytest.raises(InvalidAnswer):
        batches.map_columns(world.staff("east"), ident, row.version, ["field:name", *columns[1:]])
    columns[1] = ""
    batches.map_columns(world.staff("east"), ident, batch_of(world, ident).version, columns)
    work()
    assert [one.code for one in contents(ident)[0].problems] == ["batch.name_missing"]


def test_two_clerks_on_one_row_lose_nothing(world):
    ident = pasted(world, [person(world, 1)])
    row = rows_of(ident)[0]
    row_id, version = row.id, row.version
    batch_mending.save_rows(world.staff("east"), ident, [Sent(row_id, version, {1: "测试乙"})])
    late = batch_mending.save_rows(world.staff("east"), ident, [Sent(row_id, version, {1: "测试丙"})])
    assert late[0].state == "conflict" and late[0].content.cells[1] == "测试乙"


def test_a_file_is_read_by_a_worker_and_gone_then(world):
    rows = [HEADS, person(world, 1), person(world, 2)]
    ident = batches.upload(world.staff("east"), "名单.xlsx", book(rows)).id
    assert batch_of(world, ident).storage_key
    work()
    assert batch_of(world, ident).state == "read" and not batch_of(world, ident).storage_key
    assert [row.state for row in rows_of(ident)] == ["ready", "ready"]


@pytest.mark.parametrize(
    ("rows", "problem"),
    (
        ([HEADS], "batch.empty"),
        ([HEADS, ["=1+1", "甲"]], "batch.formula"),
        ([["姓名", "身份证号"], *([["甲", "1"]] * 501)], "batch.too_many_rows"),
    ),
)
def test_a_file_that_cannot_be_taken_says_why(world, rows, problem):
    ident = batches.upload(world.staff("east"), "名单.xlsx", book(rows)).id
    work()
    assert (batch_of(world, ident).state, batch_of(world, ident).problem) == ("refused", problem)


def test_a_number_that_a_sheet_holds_as_a_number_is_damaged(world):
    row = person(world, 1)
    row[2] = 430401197001010000
    ident = batches.upload(world.staff("east"), "名单.xlsx", book([HEADS, row])).id
    work()
    assert [one.code for one in contents(ident)[0].problems] == ["batch.number_damaged"]


def test_an_abbreviated_nationality_is_known_and_a_sex_that_the_number_denies_is_not():
    """Also while a condition is open, when no plan asks for the form yet."""
    pack, number = load_pack("hengyang-2015"), idnumber.make("430406", date(1982, 7, 8), 15)
    day = date(2026, 11, 27)
    columns = ("field:name", "field:id_number", "field:ethnicity", "field:sex", "field:birth_date")
    by_key = {column.key: column for column in entry_columns(pack)}
    options = {one.label.zh: one.value for one in by_key["field:ethnicity"].options}
    for said, known in (("汉", "汉族"), ("土", "土族"), ("土家", "土家族"), ("蒙古", "蒙古族")):
        row = judge(pack, columns, Content(("样例甲", number, said, "男", "1982.07.08")), day)
        assert (row.content.problems, row.content.verdict) == ((), "unknown")
        assert row.values["field:ethnicity"] == options[known]
    row = judge(pack, columns, Content(("样例甲", number, "汉", "女", "1983.07.08")), day)
    found = {one.key: one.code for one in row.content.problems}
    assert found == {
        "field:sex": "error.sex_differs_from_id",
        "field:birth_date": "error.birth_differs_from_id",
    }
    assert not {"field:sex", "field:birth_date"} & set(row.values)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("name", "data", "problem", "how"),
    [
        ("名单.csv", "姓名,身份证号\n甲,1\n".encode("gbk"), "not_a_workbook", ("另存为", "Save As")),
        ("名单.xls", OLE, "old_format", ("“Excel 工作簿（*.xlsx）”", "“Excel Workbook (*.xlsx)”")),
        ("名单.et", OLE, "old_format", ("WPS 表格文件（.et）", "WPS file (.et)")),
        ("名单.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "password", ("把密码清空", "clear the password")),
    ],
)
def test_what_is_no_workbook_is_refused_with_how_to_make_one_of_it(world, name, data, problem, how):
    ident = batches.upload(world.staff("east"), name, data).id
    work()
    key = batch_of(world, ident).problem
    assert key == f"workbook.refused.{problem}"
    for lang, words in zip(("zh", "en"), how, strict=True):
        assert words in wording.say(key, lang)


def test_a_file_of_no_bytes_is_not_taken_for_none(world):
    with pytest.raises(InvalidAnswer) as refused:
        batches.upload(world.staff("east"), "名单.xlsx", b"")
    assert refused.value.key == "workbook.refused.empty"


def test_a_list_that_is_dropped_leaves_nothing(world):
    ident = pasted(world, [person(world, 1)])
    batch_dropping.drop(world.staff("east"), ident, batch_of(world, ident).version)
    assert not db.session.scalars(select(BatchRow)).all() and batches.mine(world.staff("east")) == []
    with pytest.raises(Conflict):
        batches.enter(world.staff("east"), ident, 1)


def test_a_list_that_nobody_goes_on_with_is_dropped_after_its_days(world, clock):
    ident, kept = pasted(world, [person(world, 1)]), entered(world)[0]
    clock.advance(days=30)
    assert batch_dropping.sweep() == 0
    clock.advance(seconds=1)
    assert batch_dropping.sweep() == 1
    assert not rows_of(ident) and len(rows_of(kept)) == 2  # who was entered has long a confirmation of their own


def test_the_empty_list_has_heads_and_text_cells(world):
    sheet = load_workbook(io.BytesIO(entry_template.make(load_pack("tiny"))))["名单"]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:3] == ["姓名", "身份证号", "申报类别"] and len(set(heads)) == len(heads)
    assert sheet["B2"].number_format == "@" and sheet["B501"].number_format == "@"
    assert len(sheet.data_validations.dataValidation) == len(heads)


def test_what_one_has_pasted_is_sealed(world):
    row = person(world, 1)
    ident = pasted(world, [row])
    kept = rows_of(ident)[0]
    assert row[2].encode() not in kept.sealed and row[2] not in str(kept.problems)
    with pytest.raises(crypto.Damaged):
        unseal("f" * 32, kept.sealed)


def consented(app_id, *, declared=True, **more):
    wanted = {"consent:identity": True, "consent:news": False, **more}
    if declared:
        wanted["declaration:true"] = True
    return confirmations.agree(app_id, wanted, "web")


def test_who_agrees_is_confirmed_and_hands_in(world):
    _ident, (app_id, other) = entered(world)
    row = confirmations.of_application(app_id)
    token = confirmations.token(row)
    number = queries.view(app_id).answers["field:id_number"]
    assert not confirmations.prove(token, "0000") and confirmations.prove(token, number[-4:])
    assert consented(app_id, **{"consent:identity": False}) and confirmations.of_application(app_id).state == "asked"
    assert not consented(app_id)
    assert confirmations.of_application(app_id).state == "confirmed"
    given = db.session.scalars(select(ConsentRecord).where(ConsentRecord.application_id == app_id)).all()
    assert [(one.consent, one.version, one.door) for one in given] == [("identity", 1, "web")]
    with pytest.raises(Conflict):
        confirmations.hand_in(world.staff("east"), other)


def test_five_wrong_numbers_end_a_link_and_a_new_one_replaces_it(world):
    _ident, (app_id, _other) = entered(world)
    row = confirmations.of_application(app_id)
    token = confirmations.token(row)
    number = queries.view(app_id).answers["field:id_number"]
    for _ in range(confirmations.MOST_TRIES):
        assert not confirmations.prove(token, "none")
    assert not confirmations.prove(token, number[-4:])
    db.session.rollback()
    assert confirmations.token(confirmations.of_application(app_id)) == ""
    confirmations.renew(world.staff("east"), app_id)
    fresh = confirmations.token(confirmations.of_application(app_id))
    assert fresh and fresh != token and confirmations.prove(fresh, number[-4:])


def test_a_link_is_over_after_its_days(world, clock):
    _ident, (app_id, _other) = entered(world)
    row = confirmations.of_application(app_id)
    token = confirmations.token(row)
    clock.advance(days=confirmations.LINK_DAYS)
    assert confirmations.is_over(confirmations.by_token(token)) and not confirmations.prove(token, "1234")


def test_who_objects_is_withdrawn_and_the_unit_sees_it(world):
    _ident, (app_id, _other) = entered(world)
    confirmations.object_to(app_id)
    confirmations.object_to(app_id)
    row, application = confirmations.of_application(app_id), world.application(app_id)
    assert application.status == "withdrawn" and confirmations.standing(row, application) == "objected"
    with pytest.raises(Conflict):
        confirmations.record_paper(world.staff("east"), app_id, "人事科第三柜", ["consent:identity"])


def test_a_signed_paper_counts_as_the_consents_that_are_on_it(world):
    _ident, (app_id, _other) = entered(world)
    staff = world.staff("east")
    with pytest.raises(InvalidAnswer):
        confirmations.record_paper(staff, app_id, "柜", ["consent:identity"])
    with pytest.raises(InvalidAnswer):
        confirmations.record_paper(staff, app_id, "人事科第三柜", [])
    confirmations.record_paper(staff, app_id, "人事科第三柜", ["consent:identity"])
    given = db.session.scalars(select(ConsentRecord)).all()
    assert [(one.consent, one.door) for one in given] == [("identity", "staff")]
    for key, value in (
        ("fact:county", "east"),
        ("verdict", True),
        ("field:jobs", [{"from": "2001-07", "place": "厂"}]),
    ):
        service.record(app_id, {key: value}, "web")
    for n in range(2):
        service.add_page(app_id, "card", b"\xff\xd8\xff\xe0" + bytes([n]) * 60, f"k{n}", "staff")
    service.skip_document(app_id, "extra")
    confirmations.hand_in(world.staff("east"), app_id)
    assert world.application(app_id).status == "submitted"
    view = queries.view(app_id)
    assert [event.actor for event in view.events if event.type == "submitted"] == [f"staff:{world.staff('east').id}"]
    assert f"{world.unit('east').name}代为提交" in queries.timeline(view, "zh")[-1].text
    assert confirmations.standing(confirmations.of_application(app_id), world.application(app_id)) == "handed_in"
    returned = [service.ReturnedItem("document:card", "看不清")]
    service.return_items(app_id, returned, world.staff("east").id, world.application(app_id).version)
    with pytest.raises(Conflict):
        confirmations.hand_in(world.staff("east"), app_id)  # what was returned is the person's to correct


def test_what_is_erased_takes_the_row_and_the_confirmation_along(world):
    ident, (app_id, _other) = entered(world)
    service.delete(app_id)
    assert confirmations.of_application(app_id) is None
    assert [row.application_id == app_id for row in rows_of(ident)] == [False]
