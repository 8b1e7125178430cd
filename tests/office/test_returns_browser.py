"""An edited workbook in a real browser: uploaded, its conflicts decided by keys and by column, applied; axe, zh, en."""

from io import BytesIO

from browsing import violations
from openpyxl import load_workbook
from playwright.sync_api import expect
from workbooks_out import build, fill, remarks, take

from models.application.tables import Outbox
from models.extensions import db
from models.office import workbook_files
from workers.returns import read_return


def edited(world, count):
    """The unit's table as a clerk edited it."""
    take(build(world)["summary"], world.staff("east"))
    db.session.rollback()
    book = load_workbook(BytesIO(workbook_files.read(build(world)["summary"])))
    db.session.rollback()
    for line in book["汇总表"].iter_rows():
        if str(line[1].value).startswith("测试"):
            line[3].value = f"单位改{line[1].value[2:]}"
        if line[1].value == f"测试{count - 1}":
            line[2].value = 4.4e17
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_conflicts_are_decided_and_applied(world, enter, address):
    count = 4
    ids = [world.applied(name=f"测试{n}") for n in range(count)]
    for one in ids:
        fill(world, one, "原来的")
    data = edited(world, count)
    for n in (1, 2):
        fill(world, ids[n], f"同事改{n}")
    page = enter("east", viewport={"width": 1280, "height": 850})
    page.goto(f"{address}/office/returns")
    assert violations(page) == []
    page.set_input_files("#file", {"name": "改好的表.xlsx", "mimeType": "application/octet-stream", "buffer": data})
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("status")).to_contain_text("正在逐格核对")
    waiting = db.session.scalar(db.select(Outbox.id).where(Outbox.job == "read_return"))
    db.session.rollback()
    read_return(waiting)
    page.reload()
    assert violations(page) == []
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="全部用现在的").click()
    page.goto(f"{page.url}?lang=en")
    assert violations(page) == []
    conflict = page.locator("tbody", has_text="测试2").locator("tr.table-warning")
    conflict.locator("[data-take]").focus()
    page.keyboard.press("o")
    expect(conflict.locator("[data-open]")).to_be_checked()
    page.keyboard.press("a")
    expect(page.locator("#return")).to_contain_text(str(count - 1))
    assert [remarks(one) for one in ids[:3]] == ["单位改0", "同事改1", "单位改2"]
