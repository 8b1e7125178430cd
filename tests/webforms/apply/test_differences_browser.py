"""A difference on a phone's screen: looked at, corrected with one tap there and back, or stood by; then handed in."""

from __future__ import annotations

from typing import Any

from browsing import follow, open_context, violations
from playwright.sync_api import Browser, Page, expect

from tests.webforms.apply.test_differences import read_on, ready
from webforms import access


def on_the_phone(browser: Browser, address: str, person: Any) -> Page:
    context = open_context(browser, base_url=address)
    cookie = person.client.get_cookie(access.COOKIE)
    context.add_cookies([{"name": access.COOKIE, "value": cookie.value, "url": address}])
    page = context.new_page()
    page.goto(person.url("/check"))
    return page


def test_a_slip_is_corrected_and_the_question_is_gone(browser: Browser, address: str, person: Any) -> None:
    ready(person)
    read_on(person, name="测式")
    page = on_the_phone(browser, address, person)
    question = page.locator(".differences li")
    expect(question).to_contain_text("「身份证」上的姓名和您填的不一样")
    assert violations(page) == []
    follow(page, question.get_by_role("link", name="改一下"))
    page.locator("[name='field:name']").fill("测式")
    follow(page, "main form button.primary")
    assert page.url.endswith("/check")
    expect(page.locator(".differences")).to_have_count(0)
    page.context.close()


def test_a_number_opens_with_a_tap_and_is_stood_by(browser: Browser, address: str, person: Any) -> None:
    ready(person)
    number = person.view().answers["field:id_number"]
    read_on(person, id_number=number[:6] + "19991231" + number[14:])
    page = on_the_phone(browser, address, person)
    typed = page.locator(".differences details").first
    expect(typed).not_to_contain_text(number, use_inner_text=True)
    typed.locator("summary").click()
    expect(typed).to_contain_text(number, use_inner_text=True)
    follow(page, page.locator(".differences").get_by_role("button", name="我填的没错"))
    assert page.url.endswith("/check")
    expect(page.locator(".differences")).to_have_count(0)
    expect(page.locator("a.button.primary")).to_contain_text("去提交")
    page.context.close()
