"""The ID card first, in both doors, with the real reader: a drawn card is photographed, read by the worker's own jobs,
confirmed, and the form is filled in. With BOLE_SCREENSHOTS set to a folder the pages are saved there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from browsing import WCAG, chromium, follow, open_context, served, violations
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from models.application import handoff, queries, rounds, service
from models.application.tables import Application, Outbox
from models.clock import FixedClock
from models.extensions import db
from models.office import units
from models.programme.loader import load_pack
from webforms.simulate import invent
from workers.ocr.generated import sets
from workers.ocr.job import read_page
from workers.photos import process_page

SLUG = "hengyang-2015"
SEED = "prefill:1"
WORK = {"process_page": process_page, "read_page": read_page}
RULES = (*WCAG, "best-practice")


@cache
def card(side: str) -> sets.Photo:
    """One side of the card; drawn when it is first asked for, as every test process imports this."""
    return sets.photo(side, "easy", SEED)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def site(app: Flask, clock: FixedClock) -> Iterator[str]:
    """The app with an open round; jobs wait until the test does a worker's work."""
    clock.set_day(date(2026, 11, 27))
    app.extensions["bole"].redis = None
    with app.app_context():
        pack = load_pack(SLUG)
        units.load_units(pack)
        rounds.open_round(SLUG, "2026", date(2026, 11, 1), date(2026, 12, 20))
        db.session.remove()
    with served(app) as address:
        yield address


def worker_works(app: Flask) -> None:
    """Every page that waits is judged and read, by the jobs' own functions."""
    with app.app_context():
        for _ in range(2):
            for job, function in WORK.items():
                waiting = select(Outbox.id).where(Outbox.job == job, Outbox.state == "pending")
                for row in db.session.scalars(waiting).all():
                    db.session.rollback()
                    function(row)
        db.session.remove()


def saved(app: Flask) -> dict[str, Any]:
    with app.app_context():
        found = queries.view(db.session.scalars(select(Application.id)).one())
        answers = {key: value for key, value in found.answers.items() if key.startswith("field:")}
        assert "document:id_card" in found.plan.answered
        db.session.remove()
        return answers


def labels(name: str) -> dict[str, str]:
    fields = (field for section in load_pack(SLUG).form.sections for field in section.fields)
    return {option.value: option.label.zh for field in fields if field.id == name for option in field.options}


def check(answers: dict[str, Any]) -> None:
    """The form says what the drawn card says."""
    truth = card("id_front").truth
    assert answers["field:name"] == truth["name"] and answers["field:id_number"] == truth["id_number"]
    assert answers["field:sex"] == truth["sex"] and answers["field:birth_date"] == truth["birth_date"]
    assert labels("ethnicity")[answers["field:ethnicity"]].removesuffix("族") == truth["ethnicity"].removesuffix("族")


def to_the_verdict(app: Flask) -> str:
    """The resume link of a draft whose verdict is to be read."""
    with app.app_context():
        pack = load_pack(SLUG)
        started = service.start(SLUG, "web", "zh")
        for key, value in invent(pack, 3, 1, date(2026, 11, 27)).answers.items():
            if key.startswith(("consent:", "claim", "fact:")):
                service.record(started.application.id, {key: value}, "web")
        db.session.remove()
        return f"/r/{started.resume_token}"


def files() -> list[Any]:
    both = (("id_front", "front.jpg"), ("id_back", "back.jpg"))
    return [{"name": name, "mimeType": "image/jpeg", "buffer": card(side).picture} for side, name in both]


def look(page: Page, name: str) -> None:
    """Accessible, and no wider than a phone, also at twice its size."""
    assert violations(page, RULES) == []
    for width in (360, 180):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page.set_viewport_size({"width": 360, "height": 740})
    if folder := os.environ.get("BOLE_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"prefill-{name}.png", full_page=True)


WORDS = {
    "zh-CN": ("现在拍", "继续", "先往下填", "核对认到的内容", "核对好了，填进去"),
    "en-GB": ("Take the photo now", "Continue", "Go on with the form", "Check what was read", "Checked, fill it in"),
}


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_in_the_browser_a_photo_fills_in_the_form(app: Flask, site: str, browser: Browser, locale: str) -> None:
    now, onward, later, title, fill = WORDS[locale]
    page = open_context(browser, locale=locale).new_page()
    page.goto(site + to_the_verdict(app))
    follow(page, "main form button")  # it is theirs
    page.goto(f"{site}/p/{SLUG}/verdict")
    follow(page, "form button.primary")
    look(page, f"{locale}-offer")
    follow(page, page.get_by_role("link", name=now))
    page.set_input_files("#photo", files())
    expect(page.locator(".pages > li")).to_have_count(2)
    follow(page, page.get_by_role("button", name=onward))
    expect(page.get_by_role("link", name=later)).to_be_visible()
    look(page, f"{locale}-reading")
    worker_works(app)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)  # the page has noticed by itself
    expect(page.locator("#field-name")).to_have_value(card("id_front").truth["name"])
    expect(page.locator("#field-id_number")).to_have_value(card("id_front").truth["id_number"])
    look(page, f"{locale}-check")
    follow(page, page.get_by_role("button", name=fill))
    assert page.url.endswith("/tasks")
    look(page, f"{locale}-tasks")
    check(saved(app))


def test_without_scripts_a_link_looks_whether_it_has_been_read(app: Flask, site: str, browser: Browser) -> None:
    page = open_context(browser, java_script_enabled=False).new_page()
    page.goto(site + to_the_verdict(app))
    follow(page, "main form button")
    page.goto(f"{site}/p/{SLUG}/verdict")
    follow(page, "form button.primary")
    follow(page, page.get_by_role("link", name="现在拍"))
    page.set_input_files("#photo", files())
    follow(page, page.get_by_role("button", name="上传"))
    follow(page, page.get_by_role("button", name="继续"))
    worker_works(app)
    follow(page, page.get_by_role("link", name="看看认好了没有"))
    follow(page, page.get_by_role("button", name="核对好了，填进去"))
    check(saved(app))


def test_in_chat_the_verdict_and_what_was_read_come_as_next_messages(app: Flask, site: str, browser: Browser) -> None:
    page = open_context(browser).new_page()
    link = to_the_verdict(app)
    page.goto(site + link)
    follow(page, "main form button")
    page.goto(f"{site}/p/{SLUG}/verdict")
    follow(page, "form button.primary")
    with app.app_context():
        token = handoff.make(db.session.scalars(select(Application.id)).one())
        db.session.remove()
    page.goto(f"{site}/chat/{SLUG}/join/{token}")
    follow(page, page.get_by_role("button", name="是我的，继续"))
    page.get_by_text("先拍身份证，姓名").wait_for()
    look(page, "chat-offer")
    page.set_input_files("#photo", files())
    page.get_by_text("正在认身份证上的字，您可以先往下填").wait_for()
    worker_works(app)
    page.get_by_role("button", name="都对，填进去").wait_for()
    look(page, "chat-check")
    page.get_by_role("button", name="都对，填进去").click()
    page.get_by_text("填好了 5 项").wait_for()
    check(saved(app))
