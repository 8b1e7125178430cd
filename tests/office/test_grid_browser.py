"""The grid in a real browser: saved as it is typed, pasted, by keyboard, two clerks, a lost connection, axe."""

from datetime import date
from functools import partial

import pytest
from browsing import violations
from playwright.sync_api import expect
from sqlalchemy import select

from models.application.tables import Round
from models.extensions import db
from models.office import unit_tables
from models.office.unit_table_saving import SentRow, save
from models.programme import idnumber

ID = idnumber.make("430401", date(1980, 4, 5), 12)
WRONG = ID[:-1] + ("1" if ID[-1] != "1" else "2")


@pytest.fixture
def enter(enter):
    """With a clipboard that may be read: clerks copy and paste."""
    return partial(enter, permissions=["clipboard-read", "clipboard-write"])


def place(world, table="plan"):
    db.session.rollback()
    intake = db.session.scalar(select(Round.id).where(Round.programme == "tiny"))
    return unit_tables.find(world.staff("office"), intake, world.unit("east").id, table, "")


def stored(world, table="plan"):
    found = [dict(row.values) for row in unit_tables.sheet(db.session(), place(world, table))]
    db.session.rollback()
    return found


def opened(world, page, address, table="plan", lang="zh"):
    where = place(world, table)
    page.goto(f"{address}/office/tables/{where.intake.id}/{where.unit.id}/{table}?lang={lang}")
    db.session.rollback()
    page.wait_for_load_state()
    return page


def cell(page, row, column):
    return page.locator("tbody [data-grid-row]").nth(row).locator(f"[data-column={column}]")


def state(page):
    return page.locator("[data-state]")


def copy(page, text):
    page.evaluate("text => navigator.clipboard.writeText(text)", text)


def test_a_row_is_saved_as_it_is_typed_and_the_number_is_hidden_again(world, enter, address):
    page = opened(world, enter("east"), address)
    cell(page, 0, "post").fill("总工程师")
    cell(page, 0, "holder").fill(ID)
    cell(page, 0, "grade").select_option("good")
    cell(page, 0, "urgency").fill("５")
    cell(page, 0, "since").fill("2019年3月1日")
    cell(page, 1, "post").focus()
    expect(cell(page, 0, "since")).to_have_value("2019-03-01")
    expect(cell(page, 0, "urgency")).to_have_value("5")
    expect(cell(page, 0, "holder")).to_have_value("")
    expect(cell(page, 0, "holder")).to_have_attribute("placeholder", f"4304{'*' * 13}{ID[-1]}")
    expect(state(page)).to_contain_text("已保存")
    assert stored(world) == [{"post": "总工程师", "holder": ID, "grade": "good", "urgency": 5, "since": "2019-03-01"}]
    page.locator("a.reveal").click()
    page.locator(".reveal-form [name=reason]").fill("与身份证核对")
    page.locator(".reveal-form [name=reason]").press("Enter")
    expect(page.locator(".revealed")).to_have_text(ID)
    cell(page, 0, "post").fill("总经济师")
    cell(page, 0, "post").press("Tab")
    expect(state(page)).to_contain_text("已保存")
    assert stored(world)[0]["holder"] == ID, "a hidden number that nobody touched stays"


def test_a_wrong_cell_is_marked_in_its_place_and_the_row_waits(world, enter, address):
    page = opened(world, enter("east"), address)
    cell(page, 0, "post").fill("总工程师")
    cell(page, 0, "holder").fill(WRONG)
    cell(page, 0, "urgency").focus()
    expect(cell(page, 0, "holder")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("身份证号的最后一位与前面的数字对不上")).to_be_visible()
    expect(state(page)).to_contain_text("有 1 行还没有保存")
    assert violations(page) == []
    assert [row.get("holder") for row in stored(world)] in ([], [None])  # what was right before may be kept
    cell(page, 0, "holder").fill(ID)
    cell(page, 0, "urgency").focus()
    expect(state(page)).to_contain_text("已保存")
    expect(cell(page, 0, "holder")).not_to_have_attribute("aria-invalid", "true")
    assert stored(world)[0]["holder"] == ID


def test_many_rows_are_pasted_at_once_and_mistakes_are_marked(world, enter, address):
    page = opened(world, enter("east"), address)
    copy(
        page,
        f"高工\t{ID}\t良好\t3\t2019-03-01\r\n经济师\t{WRONG}\t一般\t5\r\n会计师\t{ID}\t还行\t9\r\n技师\t{ID}\t一般\t1",
    )
    cell(page, 0, "post").focus()
    page.keyboard.press("Control+v")
    expect(state(page)).to_contain_text("有 2 行还没有保存")
    expect(page.locator("[aria-invalid]")).to_have_count(3)
    expect(cell(page, 2, "grade")).to_have_value("还行")
    expect(cell(page, 1, "holder")).to_have_value(WRONG)
    assert [row["post"] for row in stored(world)] == ["高工", "技师"]
    cell(page, 2, "grade").select_option("good")
    cell(page, 2, "urgency").fill("4")
    cell(page, 1, "holder").fill(ID)
    cell(page, 0, "post").focus()
    expect(page.locator("[aria-invalid]")).to_have_count(0)
    assert sorted(row["post"] for row in stored(world)) == sorted(["高工", "经济师", "会计师", "技师"])


@pytest.mark.parametrize(("text", "said"), [("甲\n" * 7, "有 7 行"), ("a\tb\tc\td\te\tf", "有 6 列")])
def test_what_does_not_fit_is_not_pasted_at_all(world, enter, address, text, said):
    page = opened(world, enter("east"), address)
    copy(page, text)
    cell(page, 0, "post").focus()
    page.keyboard.press("Control+v")
    expect(state(page)).to_contain_text(said)
    expect(cell(page, 0, "post")).to_have_value("")
    assert stored(world) == []


def test_a_block_of_numbers_is_pasted_into_named_rows_and_added_up(world, enter, address):
    page = opened(world, enter("east"), address, "headcount")
    copy(page, "1\t2\t3\t4\n5\t\t5\t6")
    cell(page, 0, "full").focus()
    page.keyboard.press("Control+v")
    expect(page.locator("[data-sum=senior]").nth(0)).to_have_text("3")
    expect(page.locator("[data-total=senior]")).to_have_text("8")
    expect(page.locator("[data-grand]")).to_have_text("18")
    assert stored(world, "headcount") == [{"full": 1, "deputy": 2, "other": 4}, {"full": 5, "deputy": None, "other": 6}]


def test_by_keyboard(world, enter, address):
    page = opened(world, enter("east"), address)
    cell(page, 0, "post").focus()
    page.keyboard.type("甲")
    page.keyboard.press("Enter")
    page.keyboard.type("乙")
    page.keyboard.press("ArrowUp")
    expect(cell(page, 0, "post")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    expect(cell(page, 0, "holder")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(cell(page, 0, "post")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(cell(page, 3, "post")).to_be_focused()  # a new row
    page.keyboard.press("Shift+Tab")
    expect(state(page)).to_contain_text("已保存")
    assert [row["post"] for row in stored(world)] == ["甲", "乙"]


def test_a_colleague_in_the_same_row(world, enter, address):
    page = opened(world, enter("east"), address)
    cell(page, 0, "post").fill("我填的")
    cell(page, 0, "urgency").focus()
    expect(state(page)).to_contain_text("已保存")
    ident = page.locator("tbody [data-grid-row]").first.get_attribute("data-grid-row")
    save(world.staff("office"), place(world), [SentRow(ident, 1, {"post": "同事填的", "urgency": "2"})])
    db.session.rollback()
    cell(page, 0, "post").fill("我改的")
    cell(page, 0, "urgency").focus()
    expect(page.locator(".g-note")).to_contain_text("同事刚改过这一行")
    assert violations(page) == []
    assert stored(world)[0]["post"] == "同事填的"
    page.get_by_role("button", name="用我填的").click()
    expect(state(page)).to_contain_text("已保存")
    assert stored(world)[0]["post"] == "我改的"
    save(world.staff("office"), place(world), [SentRow(ident, 3, {"post": "同事又改"})])
    db.session.rollback()
    cell(page, 0, "post").fill("我又改")
    cell(page, 0, "urgency").focus()
    page.get_by_role("button", name="用同事的").click()
    expect(cell(page, 0, "post")).to_have_value("同事又改")
    expect(page.locator(".g-note")).to_have_count(0)


def test_what_is_typed_while_the_server_is_away_is_saved_later(world, enter, address):
    page = opened(world, enter("east"), address)
    page.context.set_offline(True)
    cell(page, 0, "post").fill("断网时填的")
    cell(page, 0, "urgency").focus()
    expect(state(page)).to_contain_text("连不上服务器")
    assert stored(world) == []
    page.context.set_offline(False)
    expect(state(page)).to_contain_text("已保存")
    assert stored(world)[0]["post"] == "断网时填的"


def test_signed_out_in_between_nothing_is_lost(world, enter, address):
    page = opened(world, enter("east"), address)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    cell(page, 0, "post").fill("退出后填的")
    cell(page, 0, "urgency").focus()
    expect(state(page)).to_contain_text("登录已过期")
    page.context.add_cookies(cookies)
    expect(state(page)).to_contain_text("已保存")
    assert stored(world)[0]["post"] == "退出后填的"


def test_rows_are_added_and_removed(world, enter, address):
    page = opened(world, enter("east"), address)
    cell(page, 0, "post").fill("要删的")
    cell(page, 1, "post").fill("留着的")
    cell(page, 2, "post").focus()
    expect(state(page)).to_contain_text("已保存")
    page.get_by_role("button", name="删除 第 1 行").click()
    expect(cell(page, 0, "post")).to_have_value("留着的")
    expect(state(page)).to_contain_text("已删除一行")
    assert [row["post"] for row in stored(world)] == ["留着的"]
    for _ in range(6):
        page.get_by_role("button", name="加行").click()
    expect(page.locator("tbody [data-grid-row]")).to_have_count(6)
    expect(state(page)).to_contain_text("已经满了")


def test_without_javascript(world, enter, address):
    page = opened(world, enter("east", java_script_enabled=False), address)
    cell(page, 0, "post").fill("总工程师")
    cell(page, 0, "holder").fill(ID)
    cell(page, 0, "grade").select_option("good")
    cell(page, 0, "urgency").fill("5")
    page.get_by_role("button", name="加行").click()
    expect(cell(page, 0, "post")).to_have_value("总工程师")
    page.get_by_text("从 Excel 或 WPS 粘贴").click()
    page.get_by_label("粘贴的内容").fill(f"高工\t{ID}\t一般\t1")
    page.get_by_role("button", name="存入表格").click()
    expect(page.get_by_role("status").first).to_contain_text("已存入 1 行")
    assert [row["post"] for row in stored(world)] == ["总工程师", "高工"]
    page.get_by_role("link", name="查看 第 1 行").click()
    page.get_by_label("查看理由").fill("与身份证核对")
    page.get_by_role("button", name="查看").click()
    expect(page.locator(".revealed")).to_have_text(ID)


@pytest.mark.parametrize(("scheme", "lang", "width"), [("light", "zh", 1280), ("dark", "en", 800)])
def test_every_page_is_accessible(world, enter, address, scheme, lang, width):
    world.applied("east", "甲")
    save(world.staff("east"), place(world), [SentRow("a" * 32, 0, {"post": "总工程师", "holder": ID})])
    where = place(world, "headcount")
    row = unit_tables.sheet(db.session(), where)[1]
    save(world.staff("east"), where, [SentRow(row.id, 0, {"full": "2"})])
    intake, unit = where.intake.id, where.unit.id
    db.session.rollback()
    page = enter("office", color_scheme=scheme, viewport={"width": width, "height": 800})
    sheets = [f"/office/tables/{intake}/{unit}/{table}" for table in ("plan", "headcount", "by_county")]
    paths = ["/office/tables", *sheets, f"{sheets[0]}/rows/{'a' * 32}/reveal/holder"]
    paths += [f"/office/tables/{intake}/totals/{table}" for table in ("headcount", "by_county")]
    for path in paths:
        page.goto(f"{address}{path}?lang={lang}")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
