"""The grid of a unit's table without a script, and what its script asks for."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from models.application.tables import Round, new_id
from models.extensions import db
from models.office import unit_tables
from models.office.tables import Audit
from models.office.unit_table_saving import SentRow, save
from models.programme import idnumber

ID = idnumber.make("430401", date(1980, 4, 5), 12)
PLAN = {"post": "总工程师", "holder": ID, "grade": "good", "urgency": "5", "since": "2019-03-01"}


def text(answer, status=200):
    page = answer.get_data(as_text=True)
    assert answer.status_code == status, page[:3000]
    return page


def address(world, table="plan", unit="east", rest="", part=""):
    db.session.rollback()
    intake = db.session.scalar(select(Round.id).where(Round.programme == "tiny"))
    query = f"?part={part}" if part else ""
    return f"/office/tables/{intake}/{world.unit(unit).id}/{table}{rest}{query}"


def place(world, table="plan", unit="east", part=""):
    db.session.rollback()
    intake = db.session.scalar(select(Round.id).where(Round.programme == "tiny"))
    return unit_tables.find(world.staff("office"), intake, world.unit(unit).id, table, part)


def stored(world, table="plan", part=""):
    return unit_tables.sheet(db.session(), place(world, table, part=part))


def put(world, raw=None, table="plan"):
    (result,) = save(world.staff("east"), place(world, table), [SentRow(new_id(), 0, raw or PLAN)])
    return result


def posted(ident, version, raw):
    return {"row": ident, f"v:{ident}": str(version), **{f"c:{ident}:{name}": value for name, value in raw.items()}}


def test_the_list_names_every_table_and_how_far_it_is(world, sign_in):
    put(world)
    page = text(sign_in("east").get("/office/tables"))
    assert all(label in page for label in ("人数表", "分县人数表", "继任计划表"))
    assert "1 行" in page and "西县" not in page
    office = text(sign_in("office").get("/office/tables"))
    assert "东县" in office and "西县" in office and "各单位合计" in office


def test_a_row_typed_without_a_script_is_saved(world, sign_in):
    client = sign_in("east")
    page = text(client.get(address(world)))
    ident = re.search(r'name="row" value="([0-9a-f]{32})"', page)[1]
    answer = client.post(address(world), data={**posted(ident, 0, PLAN), "action": "save"})
    assert answer.status_code == 302
    (row,) = stored(world)
    assert row.id == ident and row.values["holder"] == ID and row.version == 1
    page = text(client.get(address(world)))
    assert ID not in page and "4304*************" in page and "总工程师" in page


def test_what_is_wrong_is_said_with_row_and_column_and_stays(world, sign_in):
    ident, other = new_id(), new_id()
    data = {**posted(ident, 0, {**PLAN, "urgency": "9", "post": "写错的"}), "action": "save"}
    good = posted(other, 0, {**PLAN, "post": "写对的"})
    data["row"] = [ident, other]
    data |= {name: value for name, value in good.items() if name != "row"}
    page = text(sign_in("east").post(address(world), data=data), 422)
    assert "1 行有误，这几行还没有保存；其余的已保存" in page
    assert "紧缺指数：请填 1 到 5 之间的整数" in page
    assert 'value="9"' in page and 'value="写错的"' in page
    assert [row.values["post"] for row in stored(world)] == ["写对的"]


def test_a_hidden_value_left_alone_stays_and_is_emptied_only_on_purpose(world, sign_in):
    row = put(world)
    client = sign_in("east")
    raw = {**PLAN, "holder": "", "post": "总经济师"}
    assert client.post(address(world), data={**posted(row.id, 1, raw), "action": "save"}).status_code == 302
    assert stored(world)[0].values["holder"] == ID
    data = {**posted(row.id, 2, raw), f"x:{row.id}:holder": "1", "action": "save"}
    assert client.post(address(world), data=data).status_code == 302
    assert stored(world)[0].values["holder"] is None


def test_a_colleague_was_faster_and_what_was_typed_stays(world, sign_in):
    row = put(world)
    save(world.staff("office"), place(world), [SentRow(row.id, 1, {"post": "同事填的"})])
    data = {**posted(row.id, 1, {**PLAN, "holder": "", "post": "我填的"}), "action": "save"}
    page = text(sign_in("east").post(address(world), data=data), 409)
    assert "刚被同事改过" in page and 'value="我填的"' in page and f'name="v:{row.id}" value="2"' in page
    assert stored(world)[0].values["post"] == "同事填的"


def test_adding_and_removing_rows_without_a_script(world, sign_in):
    row = put(world)
    client = sign_in("east")
    page = text(client.post(address(world), data={"action": "add"}))
    assert len(re.findall(r"<tr data-grid-row=", page)) == 6 + 1, "as many as the table may have, and the template"
    data = {**posted(row.id, 1, {**PLAN, "holder": ""}), "action": f"remove:{row.id}"}
    assert client.post(address(world), data=data).status_code == 302
    assert stored(world) == ()


PASTED = f"高工\t{ID}\t良好\t3\t2019-03-01\n经济师\t{ID}\t一般\t5\t\n"


def test_pasted_rows_are_put_into_the_table(world, sign_in):
    answer = sign_in("east").post(address(world), data={"action": "paste", "pasted": PASTED})
    assert answer.status_code == 302
    assert [(row.values["post"], row.values["grade"]) for row in stored(world)] == [
        ("高工", "good"),
        ("经济师", "fair"),
    ]


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        (PASTED.replace("\t5\t", "\t8\t"), "第 2 行 · 紧缺指数：请填 1 到 5 之间的整数"),
        (PASTED.replace("一般", "还行"), "第 2 行 · 等次"),
        (PASTED.replace("\n经", "\t多\t了\n经"), "有 7 列"),
        ("甲\n" * 7, "有 7 行"),
    ],
)
def test_a_paste_with_a_mistake_saves_nothing_and_keeps_the_text(world, sign_in, pasted, said):
    page = text(sign_in("east").post(address(world), data={"action": "paste", "pasted": pasted}), 422)
    assert said in page and "什么都没有" in page
    assert pasted.strip().splitlines()[0].split("\t")[0] in page
    assert stored(world) == ()


def test_a_pasted_block_fills_the_rows_that_the_notice_names(world, sign_in):
    answer = sign_in("east").post(address(world, "headcount"), data={"action": "paste", "pasted": "1\t2\t3\t4\n5"})
    assert answer.status_code == 302
    assert [dict(row.values) for row in stored(world, "headcount")] == [
        {"full": 1, "deputy": 2, "other": 4},
        {"full": 5},
    ]


def test_numbers_of_applicants_are_offered_and_taken_over_into_blank_cells(world, sign_in):
    world.applied("east", "甲")
    client = sign_in("east")
    page = text(client.get(address(world, "headcount")))
    assert "申报 1 人" in page and "把申报人数填进空格" in page
    assert stored(world, "headcount")[0].version == 0, "offered, not entered"
    assert client.post(address(world, "headcount"), data={"action": "adopt"}).status_code == 302
    assert stored(world, "headcount")[0].values == {"full": 1}
    assert "申报 1 人" not in text(client.get(address(world, "headcount")))


def test_a_table_with_copies_begins_at_the_first(world, sign_in):
    client = sign_in("east")
    assert client.get(address(world, "by_county")).headers["Location"].endswith("part=east")
    page = text(client.get(address(world, "by_county", part="west")))
    assert 'aria-current="page"' in page and "西县" in page


def test_another_unit_cannot_write_and_the_unit_above_only_reads(world, sign_in):
    put(world)
    assert sign_in("west").get(address(world)).status_code == 404
    for action in ("save", "paste", "adopt", "add"):
        assert sign_in("west").post(address(world), data={"action": action}).status_code == 404


def test_a_reveal_asks_for_a_reason(world, sign_in):
    row = put(world)
    where = address(world, rest=f"/rows/{row.id}/reveal/holder")
    client = sign_in("east")
    assert ID not in text(client.get(where))
    assert "请写明理由" in text(client.post(where, data={"reason": ""}), 422)
    assert ID in text(client.post(where, data={"reason": "与身份证核对"}))
    db.session.rollback()
    assert [line.reason for line in db.session.scalars(select(Audit).where(Audit.action == "reveal"))] == [
        "holder: 与身份证核对"
    ]
    assert client.get(address(world, rest=f"/rows/{row.id}/reveal/post")).status_code == 404


def send(client, world, rows, table="plan"):
    return client.post(address(world, table, rest="/rows"), json={"rows": rows})


def test_the_script_s_save_answers_row_by_row(world, sign_in):
    client = sign_in("east")
    good, bad = new_id(), new_id()
    rows = [{"id": good, "version": 0, "values": PLAN}, {"id": bad, "version": 0, "values": {"urgency": "9"}}]
    told = send(client, world, rows).get_json()["rows"]
    assert [(one["id"], one["state"], one["version"]) for one in told] == [(good, "saved", 1), (bad, "invalid", 0)]
    assert told[0]["cells"]["holder"] == {"text": "", "mask": f"4304{'*' * 13}{ID[-1]}", "problem": ""}
    assert told[0]["cells"]["since"]["text"] == "2019-03-01"
    assert told[1]["cells"]["urgency"]["text"] == "9" and "1 到 5" in told[1]["cells"]["urgency"]["problem"]
    late = send(client, world, [{"id": good, "version": 7, "values": {"post": "晚了"}}]).get_json()["rows"][0]
    assert late["state"] == "conflict" and late["cells"]["post"]["text"] == "总工程师" and "同事" in late["note"]
    gone = send(client, world, [{"id": good, "version": 1, "values": None}]).get_json()["rows"][0]
    assert gone["state"] == "removed"


def test_the_script_s_save_brings_sums(world, sign_in):
    first, second = stored(world, "headcount")
    rows = [
        {"id": first.id, "version": 0, "values": {"full": "2", "deputy": "3", "other": "1"}},
        {"id": second.id, "version": 0, "values": {"full": "4"}},
    ]
    told = send(sign_in("east"), world, rows, "headcount").get_json()
    assert told["rows"][0]["sums"] == {"senior": 5} and told["rows"][1]["sums"] == {"senior": 4}
    assert told["total"] == {"full": 6, "deputy": 3, "senior": 9, "other": 1} and told["grand"] == 10


@pytest.mark.parametrize(
    "body",
    [
        *(None, [], {}, {"rows": 3}, {"rows": [3]}, {"rows": [{"id": "a"}]}),
        *(
            {"rows": [{"id": "a" * 32, "version": "1", "values": {}}]},
            {"rows": [{"id": "a" * 32, "version": 0, "values": []}]},
        ),
        *({"rows": [{"id": "a" * 32, "version": 0, "values": {"nothing": "1"}}]},),
        *({"rows": [{"id": "a" * 32, "version": 0, "values": {"post": 3}}]},),
    ],
)
def test_a_body_of_another_shape_is_refused(world, sign_in, body):
    answer = sign_in("east").post(address(world, rest="/rows"), json=body)
    assert answer.status_code == 400 and "没有保存" in answer.get_json()["problem"]
    assert stored(world) == ()


def test_the_script_s_paste_is_taken_apart_and_not_saved(world, sign_in):
    client = sign_in("east")
    where = address(world, rest="/paste")
    told = client.post(where, json={"text": "良好\t3\n一般", "column": "grade", "room": 4}).get_json()
    assert told == {"rows": [{"grade": "良好", "urgency": "3"}, {"grade": "一般"}]}
    many = client.post(where, json={"text": "甲\n乙\n丙", "column": "post", "room": 2})
    assert many.status_code == 422 and "有 3 行" in many.get_json()["problem"]
    assert client.post(where, json={"text": 3}).status_code == 400
    assert stored(world) == ()


def test_csrf_guards_the_script_s_addresses(world, app, sign_in):
    client = sign_in("east")
    app.config["WTF_CSRF_ENABLED"] = True
    for rest in ("/rows", "/paste"):
        assert client.post(address(world, rest=rest), json={"rows": []}).status_code == 400
    assert client.post(address(world), data={"action": "save"}).status_code == 400


def test_the_office_sees_the_sum_of_all_units(world, sign_in):
    for unit, who, number in (("east", "east", "2"), ("west", "west", "3")):
        where = place(world, "headcount", unit)
        row = unit_tables.sheet(db.session(), where)[0]
        save(world.staff(who), where, [SentRow(row.id, 0, {"full": number, "other": "1"})])
    client = sign_in("office")
    intake = db.session.scalar(select(Round.id).where(Round.programme == "tiny"))
    page = text(client.get(f"/office/tables/{intake}/totals/headcount"))
    assert "相符" in page and "总数 7" in page and "东县、西县" in page
    assert client.get(f"/office/tables/{intake}/totals/plan").status_code == 404
    empty = text(client.get(f"/office/tables/{intake}/totals/by_county"))
    assert "还没有单位填这张表" in empty
