"""The other language on any page of the form, with what was typed, right or wrong; without JavaScript too."""

from __future__ import annotations

import re
from typing import Any

import pytest
from browsing import follow, open_context
from playwright.sync_api import Browser

from webforms import access


def value(html: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*value="([^"]*)"', html)
    assert found, name
    return found[1]


def ticked(html: str, name: str) -> list[str]:
    inputs = re.findall(rf'<input[^>]*name="{re.escape(name)}"[^>]*>', html)
    return [re.search(r'value="([^"]*)"', one)[1] for one in inputs if " checked" in one]  # type: ignore[index]


def switch(person: Any, path: str, data: Any) -> str:
    """Read the page, type, and press the other language."""
    page = person.get(path)
    button = re.search(r'<button class="link lang"[^>]*formaction="([^"]+)"', page)
    assert button, "the switch is a button of the form"
    told = person.send(button[1].replace("&amp;", "&"), data)
    assert '<html lang="en">' in told and person.last.status_code == 200 and person.path == path
    assert "summary-title" not in told, "nothing is refused before it is handed in"
    return str(told)


def test_consents(person: Any) -> None:
    person.get("/")
    person.send(person.url("/start"))
    told = switch(person, person.url("/consents"), {"consent:personal_data": "yes"})
    assert ticked(told, "consent:personal_data") == ["yes"] and ticked(told, "consent:identity_data") == []
    assert not any(key.startswith("consent:") for key in person.view().answers), "a switch of language is no consent"


def test_a_question(person: Any) -> None:
    person.consent()
    told = switch(person, person.url("/q/claim"), {"claim": ["rural", "social_work"]})
    assert ticked(told, "claim") == ["rural", "social_work"]
    assert "claim" not in person.view().answers


def test_a_section_a_row_and_the_declaration(person: Any) -> None:
    person.to_the_form()
    typed = {"field:name": "王小明", "field:id_number": "43040619", "field:birth_date.y": "19x0", "field:post": ""}
    told = switch(person, person.url("/s/basic"), typed)
    for name, words in typed.items():
        assert value(told, name) == words
    row = person.url("/rows/career/1")
    person.get(f"{row}?lang=zh")
    told = switch(person, row, {"col:employer_and_post": "某乡政府", "col:start.y": "19"})
    assert (value(told, "col:start.y"), value(told, "col:employer_and_post")) == ("19", "某乡政府")
    person.get(f"{row}?lang=zh")
    person.fill_everything()
    name = next(key for key in person.view().plan.asks if key.kind == "declaration").key
    assert ticked(switch(person, person.url("/declare"), {name: "yes"}), name) == ["yes"]
    assert person.view().application.status == "draft"


def test_a_question_to_people_and_the_way_back_by_number(person: Any) -> None:
    person.consent()
    assert "公章盖在哪" in switch(person, person.url("/ask"), {"question": "公章盖在哪"})
    person.get("/resume?lang=zh")
    told = switch(person, "/resume", {"receipt": "BL-7K3M", "last4": "001X"})
    assert (value(told, "receipt"), value(told, "last4")) == ("BL-7K3M", "001X")


def test_what_was_typed_of_the_way_back_stays_when_it_was_wrong(person: Any) -> None:
    person.get("/resume")
    told = person.send("/resume", {"receipt": "BL-7K3M-92QX", "last4": "001X"})
    assert (value(told, "receipt"), value(told, "last4")) == ("BL-7K3M-92QX", "001X")


@pytest.mark.parametrize("scripts", [True, False])
def test_in_a_browser_the_switch_keeps_and_enter_saves(
    browser: Browser, address: str, person: Any, scripts: bool
) -> None:
    person.to_the_form()
    phone = open_context(browser, base_url=address, java_script_enabled=scripts)
    phone.add_cookies([{"name": access.COOKIE, "value": person.client.get_cookie(access.COOKIE).value, "url": address}])
    page = phone.new_page()
    page.goto(person.url("/s/basic"))
    page.fill("#field-name", "王小明")
    page.fill("#field-id_number", "43040619")
    follow(page, "button.lang")
    assert page.get_attribute("html", "lang") == "en"
    assert page.input_value("#field-name") == "王小明"
    assert page.input_value("#field-id_number") == "43040619"
    with page.expect_navigation():
        page.press("#field-name", "Enter")
    page.wait_for_selector("#summary-title")
    assert page.locator("html[lang=en]").count() == 1, "Enter saves; it does not change the language"
    assert page.input_value("#field-id_number") == "43040619"
    assert person.view().answers["field:name"] == "王小明"
    phone.close()
