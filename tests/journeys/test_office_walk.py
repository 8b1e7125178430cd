"""The office's whole year in a real browser, on real processes: three units with forty invented people each, reviewed
with returns; one unit's workbook edited, through LibreOffice, and taken back with two conflicts; reported upward, by
one unit through the unit above it; admitted; a change asked for; an exit."""

import io
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browsing import DESK, chromium, follow, open_context, violations
from flask import Flask
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from serving import environment, free_port, serving
from sqlalchemy import delete, func, select
from waiting import PATIENCE, wait_for

from models.application import handoff, queries, service
from models.application.tables import Application, Outbox
from models.extensions import db
from models.office.staff import create_staff
from models.office.tables import UnitRow
from models.settings import Settings
from models.unit_of_work import unit_of_work
from webforms.app import create_app
from webforms.prepare import prepare
from webforms.simulate import simulate
from webforms.stamp import write_stamp

SLUG, PASSWORD = "hengyang-2015", "Walk-2026-test"
EACH = 40
OWN, OTHER, BRANCH, ABOVE = "baisha-park", "yanfeng", "beijing-office", "city-government-office"
POST, MAJOR = "field:post", "field:major"


@dataclass
class Walk:
    """The running installation: its address, and the same data seen from here."""

    base: str
    app: Flask
    browser: Browser

    def enter(self, username: str, password: str = PASSWORD) -> Page:
        """Signed in at a desk."""
        page = open_context(self.browser, viewport=DESK).new_page()
        page.goto(f"{self.base}/office/")
        page.fill("#identity", username)
        page.fill("#password", password)
        follow(page, page.get_by_role("button", name="登录"))
        return page

    def show(self, page: Page, path: str) -> Page:
        """A page of the office, which is accessible."""
        page.goto(f"{self.base}/office/{path}")
        assert violations(page) == [], path
        return page

    def people(self, code: str, *statuses: str) -> list[str]:
        """The ids of a unit's people in these states (any: all), in the order in which they came."""
        unit = select(UnitRow.id).where(UnitRow.programme == SLUG, UnitRow.code == code).scalar_subquery()
        query = select(Application.id).where(Application.unit_id == unit).order_by(Application.submitted_at)
        with self.app.app_context():
            return list(db.session.scalars(query.where(Application.status.in_(statuses)) if statuses else query))

    def states(self) -> dict[str, int]:
        """How many are in each state."""
        query = select(Application.status, func.count()).group_by(Application.status)
        with self.app.app_context():
            return {row[0]: row[1] for row in db.session.execute(query)}

    def answers(self, app_id: str) -> dict[str, object]:
        """What a person has answered."""
        with self.app.app_context():
            return dict(queries.view(app_id).answers)

    def correct(self, app_id: str, given: dict[str, object]) -> None:
        """What a person does on the phone about what was returned."""
        with self.app.app_context():
            service.record(app_id, given, "web")
            service.submit(app_id, "web")


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    port, data = free_port(), tmp_path_factory.mktemp("walk") / "data"
    settings = Settings.from_env(environment(data, port))
    app = create_app(settings)
    write_stamp(settings, *prepare(app))
    app.extensions["bole"].redis = None  # photos are judged here; the workers find what is promised by themselves
    simulate(app, SLUG, 3 * EACH, 7, units=(OWN, OTHER, BRANCH))
    with app.app_context(), unit_of_work() as session:  # nobody here asks what is written on invented papers
        session.execute(delete(Outbox).where(Outbox.job == "read_page"))
    with serving(data, port, BOLE_UNDO_SECONDS="0"), chromium() as browser:
        with app.app_context():
            for username, code in (("yanfeng", OTHER), ("zhujing", BRANCH), ("fuban", ABOVE)):
                named = select(UnitRow.id).where(UnitRow.programme == SLUG, UnitRow.code == code)
                unit = db.session.scalars(named).one()
                create_staff(
                    username=username, password=PASSWORD, display_name=username, roles=("reviewer",), unit_id=unit
                )
        yield Walk(f"http://127.0.0.1:{port}", app, browser)
        with app.app_context():
            db.engine.dispose()


def take_out(walk: Walk, page: Page, unit: str) -> bytes:
    """The unit's summary with everybody who is in it, through the link of the page."""

    def whole() -> bytes | None:
        page.goto(f"{walk.base}/office/workbooks")
        link = page.get_by_role("link", name=f"下载 {unit} 汇总表")
        if not link.count():
            return None
        with page.expect_download() as coming:
            link.click()
        data = Path(coming.value.path()).read_bytes()
        return data if len(rows(data)) == EACH else None

    return wait_for(whole)


def rows(data: bytes) -> dict[str, int]:
    """Where each person's row is, by the hidden key."""
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    (column,) = [cell.column for cell in sheet[3] if str(cell.value).startswith("bole:")]
    keys = {sheet.cell(at, column).value: at for at in range(4, sheet.max_row + 1)}
    return {str(key): at for key, at in keys.items() if key}


def edited(data: bytes, folder: Path, changes: dict[str, tuple[str, str]]) -> bytes:
    """The workbook with other values, as LibreOffice writes it. `changes`: a header and a value, by key."""
    book = load_workbook(io.BytesIO(data))
    sheet, places = book.worksheets[0], rows(data)
    headers = {str(cell.value): cell.column for cell in sheet[3]}
    for key, (header, value) in changes.items():
        sheet.cell(places[key], headers[header]).value = value
    book.save(folder / "back.xlsx")
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to"]
    command += ["xlsx", "--outdir", str(folder / "out"), str(folder / "back.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    return (folder / "out" / "back.xlsx").read_bytes()


def return_items(walk: Walk, page: Page, app_id: str, label: str, reason: str) -> None:
    """A reviewer sends one field back."""
    walk.show(page, f"applications/{app_id}/return")
    page.get_by_label(label, exact=True).check()
    page.get_by_label(f"退回「{label}」的理由").fill(reason)
    follow(page, page.locator(".submit-bar button"))


def correct_on_the_phone(walk: Walk, app_id: str, label: str, value: str) -> None:
    """The person follows the link of the message, changes what was returned, and hands in again."""
    with walk.app.app_context():
        token = handoff.make(app_id)
    phone = open_context(walk.browser).new_page()
    phone.goto(f"{walk.base}/h/{token}")
    follow(phone, phone.get_by_role("button", name="是我的，继续"))
    expect(phone.locator("main")).to_contain_text(f"{label}：")
    assert violations(phone) == []
    follow(phone, phone.locator("[data-task]"))
    phone.get_by_label(label).fill(value)
    follow(phone, phone.locator("main form button[type=submit]").first)
    phone.goto(f"{walk.base}/p/{SLUG}/check")
    follow(phone, phone.get_by_role("link", name="核对无误，去提交"))
    for box in phone.get_by_role("checkbox").all():
        box.check()
    follow(phone, phone.get_by_role("button", name="提交"))
    expect(phone.locator("h1")).to_contain_text("已")
    phone.context.close()


def approve_all(walk: Walk, page: Page, code: str) -> None:
    """Everybody who waits, at once, with an opinion."""
    walk.show(page, "applications")
    page.locator("[data-tick-page]").check()
    with page.expect_navigation():
        page.locator("[data-tick-page]").press("a")
    expect(page.locator("#will")).to_contain_text(f"将通过的 {EACH} 份")
    page.locator("#opinion").fill("情况属实，同意上报。")
    follow(page, page.get_by_role("button", name=f"通过这 {EACH} 份"))
    expect(page.locator("#course")).to_contain_text(f"办好 {EACH} 份")
    assert len(walk.people(code, "approved")) == EACH


def report(walk: Walk, page: Page, count: int) -> str:
    """The unit hands everybody upward; the address of the report."""
    walk.show(page, "reports")
    page.locator("#note").fill(f"共 {count} 人")
    follow(page, page.get_by_role("button", name="上报打勾的人"))
    expect(page.locator("h1")).to_contain_text("第 1 次上报")
    expect(page.locator("#people .count")).to_have_text(str(count))
    return page.url


def take_in(page: Page, report: str) -> None:
    """The report is taken in as soon as all of its files are there."""
    page.goto(report)
    button = page.get_by_role("button", name="收下")
    wait_for(lambda: (page.reload(), button.is_enabled())[1], lambda: page.inner_text("main"))
    assert violations(page) == []
    follow(page, button)
    expect(page.locator("h1")).to_contain_text("已收下")


def change(walk: Walk, unit: Page, office: Page, app_id: str) -> None:
    """The unit reports a new post with its proof and its opinion; the office takes it in."""
    walk.show(unit, f"applications/{app_id}/change")
    unit.get_by_label("职务调整").check()
    follow(unit, unit.get_by_role("button", name="下一步"))
    unit.get_by_label("领导职务").fill("总工程师")
    unit.locator("#reason").fill("本月任命")
    unit.set_input_files("#photo", {"name": "appointment.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    unit.get_by_label("本人知道并同意").check()
    assert violations(unit) == []
    follow(unit, unit.get_by_role("button", name="提交变动申请"))
    unit.locator("#opinion").fill("情况属实。")
    follow(unit, unit.get_by_role("button", name="签署意见，报办公室"))
    walk.show(office, "registry/changes")
    follow(office, office.locator("[data-row] a").first)
    expect(office.locator("ins")).to_have_text("总工程师")
    assert violations(office) == []
    follow(office, office.get_by_role("button", name="同意变动，今天起生效"))
    assert walk.answers(app_id)[POST] == "总工程师"


def picture() -> bytes:
    """The photo of an appointment, as far as anybody here looks at it."""
    made = io.BytesIO()
    Image.new("RGB", (900, 640), "#e8e4d8").save(made, "JPEG")
    return made.getvalue()


def test_from_forty_people_a_unit_to_the_exit(walk: Walk, tmp_path: Path) -> None:
    own = walk.people(OWN)
    assert [len(walk.people(code, "submitted")) for code in (OWN, OTHER, BRANCH)] == [EACH] * 3
    reviewer = walk.enter("shenhe-hengyang", "Shenhe-2026-demo")
    data = take_out(walk, reviewer, "白沙园区")

    # returned, and corrected while the clerk has the workbook
    alone, theirs, ours = own[:3]
    for one in (theirs, ours):
        return_items(walk, reviewer, one, "领导职务", "请写全称")
    correct_on_the_phone(walk, theirs, "领导职务", "车间副主任")
    walk.correct(ours, {POST: "研发部副部长"})
    changes = {alone: ("所学专业", "机械设计制造"), theirs: ("领导职务", "车间主任"), ours: ("领导职务", "研发部部长")}
    back = edited(data, tmp_path, changes)
    walk.show(reviewer, "returns")
    reviewer.set_input_files("#file", {"name": "改好的表.xlsx", "mimeType": "application/octet-stream", "buffer": back})
    follow(reviewer, reviewer.get_by_role("button", name="上传并核对"))
    conflicts = reviewer.locator("tr.table-warning")
    wait_for(lambda: (reviewer.reload(), conflicts.count())[1] == 2, lambda: reviewer.inner_text("main"))
    assert violations(reviewer) == []
    conflicts.nth(0).get_by_label("表里的").check()
    conflicts.nth(1).get_by_label("现在的").check()
    follow(reviewer, reviewer.get_by_role("button", name="采用所选的改动"))
    assert set(walk.people(OWN, "returned")) == {alone, theirs}
    assert walk.answers(ours)[POST] == "研发部副部长"
    walk.correct(alone, {MAJOR: "机械设计制造"})
    walk.correct(theirs, {POST: "车间主任"})

    # every unit reviews its own, with one more returned in each
    other, branch, above = walk.enter("yanfeng"), walk.enter("zhujing"), walk.enter("fuban")
    for page, code in ((other, OTHER), (branch, BRANCH)):
        one = walk.people(code)[0]
        return_items(walk, page, one, "所学专业", "请写全称")
        walk.correct(one, {MAJOR: "工商管理"})
    for page, code in ((reviewer, OWN), (other, OTHER), (branch, BRANCH)):
        approve_all(walk, page, code)

    # upward: two units to the office, one to the unit above it
    report(walk, reviewer, EACH)
    report(walk, other, EACH)
    take_in(above, report(walk, branch, EACH))
    report(walk, above, EACH)
    office = walk.enter("bangong-hengyang", "Bangong-2026-demo")
    walk.show(office, "reports")
    arrived = office.locator("#incoming ~ div [data-open]").evaluate_all("all => all.map(a => a.href)")
    assert len(arrived) == 3
    for one in arrived:
        take_in(office, one)
    assert walk.states() == {"reported": 3 * EACH}

    # admitted, all of them, by their numbers
    walk.show(office, "registry/admit")
    follow(office, office.locator(".submit-bar button"))
    expect(office.get_by_role("status").first).to_contain_text(f"已入库 {3 * EACH} 人")
    assert walk.states() == {"admitted": 3 * EACH}
    assert violations(office) == []

    change(walk, reviewer, office, alone)

    # out, by a clause
    walk.show(office, "registry")
    row = office.locator("[data-row]").nth(1)
    follow(office, row.get_by_role("link", name="退出"))
    assert violations(office) == []
    office.locator("#leaving").select_option(index=1)
    office.locator("#reason").fill("已调离本市")
    follow(office, office.locator(".submit-bar button"))
    assert walk.states() == {"admitted": 3 * EACH - 1, "removed": 1}
    for path in ("registry?state=ended", "progress", "figures", "audit"):
        walk.show(office, path)
    with walk.app.app_context():
        assert db.session.scalars(select(Outbox.job).where(Outbox.state == "failed")).all() == []
