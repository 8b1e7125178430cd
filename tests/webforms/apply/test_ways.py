"""A way in that has closed, in the browser: said on every page where it matters, changed with one tap, nothing lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
import two_ways
from flask import Flask
from flask.testing import FlaskClient
from two_ways import AFTER, BY_UNIT, LAST_DAY, OWN, SLUG, WAY

from models.application import queries, service
from models.clock import FixedClock
from models.extensions import db
from models.interview.steps import ShowVerdict
from models.programme.loader import load_pack

CLOSED = "“单位统一报送”已经截止"
DECLARED = {f"declaration:{declaration.id}": "yes" for declaration in load_pack(SLUG).programme.declarations}
Open = Callable[..., tuple[str, "Browser"]]


class Browser:
    """A browser without scripts that holds one draft."""

    def __init__(self, client: FlaskClient, lang: str = "zh-CN") -> None:
        self.client, self.headers = client, {"Accept-Language": lang}
        self.html = self.path = ""
        self.status = 0

    def get(self, rest: str) -> str:
        return self._read(self.client.get(f"/p/{SLUG}{rest}", follow_redirects=True, headers=self.headers))

    def send(self, rest: str, **data: str) -> str:
        ticket = html.unescape(re.findall(r'name="_ticket" value="([^"]+)"', self.html)[0])
        payload = {"_ticket": ticket, **data}
        answer = self.client.post(f"/p/{SLUG}{rest}", data=payload, follow_redirects=True, headers=self.headers)
        return self._read(answer)

    def _read(self, answer: object) -> str:
        self.html = answer.get_data(as_text=True)  # type: ignore[attr-defined]  # werkzeug's test response
        self.path, self.status = answer.request.path, answer.status_code  # type: ignore[attr-defined]
        return self.html


@pytest.fixture
def open_draft(app: Flask, clock: FixedClock) -> Iterator[Open]:
    """`open_draft(way)`: a draft, ready to be handed in on the last day of the unit's way, held by a browser."""
    app.extensions["bole"].redis = None
    clock.set_day(LAST_DAY)

    def make(way: str, lang: str = "zh-CN", **until: type) -> tuple[str, Browser]:
        started = service.start(SLUG, "web", "zh")
        two_ways.lead(started.application.id, way, **until)
        client = app.test_client()
        client.get(f"/r/{started.resume_token}", headers={"Sec-Fetch-Site": "same-origin"})
        return started.application.id, Browser(client, lang)

    with app.app_context():
        two_ways.open_programme()
        yield make
        db.session.rollback()


def test_on_the_last_day_nothing_is_said_and_it_is_handed_in(open_draft: Open) -> None:
    _, browser = open_draft(BY_UNIT)
    assert CLOSED not in browser.get("/declare")
    browser.send("/declare", **DECLARED)
    assert browser.path == f"/p/{SLUG}/receipt"


@pytest.mark.parametrize("rest", ["/tasks", "/check", "/declare", "/verdict"])
def test_a_day_later_every_page_on_the_way_says_so(open_draft: Open, clock: FixedClock, rest: str) -> None:
    _, browser = open_draft(BY_UNIT)
    clock.set_day(AFTER)
    assert CLOSED in browser.get(rest)
    assert "已于2021年4月30日截止" in browser.html
    assert re.search(r'<button[^>]+name="way" value="own_application">改为“个人申报”</button>', browser.html)


def test_the_hand_in_says_so_and_one_tap_goes_on(open_draft: Open, clock: FixedClock) -> None:
    app_id, browser = open_draft(BY_UNIT)
    browser.get("/declare")
    clock.set_day(AFTER)  # the page was left open over midnight
    browser.send("/declare", **DECLARED)
    assert (browser.status, browser.path) == (409, f"/p/{SLUG}/declare")
    assert CLOSED in browser.html
    assert browser.html.count(" checked>") == len(DECLARED)  # what was ticked stays ticked
    browser.send("/way", way=OWN)
    kept = queries.view(app_id)
    assert kept.answers[WAY] == OWN
    assert kept.answers["field:school"] == "测试"
    assert browser.path == f"/p/{SLUG}/tasks"
    assert CLOSED not in browser.html
    two_ways.lead(app_id, OWN)
    browser.get("/declare")
    browser.send("/declare", **DECLARED)
    assert browser.path == f"/p/{SLUG}/receipt"


def test_english(open_draft: Open, clock: FixedClock) -> None:
    _, browser = open_draft(BY_UNIT, "en")
    clock.set_day(AFTER)
    browser.get("/check")
    assert "“Reported by the employer” has closed" in browser.html
    assert "The way “Reported by the employer” closed on 30 April 2021." in browser.html
    assert "Change to “Own application”" in browser.html


def test_a_stale_page_that_names_no_way_changes_nothing(open_draft: Open) -> None:
    app_id, browser = open_draft(BY_UNIT)
    browser.get("/declare")
    browser.send("/way", way="by_post")
    assert browser.status == 200
    assert queries.view(app_id).answers[WAY] == BY_UNIT


def test_the_consent_stands_alone_and_who_disagrees_comes_another_way(open_draft: Open) -> None:
    app_id, browser = open_draft(OWN, to=ShowVerdict)
    browser.get("/q/reporting_way")
    browser.send("/q/reporting_way", **{WAY: BY_UNIT})
    assert browser.path == f"/p/{SLUG}/consents"
    assert "同意由单位统一报送" in browser.html
    assert "同意使用身份证号码" not in browser.html
    assert "checked" not in browser.html
    browser.send("/consents")  # not ticked
    assert "不同意也可以申报，换一种方式就行。" in browser.html
    browser.send("/way", way=OWN)
    assert browser.path == f"/p/{SLUG}/verdict"
    assert queries.view(app_id).answers[WAY] == OWN


def test_taking_the_consent_back_says_what_follows(open_draft: Open) -> None:
    app_id, browser = open_draft(BY_UNIT)
    assert "只收回这一条，申报继续。" in browser.get("/leave")
    service.submit(app_id, "web")
    assert "这份申报会撤回，内容还留着" in browser.get("/leave")
    browser.send("/leave", way="consent:unit_report")
    assert "这份申报会撤回，内容还留着" in browser.html
    browser.send("/leave", way="consent:unit_report", sure="yes")
    assert browser.path == f"/p/{SLUG}/status"
    assert queries.view(app_id).application.status == "withdrawn"


@pytest.mark.parametrize(
    ("day", "said"),
    [(LAST_DAY, '<span class="open ">2021年4月30日截止'), (AFTER, '<span class="open closed">已于2021年4月30日截止')],
)
def test_the_first_page_names_the_ways_and_their_days(
    app: Flask, open_draft: Open, clock: FixedClock, day: date, said: str
) -> None:
    clock.set_day(day)
    page = app.test_client().get(f"/p/{SLUG}", headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    assert "可以怎么报送" in page
    assert said in page
    assert page.count('<span class="open') == 1  # an own application has no closing day
