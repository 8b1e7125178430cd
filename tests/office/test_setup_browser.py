"""The pages on which an office is set up, in a real browser: accessible, no wider than the screen, and a test of a
channel whose result comes by itself."""

from browsing import follow, violations
from playwright.sync_api import expect

from models.office import channel_testing
from models.office.channel_testing import Result


def test_every_page_in_english_in_the_dark_and_narrow(world, enter, address):
    page = enter("admin", color_scheme="dark", viewport={"width": 640, "height": 800})
    for path in ("units", "units/new", "units/import", "calendar?year=2027", "channels", "keys", "retention"):
        page.goto(f"{address}/office/{path}{'&' if '?' in path else '?'}lang=en")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_from_a_pasted_list_to_a_closed_unit_and_a_tested_channel(world, enter, address):
    office = world.unit("office").id
    page = enter("admin")
    page.goto(f"{address}/office/units")
    page.keyboard.press("/")
    page.keyboard.type("East")
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.goto(f"{address}/office/units/import")
    page.locator("#list").fill("第一科\t第二处\n第二处")
    page.locator("#parent").select_option(office)
    follow(page, page.get_by_role("button", name="先看一遍"))
    expect(page.locator("#found")).to_contain_text("新增 2 个")
    assert violations(page) == []
    follow(page, page.get_by_role("button", name="导入 2 个单位"))
    follow(page, page.get_by_role("link", name="第一科", exact=True))
    page.locator("#reason").fill("并掉了")
    follow(page, page.get_by_role("button", name="停用这个单位"))
    expect(page.locator("h1")).to_contain_text("已停用")
    assert violations(page) == []
    page.goto(f"{address}/office/channels")
    page.locator("#c-email button").click()
    expect(page.locator("#c-email .alert")).to_contain_text("正在测试")
    channel_testing.keep("email", Result("network", "ConnectionRefusedError"))
    expect(page.locator("#c-email .alert")).to_contain_text("连不上对方的服务器")
    assert violations(page) == []
