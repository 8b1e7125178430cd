"""The chat page in a real browser: a phone, light and dark, with and without JavaScript, with a network that fails."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from browsing import PHONE, chromium, follow, open_context, served, violations
from flask import Flask
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import select
from waiting import wait_for

from models.application import handoff, rounds, service
from models.application.tables import Conversation, DocumentPage, Inbound, Notice
from models.clock import FixedClock
from models.extensions import db
from models.office import units
from models.programme.loader import load_pack
from webforms.simulate import invent

PACK = "hengyang-2015"
CONSENTS = len(load_pack(PACK).programme.consents)
# The pauses between two tries are seconds; here they are none. Asking for news keeps its pace.
HURRY = """const soon = window.setTimeout;
window.setTimeout = (work, ms, ...rest) => soon(work, ms === 4000 ? ms : 0, ...rest);"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The app served from this process on a free port."""
    app.extensions["bole"].redis = None
    with app.app_context():
        units.load_units(load_pack(PACK))
        rounds.open_round(PACK, "试验", date(2026, 11, 1), date(2026, 12, 31))
        db.session.remove()
    with served(app) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = open_context(browser, device_scale_factor=2)
    yield made
    made.close()


def bubbles(page: Page) -> list[str]:
    return page.locator("#said li.us .bubble").all_inner_texts()


def say(page: Page, words: str) -> str:
    before = len(bubbles(page))
    page.fill("#text", words)
    page.click("button.send")
    return answered(page, before)


def answered(page: Page, before: int) -> str:
    page.locator("#said li.us").nth(before).wait_for()
    return "\n".join(bubbles(page)[before:])


def photo(folder: Path, size: tuple[int, int] = (3200, 2400), name: str = "page.jpg") -> Path:
    image = Image.new("RGB", size, "#f4f1e8")
    draw = ImageDraw.Draw(image)
    for y in range(60, size[1] - 60, 40):
        for x in range(60, size[0] - 60, 60):
            draw.rectangle((x, y, x + 30, y + 14), fill="#1d1d1d" if (x * 7 + y * 3) % 5 else "#8a2b2b")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=97)
    path = folder / name
    path.write_bytes(buffer.getvalue())
    return path


def start(page: Page, site: str) -> None:
    page.goto(f"{site}/chat/{PACK}")
    for _ in range(CONSENTS):
        say(page, "1")


def test_letters_that_the_browser_enlarges_are_larger_everywhere(site: str, context: BrowserContext) -> None:
    page = context.new_page()
    start(page, site)
    lettered = "h1, nav a, .bubble .text, .hint, .choice, textarea, .send"
    sizes = "all => all.map(one => [one.className || one.tagName, parseFloat(getComputedStyle(one).fontSize)])"
    before = page.locator(lettered).evaluate_all(sizes)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    after = page.locator(lettered).evaluate_all(sizes)
    assert len(before) > 10 and after == [[name, 2 * size] for name, size in before]
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], "nothing is wider than the phone"


def test_a_phone_by_buttons_is_accessible_in_light_and_dark(site: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{site}/chat/{PACK}")
    assert "1. 同意" in bubbles(page)[0]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(page) == []
    for _ in range(CONSENTS):
        before = len(bubbles(page))
        page.click("#choices button >> nth=0")
        answered(page, before)
    page.click("#choices button >> nth=2")
    assert page.locator("#choices [aria-pressed=true]").count() == 1
    assert page.input_value("#text") == "3", "where several may apply, pressing marks them"
    before = len(bubbles(page))
    page.click("button.send")
    assert "住在衡阳" in answered(page, before)
    assert violations(page) == []
    if os.environ.get("BOLE_PICTURES"):  # for the documentation
        page.emulate_media(color_scheme="light")
        page.screenshot(path=f"{os.environ['BOLE_PICTURES']}/chat-question.png")
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], "nothing is wider than the phone"
    page.set_viewport_size({"width": 180, "height": 370})  # the same phone at twice the size
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], "nothing is wider than the phone at 200 %"
    page.set_viewport_size(PHONE)
    small = page.locator("button:visible, a:visible:not(.skip), textarea").evaluate_all(
        "all => all.filter(one => one.getClientRects().length && one.tabIndex >= 0"
        " && one.getBoundingClientRect().height < 44).map(one => one.outerHTML)"
    )
    assert small == []


def test_at_twice_the_size_the_conversation_keeps_most_of_the_screen(site: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 180, "height": 370})
    start(page, site)
    page.fill("#text", "3")
    assert page.locator("#log").evaluate("log => log.clientHeight") > 370 / 3
    assert page.locator("button.send").is_visible() and page.get_by_role("heading", level=1).count() == 1


def test_the_list_of_programmes_is_accessible_in_both_languages(app: Flask, site: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{site}/chat/")
    first = page.locator("main ul").first
    assert "衡阳人才入库" in first.inner_text()
    assert "现在不接受申报，可以提问" in page.inner_text("main")
    assert violations(page) == []
    follow(page, "nav a[lang=en]")
    assert page.locator("html[lang=en]").count() == 1 and "Not taking applications now" in page.inner_text("main")
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    follow(page, "main li a")
    assert "1. I agree" in bubbles(page)[0], "the language goes along"


def test_a_lost_network_loses_nothing_and_sends_once(site: str, context: BrowserContext, app: Flask) -> None:
    page = context.new_page()
    start(page, site)
    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if not lost and route.request.method == "POST" and not route.request.url.endswith("/poll"):
            lost.append(route.request.url)
            route.fetch()  # it arrives, but the phone never hears so
            route.abort()
        else:
            route.continue_()

    page.route("**/chat/**", lose_the_first_answer)
    heard = say(page, "3")
    assert lost
    assert "住在衡阳" in heard
    with app.app_context():
        assert len(db.session.scalars(select(Inbound)).all()) == CONSENTS + 1
        db.session.remove()


def test_what_waits_for_the_network_stays_in_sight(site: str, context: BrowserContext) -> None:
    page = context.new_page()
    start(page, site)
    page.route("**/chat/**", lambda route: route.abort())
    page.fill("#text", "3")
    page.click("button.send")
    page.get_by_text("正在重试").wait_for()
    page.wait_for_function(
        """() => document.querySelector("#said li.waiting .bubble").getBoundingClientRect().bottom
            <= document.querySelector("#log").getBoundingClientRect().bottom"""
    )


def test_what_was_not_sent_is_still_in_the_box(site: str, context: BrowserContext) -> None:
    page = context.new_page()
    start(page, site)
    page.fill("#text", "写到一半的话")
    page.reload()
    assert page.input_value("#text") == "写到一半的话"
    assert "可以多选" in "\n".join(bubbles(page)), "the conversation is there after a reload"


def test_news_comes_by_itself(site: str, context: BrowserContext, app: Flask, clock: FixedClock) -> None:
    page = context.new_page()
    start(page, site)
    before = len(bubbles(page))
    with app.app_context():
        talk = db.session.scalars(select(Conversation)).one()
        told = Notice(conversation_id=talk.id, effect="n", code="office.answered", text="三个工作日")
        told.params = {"question": "要多久"}
        told.created_at = clock.now()
        db.session.add(told)
        db.session.commit()
        db.session.remove()
    assert "三个工作日" in answered(page, before)


def test_without_javascript(site: str, browser: Browser) -> None:
    context = open_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/chat/{PACK}")
    for _ in range(CONSENTS):
        follow(page, "#choices button")
    page.fill("#text", "3")
    follow(page, "button.send")
    assert "住在衡阳" in bubbles(page)[-1]
    follow(page, "nav button")
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Do you" in bubbles(page)[-1] or "live" in bubbles(page)[-1]
    context.close()


def at_the_documents(app: Flask) -> str:
    """Begun elsewhere; the link by which it is gone on with here, at the first document."""
    with app.app_context():
        pack, today = load_pack(PACK), date(2026, 11, 21)
        application = service.start(PACK, "web", "zh").application.id
        for key, value in invent(pack, 3, 1, today).answers.items():
            if not key.startswith(("document:", "declaration:")):
                service.record(application, {key: True if key == "verdict" else value}, "web")
        token = handoff.make(application)
        db.session.remove()
    return f"/chat/{PACK}/join/{token}"


def join(page: Page, site: str, link: str) -> None:
    page.goto(site + link)
    follow(page, page.get_by_role("button", name="是我的，继续"))
    assert "请发照片" in bubbles(page)[-1]


def stored(app: Flask) -> list[DocumentPage]:
    with app.app_context():
        found = list(db.session.scalars(select(DocumentPage)))
        db.session.remove()
    return found


def test_a_photo_chosen_before_the_script_has_come_is_sent(
    site: str, context: BrowserContext, app: Flask, tmp_path: Path
) -> None:
    page = context.new_page()
    join(page, site, at_the_documents(app))
    held: list[Route] = []
    page.route("**/chat.js*", lambda route: held.append(route))
    page.goto(f"{site}/chat/{PACK}", wait_until="commit")
    page.wait_for_selector("#photo", state="attached")
    before = len(bubbles(page))
    page.set_input_files("#photo", photo(tmp_path))
    wait_for(lambda: page.evaluate("true") and held)
    held[0].continue_()
    assert "收到了" in answered(page, before)
    assert len(stored(app)) == 1


def test_a_photo_chosen_while_words_are_on_their_way_goes_after_them(
    site: str, context: BrowserContext, app: Flask, tmp_path: Path
) -> None:
    page = context.new_page()
    join(page, site, at_the_documents(app))
    held: list[Route] = []
    page.route(f"**/chat/{PACK}", lambda route: held.append(route) if not held else route.continue_())
    page.fill("#text", "进度")
    page.click("button.send")
    wait_for(lambda: page.evaluate("true") and held)
    page.set_input_files("#photo", photo(tmp_path))
    assert stored(app) == []
    held[0].continue_()
    page.get_by_text("收到了").first.wait_for()
    assert len(stored(app)) == 1


def test_a_photo_that_the_network_lost_is_still_there_and_arrives_once(
    site: str, context: BrowserContext, app: Flask, tmp_path: Path
) -> None:
    page = context.new_page()
    page.add_init_script(HURRY)
    join(page, site, at_the_documents(app))

    def lost(route: Route) -> None:
        route.fetch()  # it arrives, but the phone never hears so
        route.abort()

    page.route(f"**/chat/{PACK}", lost)
    page.set_input_files("#photo", photo(tmp_path))
    page.get_by_text("没有发出去").wait_for()
    page.unroute(f"**/chat/{PACK}")
    with page.expect_response(f"**/chat/{PACK}"):  # asking for news may have shown the answer before
        page.click("button.send")
    page.get_by_text("收到了").first.wait_for()
    expect(page.locator("#alert")).to_be_hidden()
    assert len(stored(app)) == 1


def test_several_photos_are_chosen_at_once_and_go_one_after_the_other(
    site: str, context: BrowserContext, app: Flask, tmp_path: Path
) -> None:
    page = context.new_page()
    join(page, site, at_the_documents(app))
    chooser = page.locator("#photo")
    assert chooser.get_attribute("accept") == "image/*,application/pdf"
    held: list[Route] = []
    page.route(f"**/chat/{PACK}", lambda route: held.append(route) if not held else route.continue_())
    first, second = photo(tmp_path), photo(tmp_path, (2000, 3000), "second.jpg")
    page.set_input_files("#photo", [first, second])
    wait_for(lambda: page.evaluate("true") and held)
    expect(page.locator("#status")).to_have_text("正在发送…后面还有 1 张")
    held[0].continue_()
    page.get_by_text("收到了").nth(1).wait_for()
    expect(page.locator("#status")).to_be_hidden()
    assert [one.document for one in sorted(stored(app), key=lambda one: one.created_at)] == ["portrait", "id_card"]
    assert page.locator(".waiting").count() == 0 and violations(page) == []


def test_a_big_photo_is_made_smaller_and_acknowledged(
    site: str, context: BrowserContext, app: Flask, tmp_path: Path
) -> None:
    link = at_the_documents(app)
    page = context.new_page()
    page.goto(site + link)
    assert violations(page) == []
    join(page, site, link)
    assert link not in page.url
    big = photo(tmp_path)
    before = len(bubbles(page))
    page.set_input_files("#photo", big)
    assert "收到了" in answered(page, before)
    (kept,) = stored(app)
    assert 0 < kept.size < big.stat().st_size / 2
    assert violations(page) == []
