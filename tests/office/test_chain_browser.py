"""The chain in a real browser, one after the other: an opinion with a prepared sentence, the report, taken in by key,
admission and leaving; axe on every page, in both languages."""

import pytest
from browsing import follow, violations
from playwright.sync_api import expect

from models.application import service
from models.application.tables import Outbox
from models.extensions import db
from models.office import opinions, reporting, unit_entries
from workers.reports import assemble_report


@pytest.fixture
def chained(reporting_packs, world):
    return world


def show(page, address, path, lang):
    """Open the page in this language; it is accessible and no wider than the screen."""
    page.goto(f"{address}/office/{path}{'&' if '?' in path else '?'}lang={lang}")
    assert violations(page) == [], path
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_from_the_opinion_to_the_exit(chained, enter, address):
    app_id = chained.applied(name="测试链")
    staff = chained.staff("east")
    assert unit_entries.save(staff, app_id, {"standing": "high", "remarks": "踏实"}, {}) == {}
    service.approve(app_id, staff.id, chained.application(app_id).version, "")
    unit = enter("east", viewport={"width": 800, "height": 800}, color_scheme="dark")
    show(unit, address, f"applications/{app_id}/opinion", "zh")
    unit.locator("summary").click()
    unit.locator("[data-fill]").first.click()
    expect(unit.locator("#opinion")).to_have_value(unit.locator("[data-fill]").first.get_attribute("data-words"))
    unit.locator("#opinion").press("Tab")
    follow(unit, unit.get_by_role("button", name="保存"))
    expect(unit.locator("#chain + .card-body")).to_contain_text("east 同志")
    show(unit, address, "reports", "zh")
    follow(unit, unit.get_by_role("button", name="上报打勾的人"))
    expect(unit.locator("h1")).to_contain_text("第 1 次上报")
    report_id = unit.url.rpartition("/")[2]
    unit.close()
    assert opinions.lines(db.session(), [])[app_id].count("审核人") == 1
    (job,) = db.session.scalars(db.select(Outbox.id).where(Outbox.job == reporting.JOB)).all()
    db.session.rollback()
    assemble_report(job)
    office = enter("office")
    show(office, address, f"reports/{report_id}", "en")
    office.keyboard.press("a")
    expect(office.locator(".alert-success")).to_be_visible()
    show(office, address, "registry/admit", "en")
    follow(office, office.locator(".submit-bar button"))
    expect(office.locator("[data-row]")).to_contain_text("测试链")
    assert violations(office) == []
    follow(office, office.get_by_role("link", name="Remove from the registry"))
    assert violations(office) == []
    office.locator("#leaving").select_option("二")
    office.locator("#reason").fill("调离")
    follow(office, office.locator(".submit-bar button"))
    show(office, address, "registry?state=ended", "zh")
    expect(office.locator("[data-row]")).to_contain_text("调离")
    show(office, address, "progress", "zh")
