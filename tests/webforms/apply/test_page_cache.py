"""In a real browser: what is typed survives the page cache, a change of language and an old page; what belongs to one
person is not shown to the next on the same phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsing import chromium, follow
from playwright.sync_api import Browser, BrowserContext, Error, Page
from waiting import wait_for

from webforms import access

ARRIVED = "!window.left && document.readyState === 'complete' && !document.documentElement.hidden"
UNSETTLED = """name => Object.entries(sessionStorage).some(([key, kept]) => key.startsWith("bole:") &&
  JSON.parse(kept).some(([input, , , before]) => input === name && before === null))"""
# What the script lets last a moment lasts as long as the test, however slow the machine.
MOMENTS_LAST = """const soon = window.setTimeout;
window.setTimeout = (work, ms, ...rest) => (ms >= 3000 ? 0 : soon(work, ms, ...rest));"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium with its page cache."""
    with chromium(page_cache=True) as launched:
        yield launched


def travel(page: Page, way: str = "back") -> None:
    """The phone's back key; the test tool's own waits for a load that a cached page does not have."""
    with page.expect_event("framenavigated"):
        page.evaluate(f"window.left = true; setTimeout(() => history.{way}(), 0)")
    wait_for(lambda: _arrived(page))


def _arrived(page: Page) -> bool:
    try:
        return bool(page.evaluate(ARRIVED))
    except Error:  # asked while one page gave way to the next
        return False


def autosave(page: Page, field: str, value: str) -> None:
    """Type, leave the field, and see the page's script believe that the server has it."""
    page.fill(field, value)
    with page.expect_response("**/save"):
        page.press(field, "Tab")
    name = page.get_attribute(field, "name")
    wait_for(lambda: not page.evaluate(UNSETTLED, name))


def test_the_page_cache_shows_fresh_states_and_keeps_what_was_typed(phone: BrowserContext, person: Any) -> None:
    page = phone.new_page()
    page.goto(person.url("/tasks"))
    mark = page.locator(".tasks li").first.locator("[data-state]")
    assert mark.inner_text() == "没开始"
    follow(page, ".tasks a")
    autosave(page, "#field-name", "王小明")
    page.fill("#field-native_place", "衡东县")
    travel(page)
    assert page.evaluate("window.fromCache") is True, "this is the page cache, as in WeChat"
    page.wait_for_selector(".tasks li:first-child .state.in_progress")
    assert mark.inner_text() == "没填完"
    travel(page, "forward")
    assert page.input_value("#field-native_place") == "衡东县"


def test_the_language_switch_keeps_what_is_typed(phone: BrowserContext, person: Any) -> None:
    page = phone.new_page()
    page.goto(person.url("/s/basic"))
    page.fill("#field-name", "王小明")
    page.fill("#field-id_number", "4304061970")  # not valid yet: only this device has it
    follow(page, "button.lang")
    assert page.get_attribute("html", "lang") == "en"
    assert page.input_value("#field-name") == "王小明"
    assert page.input_value("#field-id_number") == "4304061970"


def test_a_page_read_just_before_the_save_does_not_lose_what_was_saved(phone: BrowserContext, person: Any) -> None:
    page = phone.new_page()
    page.add_init_script(MOMENTS_LAST)
    url = person.url("/s/basic")
    page.goto(url)
    stale = page.content()
    autosave(page, "#field-native_place", "湖南省衡阳市衡东县")
    page.route(f"**{url}", lambda route: route.fulfill(content_type="text/html", body=stale), times=1)
    page.reload()
    assert page.input_value("#field-native_place") == "湖南省衡阳市衡东县"


def test_an_answer_changed_in_another_door_is_not_overwritten_by_an_old_copy(
    phone: BrowserContext, person: Any
) -> None:
    page = phone.new_page()
    page.goto(person.url("/s/basic"))
    autosave(page, "#field-name", "王小明")
    person.get(person.url("/s/basic"))
    person.send(person.url("/s/basic"), {"field:name": "王大明"})
    page.goto(person.url("/s/basic"))
    assert page.input_value("#field-name") == "王大明"


def test_a_page_too_old_to_save_says_so_and_gives_its_words_back(phone: BrowserContext, person: Any) -> None:
    page = phone.new_page()
    page.goto(person.url("/s/basic"))
    page.evaluate("document.querySelector('form[data-keep] [name=_ticket]').value = 'too-old'")
    page.fill("#field-name", "王小明")
    page.press("#field-name", "Tab")
    page.get_by_text("放得太久了").wait_for()
    follow(page, ".actions button.primary")
    page.wait_for_url("**/resume*")
    page.goto(person.url("/s/basic"))
    assert page.input_value("#field-name") == "王小明"


def test_after_signing_out_the_next_person_sees_nothing(phone: BrowserContext, person: Any) -> None:
    page = phone.new_page()
    page.goto(person.url("/s/basic"))
    autosave(page, "#field-name", "王小明")
    page.fill("#field-native_place", "衡东县")
    page.goto(person.url("/check"))
    assert "王小明" in page.inner_text("main")
    page.goto(person.url("/keep"))
    follow(page, "form[data-sign-out] button")
    page.wait_for_url(f"**{person.url()}")
    assert page.evaluate("sessionStorage.length") == 0
    for _ in range(3):
        travel(page)
        assert "王小明" not in page.content() and "衡东县" not in page.content()
    assert not [one for one in phone.cookies() if one["name"] == access.COOKIE and person.app_id in one["value"]]
    page.goto(person.url())
    follow(page, "form button.primary")
    page.wait_for_url("**/consents")
    assert not page.query_selector("input:checked"), "a new person begins anew"
