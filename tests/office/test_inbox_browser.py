"""A question in real browsers, from the chat to the desk and back: asked, taken, asked back, replied, answered, shown
in chat and on the status page, not solved, reopened."""

import re

import pytest
from browsing import PHONE, open_context, violations
from playwright.sync_api import expect

from models.extensions import db
from models.office import enquiries, prepared_answers
from models.office.prepared_answers import Draft
from models.office.tables import Enquiry


def say(page, text):
    page.fill("#text", text)
    page.locator("button.send").click()
    expect(page.locator("#text")).to_have_value("")


@pytest.fixture
def phone(browser, address):
    context = open_context(browser, viewport=PHONE)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.goto(f"{address}/chat/tiny")
    yield page
    context.close()


def test_a_question_from_the_chat_to_the_desk_and_back(world, enter, address, phone):
    prepared_answers.save(world.staff("office"), Draft("挂失", "请先挂失，凭回执补交。"))
    db.session.rollback()
    for text in ("你好", "1"):
        say(phone, text)
    say(phone, "人工 证书丢了怎么办呀")
    expect(phone.locator("body")).to_contain_text("转给工作人员")

    desk = enter("answerer")
    desk.goto(f"{address}/office/enquiries")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk.locator(".talk")).to_contain_text("证书丢了怎么办呀")
    desk.wait_for_load_state()
    desk.keyboard.press("t")
    expect(desk.locator("#taken")).to_contain_text("正在答复")
    desk.keyboard.press("w")
    expect(desk.locator("#answer")).to_be_focused()
    desk.keyboard.type("是哪一年发的？")
    assert violations(desk) == []
    desk.get_by_role("button", name="追问，等对方回答").click()
    expect(desk.get_by_role("status").first).to_contain_text("追问已发出")

    say(phone, "进度")
    expect(phone.locator("body")).to_contain_text("是哪一年发的？")
    say(phone, "答复 2010 年发的")
    expect(phone.locator("body")).to_contain_text("您的回答已经转给工作人员")

    desk.goto(f"{address}/office/enquiries?state=mine")
    expect(desk.locator("[data-row]")).to_contain_text("对方又写了")
    desk.locator("[data-row] a").click()
    expect(desk.locator(".thread-reply")).to_contain_text("2010 年发的")
    desk.wait_for_load_state()
    desk.keyboard.press("6")
    expect(desk.locator("#answer")).to_have_value("请先挂失，凭回执补交。")
    expect(desk.locator("#answer")).to_be_focused()
    desk.reload()
    expect(desk.locator("#answer")).to_have_value("请先挂失，凭回执补交。")  # kept on this device
    desk.locator("#answer").press("Control+Enter")
    expect(desk.get_by_role("status").first).to_contain_text("答复已发出")

    say(phone, "进度")
    expect(phone.locator("body")).to_contain_text("请先挂失，凭回执补交。")
    say(phone, "网页")
    link = phone.locator("a[href*='/h/']").last.get_attribute("href")
    web = phone.context.new_page()
    web.goto(f"{address}{re.sub(r'^https?://[^/]+', '', link)}")
    form = web.locator("main form button").first
    if form.count():
        form.click()
    web.goto(f"{address}/p/tiny/status")
    web.get_by_role("link", name="看答复").click()
    expect(web.locator("main")).to_contain_text("请先挂失，凭回执补交。")
    assert violations(web) == []

    say(phone, "没解决")
    expect(phone.locator("body")).to_contain_text("重新转给工作人员")
    desk.goto(f"{address}/office/enquiries")
    expect(desk.locator("[data-row]")).to_contain_text("证书丢了怎么办呀")
    db.session.rollback()
    assert db.session.scalars(db.select(Enquiry)).one().state == "open"


def test_without_a_script_a_clause_is_quoted_and_a_conflict_keeps_what_was_written(world, enter, address):
    asked = enquiries.ask(db.session, programme="tiny", question="公章盖在哪里？", effect="q").id
    db.session.commit()
    page = enter("answerer", java_script_enabled=False)
    page.goto(f"{address}/office/enquiries/{asked}")
    page.get_by_label("答复（发到").fill("写了一半")
    enquiries.take(world.staff("office"), asked, 1)
    enquiries.release(world.staff("office"), asked)
    db.session.rollback()
    page.get_by_role("button", name="发送答复").click()
    expect(page.get_by_role("alert")).to_contain_text("已有变动")
    expect(page.get_by_label("答复（发到")).to_have_value("写了一半")
    page.get_by_role("button", name="发送答复").click()
    expect(page.get_by_role("status").first).to_contain_text("答复已发出")


@pytest.mark.parametrize(("scheme", "lang", "width"), [("light", "zh", 1280), ("dark", "en", 640)])
def test_the_pages_are_accessible(world, enter, address, clock, scheme, lang, width):
    app_id = world.applied("east")
    asked = enquiries.ask(db.session, programme="tiny", question="在哪里交？", effect="q", application_id=app_id).id
    made = prepared_answers.save(world.staff("office"), Draft("挂失", "请先挂失。")).id
    db.session.commit()
    clock.advance(days=4)
    page = enter("office", color_scheme=scheme, viewport={"width": width, "height": 800})
    for path in ("enquiries", f"enquiries/{asked}", "enquiries/ageing", "prepared", "prepared/new", f"prepared/{made}"):
        page.goto(f"{address}/office/{path}?lang={lang}")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
