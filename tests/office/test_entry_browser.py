"""From a pasted list to the person's agreement in a real browser: the clerk at a desk, the person on a small phone."""

import re

from browsing import PHONE, follow, open_context, violations
from entered_people import HEADS, batch_of, contents, pasted, person, rows_of, work
from playwright.sync_api import expect

from models.extensions import db
from models.office import batch_mending, confirmations
from models.office.batch_mending import Sent


def clean(page, where):
    assert violations(page) == [], where
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), where


def test_a_clerk_enters_a_list_and_a_person_agrees_by_the_link(world, enter, address, browser):
    number = world.number()
    rows = [person(world, 1, 身份证号="4.30401E+17"), person(world, 2)]
    page = enter("east")
    page.goto(f"{address}/office/entry")
    clean(page, "nobody yet")
    page.locator("#pasted").fill("\n".join("\t".join(row) for row in [HEADS, *rows]))
    follow(page, page.get_by_role("button", name="读入名单"))
    batch_id = page.url.rpartition("/")[2]
    expect(page.get_by_text("正在读取")).to_be_visible()
    work()
    row = page.locator("[data-grid-row]").first
    expect(row.locator(".g-wrong")).to_have_text(["身份证号"])
    clean(page, "a faulty row")
    row.get_by_label("身份证号").fill(number)
    row.get_by_label("身份证号").press("Tab")
    expect(page.locator("[data-state]")).to_contain_text("已保存")
    expect(row.locator(".g-wrong")).to_have_count(0)
    follow(page, page.get_by_role("button", name="全部录入"))
    work()
    page.goto(f"{address}/office/entry?lang=en")
    clean(page, "people who are waited for, in English")
    page.goto(f"{address}/office/entry/sheet?batch={batch_id}&lang=zh")
    expect(page.locator(".strips svg")).to_have_count(2)
    clean(page, "the sheet to print")
    assert batch_of(world, batch_id).state == "entered"
    app_id = rows_of(batch_id)[0].application_id
    page.goto(f"{address}/office/entry/people/{app_id}")
    clean(page, "one person")
    path = page.locator("#address").input_value().partition("/c/")[2]
    db.session.rollback()
    phone = open_context(browser, viewport=PHONE).new_page()
    phone.goto(f"{address}/c/{path}")
    clean(phone, "the link")
    phone.locator("#last4").fill(number[-4:])
    follow(phone, phone.get_by_role("button", name="查看"))
    clean(phone, "what was entered")
    for box in phone.locator(".tick input").all():
        box.check()
    follow(phone, phone.get_by_role("button", name="同意，去补还没填的"))
    assert confirmations.of_application(app_id).state == "confirmed"
    db.session.rollback()
    phone.goto(f"{address}/p/tiny/entered")
    follow(phone, phone.get_by_role("button", name="不同意，不要替我申报"))
    clean(phone, "whether they are sure")
    phone.context.close()


def test_a_clerk_enters_one_newcomer_by_keys_and_the_form_keeps_what_is_wrong(world, enter, address):
    page = enter("east")
    page.goto(f"{address}/office/entry")
    with page.expect_navigation():
        page.keyboard.press("n")
    clean(page, "the empty form")
    expect(page.get_by_label("姓名")).to_be_focused()
    page.keyboard.type("测试新")
    page.get_by_label("身份证号").fill("430401")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#problem")).to_be_focused()
    clean(page, "a number that is too short")
    assert page.get_by_label("姓名").input_value() == "测试新"
    page.locator("#problem a").click()
    expect(page.get_by_label("身份证号")).to_be_focused()
    page.get_by_label("身份证号").fill(world.number())
    db.session.rollback()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".qr svg")).to_have_count(1)
    clean(page, "the newcomer's link")
    page.goto(f"{address}/office/entry/one")
    assert page.get_by_label("姓名").input_value() == ""


def test_a_row_that_is_removed_takes_its_fault_from_the_other_with_its_number(world, enter, address):
    number = world.number()
    rows = [person(world, n, 身份证号=number) for n in (1, 2)]
    page = enter("east")
    page.goto(f"{address}/office/entry")
    page.locator("#pasted").fill("\n".join("\t".join(row) for row in [HEADS, *rows]))
    follow(page, page.get_by_role("button", name="读入名单"))
    work()
    first, second = page.locator("[data-grid-row]").first, page.locator("[data-grid-row]").nth(1)
    expect(second.locator(".g-wrong")).to_have_count(1)
    first.get_by_label("姓名").fill("改名")
    first.get_by_label("姓名").press("Tab")
    expect(first.locator(".g-wrong")).to_have_count(1)  # saved, it is compared with the other
    second.get_by_role("button", name="删除").click()
    expect(page.locator("[data-grid-row]")).to_have_count(1)
    expect(first.locator(".g-wrong")).to_have_count(0)
    expect(page.locator("[data-state]")).to_contain_text("已删除一行")
    expect(page.locator(".chips").first).to_have_text(re.compile(r"全部 1\s*有问题 0"))


def test_what_is_typed_is_kept_before_the_list_is_entered(world, enter, address):
    ident = pasted(world, [person(world, 1)])
    page = enter("east")
    page.goto(f"{address}/office/entry/batches/{ident}")
    page.route("**/rows", lambda route: route.abort(), times=1)  # a weak network
    page.get_by_label("第 1 行 姓名").fill("改名")
    follow(page, page.get_by_role("button", name="全部录入"))
    assert "改名" in contents(ident)[0].cells
    assert batch_of(world, ident).state == "entering"


def test_what_a_colleague_was_faster_with_is_shown_instead_of_entered(world, enter, address):
    ident = pasted(world, [person(world, 1)])
    page = enter("east")
    page.goto(f"{address}/office/entry/batches/{ident}")
    (row,) = rows_of(ident)
    batch_mending.save_rows(world.staff("east"), ident, [Sent(row.id, row.version, {0: "同事改的"})])
    page.get_by_label("第 1 行 姓名").fill("我改的")
    page.get_by_role("button", name="全部录入").click()
    expect(page.get_by_label("第 1 行 姓名")).to_be_focused()
    expect(page.locator("[data-state]")).to_contain_text("刚被同事改过")
    assert page.get_by_label("第 1 行 姓名").input_value() == "我改的"
    assert batch_of(world, ident).state == "read"


def test_without_a_network_the_list_is_not_entered_and_nothing_typed_is_lost(world, enter, address):
    ident = pasted(world, [person(world, 1)])
    page = enter("east")
    page.goto(f"{address}/office/entry/batches/{ident}")
    page.route("**/rows", lambda route: route.abort())
    page.get_by_label("第 1 行 姓名").fill("改名")
    page.get_by_role("button", name="全部录入").click()
    expect(page.get_by_label("第 1 行 姓名")).to_be_focused()
    expect(page.locator("[data-state]")).to_contain_text("连不上服务器")
    page.unroute("**/rows")
    follow(page, page.get_by_role("button", name="全部录入"))
    assert "改名" in contents(ident)[0].cells
    assert batch_of(world, ident).state == "entering"
