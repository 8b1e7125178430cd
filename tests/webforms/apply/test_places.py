"""A place on the page: names while typing with a script, a look-up button without one, and any text passes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from browsing import follow, open_context, violations
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, expect

from webforms import access

FIELD = "field:native_place"


def test_without_a_script_a_button_finds_the_names_and_a_tick_takes_one(person: Any) -> None:
    person.to_the_form()
    person.get(person.url("/s/basic"))
    page = person.send(person.url("/s/basic"), {FIELD: "衡东", "field:name": "测试甲", "_find": FIELD})
    assert "您说的是下面哪一个？" in page
    assert re.findall(rf'name="{FIELD}.pick" value="([^"]*)"', page) == ["湖南省衡阳市衡东县", ""]
    assert 'value="衡东"' in page and person.view().answers["field:name"] == "测试甲"
    assert "有 " not in page.partition("<h1>")[0], "what is still empty is no mistake yet"
    person.send(person.url("/s/basic"), {FIELD: "衡东", f"{FIELD}.pick": "湖南省衡阳市衡东县"})
    assert person.view().answers[FIELD] == "湖南省衡阳市衡东县"


@pytest.mark.parametrize("pick", [{}, {f"{FIELD}.pick": ""}])
def test_what_was_written_may_stand(person: Any, pick: dict[str, str]) -> None:
    person.to_the_form()
    person.get(person.url("/s/basic"))
    person.send(person.url("/s/basic"), {FIELD: "河北省获鹿县", **pick})
    assert person.view().answers[FIELD] == "河北省获鹿县"


def test_a_name_that_is_not_found_is_said_and_kept(person: Any) -> None:
    person.to_the_form()
    person.get(person.url("/s/basic"))
    page = person.send(person.url("/s/basic"), {FIELD: "河北省获鹿县", "_find": FIELD})
    assert "没有找到这个地名" in page and 'value="河北省获鹿县"' in page
    assert person.view().answers[FIELD] == "河北省获鹿县"


def test_looking_up_another_field_changes_nothing(person: Any) -> None:
    person.to_the_form()
    person.get(person.url("/s/basic"))
    page = person.send(person.url("/s/basic"), {"field:name": "衡东", "_find": "field:name"})
    assert ".pick" not in page


def test_names_come_from_a_small_answer(site: Flask) -> None:
    client = site.test_client()
    assert client.post("/places", data={"q": "衡东"}).json == ["湖南省衡阳市衡东县"]
    assert client.post("/places", data={"q": "x" * 10_000}).json == []
    assert client.post("/places").json == []
    most = client.post("/places", data={"q": "自治县"})
    assert most.json is not None and len(most.json) == 8 and len(most.data) < 1024
    assert client.get("/places?q=衡东").status_code == 405, "what is typed stands in no address"


def test_with_a_script_names_come_while_typing(phone: BrowserContext, person: Any) -> None:
    page = phone.new_page()
    page.goto(person.url("/s/basic"))
    box = page.locator("#field-native_place")
    assert page.get_by_role("button", name="查找地名").count() == 0
    box.press_sequentially("衡东")
    option = page.locator("#field-native_place-places option")
    expect(option).to_have_count(1)
    assert option.get_attribute("value") == "湖南省衡阳市衡东县"
    assert box.get_attribute("list") == "field-native_place-places"
    assert violations(page) == []
    box.fill("河北省获鹿县")
    expect(option).to_have_count(0)


def test_on_a_phone_without_scripts(browser: Browser, address: str, person: Any, tmp_path: Any) -> None:
    person.to_the_form()
    cookie = person.client.get_cookie(access.COOKIE)
    context = open_context(browser, base_url=address, java_script_enabled=False)
    context.add_cookies([{"name": access.COOKIE, "value": cookie.value, "url": address}])
    page = context.new_page()
    page.goto(person.url("/s/basic"))
    page.fill("#field-native_place", "衡东")
    follow(page, page.get_by_role("button", name="查找地名"))
    page.wait_for_url("**#field-native_place")
    page.screenshot(path=tmp_path / "found.png")
    page.get_by_label("湖南省衡阳市衡东县").check()
    follow(page, page.get_by_role("button", name="保存并继续"))
    page.wait_for_selector(".summary")  # the rest of the section is still empty
    assert page.input_value("#field-native_place") == "湖南省衡阳市衡东县"
    context.close()
    assert person.view().answers[FIELD] == "湖南省衡阳市衡东县"
