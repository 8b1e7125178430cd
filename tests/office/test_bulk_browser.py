"""Many cases at once in a real browser: ticked and sent by key, looked at, confirmed, taken back, carried out; axe."""

from browsing import follow, violations
from bulk_runs import run, statuses
from playwright.sync_api import expect

from models.extensions import db


def test_two_of_three_are_returned_and_one_approved(world, enter, address, clock):
    ids = [world.applied(name=f"测试{n}") for n in range(3)]
    page = enter("east")

    def clean(where):
        assert violations(page) == [], where
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), where

    page.goto(f"{address}/office/applications")
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    with page.expect_navigation():
        page.keyboard.press("r")
    page.locator("#w-field-trade").fill("请写清工种")
    expect(page.locator("#t-field-trade")).to_be_checked()
    follow(page, page.get_by_role("button", name="看结果"))
    expect(page.locator("#will")).to_contain_text("将退回的 2 份")
    clean("what would be returned")
    follow(page, page.get_by_role("button", name="退回这 2 份"))
    expect(page.locator("#course")).to_contain_text("在那以前可以撤销")
    clean("waiting")
    follow(page, page.get_by_role("button", name="撤销"))
    expect(page.get_by_role("status").first).to_contain_text("已撤销")
    assert statuses(world, ids) == ["submitted"] * 3
    db.session.rollback()
    page.goto(f"{address}/office/applications?lang=en")
    page.locator("[data-tick-page]").check()
    with page.expect_navigation():
        page.keyboard.press("a")
    clean("what would be approved, in English")
    page.locator("#opinion").fill("同意上报")
    page.locator("#opinion").press("Tab")
    follow(page, page.get_by_role("button", name="Approve 3 cases"))
    expect(page.locator("#course")).to_contain_text("can be undone")
    clock.advance(seconds=60)
    last = page.url.rpartition("/")[2]
    run(last)
    page.goto(f"{address}/office/bulk/{last}?lang=zh")
    expect(page.locator("#course")).to_contain_text("办好 3 份")
    clean("how it went")
    page.goto(f"{address}/office/bulk")
    clean("the list")
    assert statuses(world, ids) == ["approved"] * 3


def test_many_are_returned_by_keys_alone(world, enter, address):
    ids = [world.applied(name=f"测试{n}") for n in range(3)]
    page = enter("east")
    page.goto(f"{address}/office/applications")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press("r")
    item = page.locator("[data-row]:has(:focus) [data-take]")
    first = item.get_attribute("value")
    for key in ("j", "j", "k", "x"):
        page.keyboard.press(key)
    expect(item).to_be_checked()
    assert item.get_attribute("value") != first
    page.keyboard.press("w")
    page.keyboard.type("请写清楚 jkx")
    page.keyboard.press("Escape")
    expect(item).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#will")).to_contain_text("将退回的 2 份")
    expect(page.locator("#will")).to_be_in_viewport()
    sending = page.get_by_role("button", name="退回这 2 份")
    expect(sending).to_be_focused()
    expect(sending).to_be_in_viewport()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#course")).to_contain_text("在那以前可以撤销")
    assert statuses(world, ids) == ["submitted"] * 3
    db.session.rollback()
    page.goto(f"{address}/office/applications")
    page.locator("[data-row] [name=item]").first.check()
    with page.expect_navigation():
        page.keyboard.press("r")
    with page.expect_navigation():
        page.keyboard.press("u")
    expect(page.locator("#queue")).to_be_visible()
