"""Somebody reported by two units, or in two programmes, settled in a real browser."""

from browsing import follow, violations
from entered_people import pasted, person, work
from playwright.sync_api import expect

from models.extensions import db
from models.office import elsewhere


def clean(page, where):
    assert violations(page) == [], where
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), where


def test_the_office_settles_one_of_two_by_keys(not_twice_packs, world, enter, address):
    numbers = world.number(), world.number()
    world.applied("west", id_number=numbers[0], name="测试甲")
    pasted(world, [person(world, n, 身份证号=number) for n, number in enumerate(numbers)])
    pasted(world, [person(world, 1, 身份证号=numbers[1])], "west")
    page = enter("office")
    page.goto(f"{address}/office/doubles")
    clean(page, "the list")
    expect(page.locator("[data-row]")).to_have_count(2)
    page.keyboard.press("j")
    page.locator(":focus").press("Enter")
    page.wait_for_url("**/office/doubles/*")
    clean(page, "both sides")
    page.keyboard.press("1")
    expect(page.locator("[name=side]").first).to_be_checked()
    page.keyboard.press("r")
    page.keyboard.type("按人事关系")
    follow(page, page.get_by_role("button", name="确定，看下一件"))
    expect(page.locator(".alert-success")).to_be_visible()
    expect(page.get_by_role("button", name="确定", exact=True)).to_be_visible()
    page.goto(f"{address}/office/doubles?show=settled&lang=en")
    clean(page, "settled, in English")
    unit = enter("east")
    unit.goto(f"{address}/office/entry")
    clean(unit, "what the unit reads")


def test_the_office_is_told_of_another_programme_and_writes_down_what_it_decides(
    comparing_packs, world, enter, address
):
    elsewhere.switch(world.staff("other-office"), "tiny", True)
    number = world.number()
    for slug in ("tiny", "other"):
        world.applied("west", name="测试甲", id_number=number, slug=slug)
    db.session.rollback()
    page = enter("office")
    page.goto(f"{address}/office/elsewhere")
    clean(page, "before it is switched on")
    follow(page, page.get_by_role("button", name="打开"))
    work()
    page.goto(f"{address}/office/elsewhere")
    clean(page, "one who waits")
    page.keyboard.press("j")
    page.locator(":focus").press("Enter")
    page.wait_for_url("**/office/elsewhere/*")
    page.keyboard.press("1")
    page.keyboard.press("r")
    page.keyboard.type("可以同时报")
    clean(page, "one person")
    follow(page, page.get_by_role("button", name="记下"))
    page.goto(f"{address}/office/elsewhere?show=settled&lang=en")
    clean(page, "settled, in English")
