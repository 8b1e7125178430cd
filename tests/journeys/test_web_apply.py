"""The applicant's whole way in a real browser on a phone's screen: every page checked by axe, in both languages,
light and dark. With BOLE_SCREENSHOTS set to a folder each page is also saved there, to be looked at."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from browsing import WCAG, chromium, open_context, served, violations
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, ElementHandle, Page

from models.application import rounds
from models.office import units
from models.programme import idnumber
from models.programme.loader import load_pack

SLUG = "hengyang-2015"
RULES = (*WCAG, "best-practice")
ID_NUMBER = idnumber.make("430406", date(1970, 3, 5), 17)
YES = ("yes", "senior_professional", "senior", "hengyang")
# The screen stays, the phone's letters grow: too wide a page is one whose number is cut off on a screenshot.
BIG_LETTERS = """() => {
    const root = document.documentElement;
    root.style.fontSize = "200%";
    const wide = root.scrollWidth;
    root.style.fontSize = "";
    return wide > 360 ? [wide] : [];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The app with an open round, served on a free port."""
    with app.app_context():
        pack = load_pack(SLUG)
        rounds.ensure_notice_round(pack)
        units.load_units(pack)
        rounds.open_round(SLUG, "2026", date(2026, 11, 1), date(2026, 12, 20))
    with served(app) as address:
        yield address


def photo() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((640, 480), 80).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


# What stands at the beginning of a line after a receipt's number, on each width a phone may have.
AFTER_CODES = """() => [...document.querySelectorAll("main .code")].flatMap(code => {
    const range = document.createRange();
    range.setStart(code.nextSibling, 0);
    range.setEnd(code.nextSibling, 1);
    return range.getBoundingClientRect().top >= code.getBoundingClientRect().bottom ? [range.toString()] : [];
})"""


@dataclass
class Walker:
    """A person who answers whatever a page asks."""

    page: Page
    name: str
    checked: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def look(self, name: str) -> None:
        """Check the page once under this name: axe, width, title, one heading."""
        if name in self.checked:
            return
        self.checked.add(name)
        self.errors += [f"{name}: {found}" for found in violations(self.page, RULES)]
        if self.page.evaluate("document.documentElement.scrollWidth") > 360:
            self.errors.append(f"{name}: wider than the screen")
        self.page.set_viewport_size({"width": 180, "height": 370})  # the same phone at twice the size
        if self.page.evaluate("document.documentElement.scrollWidth") > 180:
            self.errors.append(f"{name}: wider than the screen at 200 %")
        self.page.set_viewport_size({"width": 360, "height": 740})
        for width in self.page.evaluate(BIG_LETTERS):
            self.errors.append(f"{name}: {width} wide where letters are twice their size")
        folder = os.environ.get("BOLE_SCREENSHOTS")
        if folder:
            target = Path(folder) / self.name
            target.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=target / f"{len(self.checked):02d}-{name}.png", full_page=True)

    def go_on(self, button: str = ".actions button.primary") -> None:
        with self.page.expect_navigation():
            self.page.click(button)

    def answer_question(self) -> None:
        ticks = self.page.query_selector_all(".tick input")
        values = [tick.get_attribute("value") for tick in ticks]
        wanted = next((value for value in YES if value in values), values[0])
        ticks[values.index(wanted)].check()
        self.go_on()

    def fill_in(self) -> None:
        for box in self.page.query_selector_all("form [data-ask]"):
            self._fill_box(box)

    def _fill_box(self, box: ElementHandle) -> None:
        key = box.get_attribute("data-ask") or ""
        select, dates = box.query_selector("select"), box.query_selector_all(".date input")
        ticks = box.query_selector_all(".tick input")
        if select:
            if not select.evaluate("one => one.value"):
                select.select_option(index=1)
        elif dates:
            for part, value in zip(dates, ("1970", "3", "5"), strict=False):
                part.fill(value)
        elif ticks:
            if not any(tick.is_checked() for tick in ticks):
                ticks[0].check()
        else:
            box.query_selector("input, textarea").fill(self._words(key, box))  # type: ignore[union-attr]

    def _words(self, key: str, box: ElementHandle) -> str:
        if "id_number" in key:
            return ID_NUMBER
        if box.query_selector("[type=tel]"):
            return "13800000000"
        return "3" if box.query_selector("[inputmode=numeric]") else "测试内容"

    def tasks(self) -> None:
        """Walk from the task list to the check page."""
        for _ in range(60):
            found = re.search(r"/(s|d|rows|check)\b/?([\w]*)", self.page.url)
            kind = found[1] if found else "tasks"
            if kind == "check":
                return
            if kind == "tasks":
                self.go_on(".tasks a")
            elif kind == "d":
                self._document(found[2])  # type: ignore[index]
            else:
                self._section(kind, found[2])  # type: ignore[index]
        raise AssertionError(f"stuck at {self.page.url}: {self.page.inner_text('main')[:400]}")

    def _section(self, kind: str, name: str) -> None:
        self.look(f"{kind}-{name}")
        self.fill_in()
        empty = [one for one in self.page.query_selector_all("section.rows") if not one.query_selector("li, .optional")]
        if empty:
            with self.page.expect_navigation():
                empty[0].query_selector("button").click()  # type: ignore[union-attr]
        else:
            self.go_on()

    def _document(self, name: str) -> None:
        self.look(f"d-{name}")
        count = len(self.page.query_selector_all(".pages li"))
        image = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo()}
        self.page.set_input_files("#photo", [image])  # type: ignore[list-item]
        self.page.wait_for_selector(f".pages li:nth-child({count + 1})")
        self.look("d-received")
        self.go_on("form:not([data-photos]) .button.primary")


@pytest.mark.parametrize(("lang", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_from_the_first_page_to_the_status(browser: Browser, site: str, lang: str, scheme: str) -> None:
    context = open_context(browser, color_scheme=scheme, locale=lang)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    walker = Walker(page, f"{lang}-{scheme}")
    base = f"{site}/p/{SLUG}"
    page.goto(site)
    walker.look("home")
    page.goto(base)
    walker.look("programme")
    walker.go_on("form button.primary")
    walker.look("consents")
    assert not page.query_selector("input[type=checkbox]:checked")
    walker.go_on()
    walker.look("consents-error")
    assert page.query_selector("[data-focus]:focus"), "the error summary takes the focus"
    for tick in page.query_selector_all("input[type=checkbox]"):
        tick.check()
    walker.go_on()
    walker.look("claim")
    walker.go_on()
    walker.look("claim-error")
    for _ in range(30):
        if "/q/" not in page.url:
            break
        walker.look(page.url.rpartition("/")[2])
        walker.answer_question()
    assert page.url.endswith("/verdict")
    walker.look("verdict")
    assert page.query_selector(".clause blockquote"), "the verdict quotes the notice"
    walker.go_on("form button.primary")
    assert page.url.endswith("/prefill")
    walker.look("id-card-first")
    walker.go_on("main form button")  # not now
    walker.look("tasks")
    walker.tasks()
    walker.look("check")
    walker.go_on("a.button.primary")
    walker.look("declare")
    walker.go_on()
    walker.look("declare-error")
    for tick in page.query_selector_all("input[type=checkbox]"):
        tick.check()
    walker.go_on()
    assert page.url.endswith("/receipt")
    walker.look("receipt")
    receipt = page.inner_text(".number")
    for name in ("status", "keep", "ask", "leave"):
        page.goto(f"{base}/{name}")
        walker.look(name)
    page.goto(f"{base}/status")
    for width in range(300, 420, 10):
        page.set_viewport_size({"width": width, "height": 740})
        assert not {*page.evaluate(AFTER_CODES)} & {"，", "。", ",", "."}, width
    page.set_viewport_size({"width": 360, "height": 740})
    context.clear_cookies()
    page.goto(f"{base}/status")
    walker.look("resume")
    page.fill("#receipt", receipt.lower())
    page.fill("#last4", ID_NUMBER[-4:])
    walker.go_on()
    assert page.url.endswith("/status")
    page.goto(f"{site}/nowhere")
    walker.look("not-found")
    context.close()
    assert walker.errors == []
    assert broken == []


def test_a_dead_network_keeps_what_was_typed(browser: Browser, site: str) -> None:
    context = open_context(browser)
    page = context.new_page()
    _at_the_form(page, site)
    section = page.url
    page.fill("#field-name", "李测试")
    page.dispatch_event("#field-name", "change")
    context.set_offline(True)
    page.wait_for_selector("#offline:visible")
    page.fill("#field-native_place", "湖南省衡阳市衡东县")
    page.dispatch_event("#field-native_place", "change")
    page.click(".actions button.primary")
    assert "网络断了" in page.inner_text("#offline")
    assert page.input_value("#field-native_place") == "湖南省衡阳市衡东县", "the page stays with its input"
    context.set_offline(False)
    page.reload()
    assert page.input_value("#field-name") == "李测试"
    assert page.input_value("#field-native_place") == "湖南省衡阳市衡东县"
    other = open_context(browser)  # another device sees what reached the server
    other.add_cookies(context.cookies())  # type: ignore[arg-type]
    second = other.new_page()
    second.goto(section)
    assert second.input_value("#field-name") == "李测试"
    other.close()
    context.close()


def test_autosave_says_what_is_wrong_beside_the_field(browser: Browser, site: str) -> None:
    context = open_context(browser)
    page = context.new_page()
    _at_the_form(page, site)
    page.fill("#field-id_number", "430406197003050")
    page.press("#field-id_number", "Tab")
    page.wait_for_selector("#field-id_number-error:not(:empty)")
    assert "18 位" in page.inner_text("#field-id_number-error")
    assert page.input_value("#field-id_number") == "430406197003050"
    page.fill("#field-id_number", ID_NUMBER)
    page.press("#field-id_number", "Tab")
    page.wait_for_selector("#field-id_number-error", state="hidden")
    context.close()


def test_the_back_button_keeps_the_answer(browser: Browser, site: str) -> None:
    context = open_context(browser)
    page = context.new_page()
    _at_the_form(page, site)
    page.fill("#field-name", "李测试")
    page.goto(f"{site}/p/{SLUG}/check")
    page.go_back()
    assert page.input_value("#field-name") == "李测试"
    context.close()


def _at_the_form(page: Page, site: str) -> None:
    """Through consents and questions to the first section."""
    walker = Walker(page, "")
    page.goto(f"{site}/p/{SLUG}")
    walker.go_on("form button.primary")
    for tick in page.query_selector_all("input[type=checkbox]"):
        tick.check()
    walker.go_on()
    for _ in range(30):
        if "/q/" not in page.url:
            break
        walker.answer_question()
    walker.go_on("form button.primary")
    walker.go_on("main form button")  # the ID card first: not now
    walker.go_on(".tasks a")
