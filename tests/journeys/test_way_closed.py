"""A way in that has closed, on a phone's screen in a real browser: read, tapped, and accessible in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import two_ways
from browsing import WCAG, chromium, follow, open_context, served, violations
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from two_ways import AFTER, BY_UNIT, LAST_DAY, OWN, SLUG, WAY

from models.application import queries, service
from models.clock import FixedClock
from models.extensions import db

RULES = (*WCAG, "best-practice")
WORDS = {
    "zh-CN": ("“单位统一报送”已经截止", "改为“个人申报”", "您符合：高级专业技术人才"),
    "en-GB": (
        "“Reported by the employer” has closed",
        "Change to “Own application”",
        "You qualify as: Senior professional",
    ),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def draft(app: Flask, clock: FixedClock) -> tuple[str, str]:
    """Somebody whose unit reports them, ready on the last day, and a day has passed: their id and resume link."""
    clock.set_day(LAST_DAY)
    with app.app_context():
        two_ways.open_programme()
        started = service.start(SLUG, "web", "zh")
        two_ways.lead(started.application.id, BY_UNIT)
        found = (str(started.application.id), started.resume_token)
        db.session.remove()
    clock.set_day(AFTER)
    return found


def sound(page: Page) -> None:
    assert violations(page, RULES) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("locale", WORDS)
def test_one_tap_changes_the_way(app: Flask, browser: Browser, draft: tuple[str, str], locale: str) -> None:
    app_id, token = draft
    closed, change, fits = WORDS[locale]
    with served(app) as base:
        page = open_context(browser, locale=locale).new_page()
        page.goto(f"{base}/p/{SLUG}")
        sound(page)
        page.goto(f"{base}/r/{token}")
        follow(page, "main form button")  # it is theirs
        page.goto(f"{base}/p/{SLUG}/verdict")
        expect(page.get_by_role("heading", level=1)).to_have_text(fits)
        page.goto(f"{base}/p/{SLUG}/declare")
        expect(page.get_by_role("heading", name=closed)).to_be_visible()
        sound(page)
        follow(page, page.get_by_role("button", name=change))
        page.wait_for_url(lambda url: url.endswith("/tasks"))
        expect(page.get_by_text(closed)).to_have_count(0)
        sound(page)
    with app.app_context():
        assert queries.view(app_id).answers[WAY] == OWN
        db.session.remove()
