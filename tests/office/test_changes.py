"""What has changed in a unit's workbook since it was taken out: by person and cell, and why somebody is gone."""

from datetime import date
from io import BytesIO
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook
from workbooks_out import build, fill, take

from models.application import service
from models.application.deciding import ReturnedItem
from models.extensions import db
from models.office import editions, registry
from models.office.chain_tables import RegistryEntry
from models.office.edition_changes import compare
from models.office.edition_tables import Edition
from models.office.tables import Audit
from models.programme.loader import load_pack
from models.unit_of_work import unit_of_work


def now_against(world, base, code="east"):
    """What is otherwise in the unit's summary, built anew."""
    book = build(world, code)["summary"]
    unit = world.unit(code)
    return compare(db.session(), unit, db.session.get_one(Edition, base), editions.of(db.session(), book))


def version(world, app_id):
    db.session.rollback()
    return world.application(app_id).version


def test_new_changed_and_gone_with_the_reason(world, clock):
    stays, back, away, leaves, moves = (world.applied(name=f"测试{name}") for name in "甲乙丙丁戊")
    for one in (stays, back):
        fill(world, one, "原来的")
    base = take(build(world)["summary"], world.staff("east"))
    clock.advance(minutes=1)
    new = world.applied(name="测试己")
    fill(world, stays, "=1+1")
    staff = world.staff("east").id
    service.return_items(back, [ReturnedItem("field:name", "写全名")], staff, version(world, back))
    service.decline(away, staff, version(world, away), "二", "不符合")
    service.withdraw(leaves)
    office, west = world.staff("office").id, world.unit("west").id
    service.reroute(moves, west, office, version(world, moves), "住址不在东县")
    found = now_against(world, base)
    assert [(one.name, one.open) for one in found.added] == [("测试己", True)] and found.added[0].key == new
    ((line,), (cell,)) = found.changed, found.changed[0].cells
    assert (line.name, cell.header, cell.was, cell.now, cell.veiled) == ("测试甲", "评语", "原来的", "=1+1", False)
    told = {one.name: (one.why, one.open) for one in found.gone}
    assert told == {"测试乙": ("returned", True), "测试丙": ("declined", True), "": ("moved", False)}
    assert [one.receipt for one in found.gone if one.why == "moved"] == [world.application(moves).receipt]
    assert found.left == 1 and bool(found)


def test_who_was_removed_is_told_with_the_clause(reporting_packs, world):
    app_id = world.applied(name="测试甲")
    application, day = world.application(app_id), date(2026, 11, 21)
    entry = RegistryEntry(application_id=app_id, programme="tiny", number=1, admitted_on=day)
    application.status = "admitted"
    db.session.add(entry)
    db.session.commit()
    base = take(build(world)["summary"], world.staff("east"))
    entry = db.session.scalar(db.select(RegistryEntry))
    clause = registry.leavings(load_pack("tiny"))[0]
    registry.remove(world.staff("office"), entry.id, entry.version, clause.id, "调离", day)
    (line,) = now_against(world, base).gone
    assert (line.name, line.why, line.clause, line.day) == ("测试甲", "removed", clause.clause, day)


@pytest.mark.parametrize("way", ["page", "sheet"])
def test_sealed_values_are_masked(world, sign_in, way):
    app_id = world.applied(name="测试甲")
    take(build(world)["summary"], world.staff("east"))
    number = world.number()
    world.applied(name="测试乙", id_number=number)
    book = build(world)["summary"]
    client = sign_in("east")
    if way == "page":
        text = client.get(f"/office/workbooks/{book.id}/changes").get_data(as_text=True)
        assert f"/office/applications/{app_id}" not in text
    else:
        answer = client.get(f"/office/workbooks/{book.id}/changes.xlsx")
        cells = [cell.value for row in load_workbook(BytesIO(answer.data)).active.iter_rows() for cell in row]
        text = "\n".join(str(value) for value in cells if value is not None)
    assert "测试乙" in text and number not in text


def test_the_sheet_holds_texts_only_and_its_name_is_an_office_s(world, sign_in):
    app_id = world.applied(name="测试甲")
    fill(world, app_id, "原来的")
    take(build(world)["summary"], world.staff("east"))
    fill(world, app_id, "=A1")
    book = build(world)["summary"]
    answer = sign_in("east").get(f"/office/workbooks/{book.id}/changes.xlsx")
    name = unquote(answer.headers["Content-Disposition"].rpartition("''")[2])
    assert name.startswith("东县") and "_汇总表变动清单_2026" in name and name.endswith(".xlsx")
    sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet.title == "变动清单" and "变更 1" in sheet["A2"].value
    row = [cell.value for cell in sheet[4]]
    assert row[1:3] == ["变更", "测试甲"] and row[5:8] == ["评语", "原来的", "=A1"]
    assert {cell.data_type for cell in sheet[4] if cell.value} == {"s"} and sheet["H4"].quotePrefix
    lines = db.session.scalars(db.select(Audit).where(Audit.action == "download_changes")).all()
    assert [line.reason for line in lines] == ["+0 ~1 -0"]


def test_any_earlier_edition_can_be_chosen_and_no_foreign_one(world, sign_in, clock):
    first = world.applied(name="测试甲")
    world.applied("west", name="西县人")
    one = take(build(world)["summary"], world.staff("east"))
    clock.advance(minutes=1)
    world.applied(name="测试乙")
    take(build(world)["summary"], world.staff("east"))
    foreign = take(build(world, "west")["summary"], world.staff("west"))
    clock.advance(minutes=1)
    fill(world, first, "新的评语")
    book = build(world)["summary"]
    client, page = sign_in("east"), f"/office/workbooks/{book.id}/changes"
    last = client.get(page).get_data(as_text=True)
    assert "新的评语" in last and "第 3 版" in last and 'id="added"' not in last
    assert 'id="added"' in client.get(f"{page}?since={one}").get_data(as_text=True)
    assert client.get(f"{page}?since={foreign}").status_code == 404
    assert client.get(f"{page}?since=none").status_code == 404
    assert "取走后有变动" in client.get("/office/workbooks").get_data(as_text=True)


def test_before_anything_was_taken_out_and_while_it_is_made_anew(world, sign_in):
    app_id = world.applied(name="测试甲")
    book = build(world)["summary"]
    client, page = sign_in("east"), f"/office/workbooks/{book.id}/changes"
    assert "没有可比的" in client.get(page).get_data(as_text=True)
    assert client.get(page + ".xlsx").status_code == 404
    with unit_of_work():
        service.withdraw(app_id)
    shown = client.get(page).get_data(as_text=True)
    assert "正在重新生成" in shown and f'hx-get="{page}?under_way=1"' in shown
    assert client.get(f"{page}?under_way=1", headers={"HX-Request": "true"}).status_code == 204
    forms = build(world)["forms"]
    assert client.get(f"/office/workbooks/{forms.id}/changes").status_code == 404
