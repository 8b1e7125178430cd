"""What has changed, seen as a unit's clerk does: from the list of tables, in both languages; axe on every page."""

from browsing import follow, violations
from playwright.sync_api import expect
from workbooks_out import build, fill, take

from models.application import service


def test_from_the_list_to_the_changes_and_the_wish_to_be_told(world, enter, address):
    stays, leaves = world.applied(name="测试甲"), world.applied(name="测试乙")
    take(build(world)["summary"], world.staff("east"))
    fill(world, stays, "踏实")
    service.withdraw(leaves)
    world.applied(name="测试丙")
    build(world)
    page = enter("east", viewport={"width": 640, "height": 800}, color_scheme="dark")
    page.goto(f"{address}/office/workbooks")
    expect(page.locator(".books .badge")).to_have_count(1)
    follow(page, page.locator(".books a[href$='/changes']").first)
    expect(page.locator("#changed")).to_be_visible()
    page.locator("#added ~ * summary").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto(f"{page.url}?lang=en")
    expect(page.locator(".chips")).to_contain_text("Gone 1")
    page.goto(f"{address}/office/notices/tables?lang=en")
    page.locator("#mode-daily").check()
    follow(page, page.locator(".submit-bar button"))
    expect(page.locator("#mode-daily")).to_be_checked()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
