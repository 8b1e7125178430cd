"""Bringing over what was given in another programme, as a person at a phone sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import two_programmes
from browsing import follow, open_context, violations
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from sqlalchemy import select
from two_programmes import CARVERS, WEAVERS, carver

from models import crypto
from models.application import prefill, queries, reuse, service
from models.application.queries import ApplicationView
from models.application.tables import Application
from models.extensions import db
from webforms import access

QUESTION = "您在《木雕人才》里填过姓名、身份证号码等 8 项、4 张照片。要带到《织造人才》来吗？"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, persistent_app: Flask) -> Iterator[Flask]:
    """Both programmes are open; nothing could read a card, so that it is not offered besides."""
    monkeypatch.setattr(prefill, "reader_is_there", lambda: False)
    persistent_app.extensions["bole"].redis = None
    with two_programmes.packs(monkeypatch):
        with persistent_app.app_context():
            two_programmes.open_rounds()
            db.session.remove()
        yield persistent_app


@pytest.fixture
def source(site: Flask) -> str:
    with site.app_context():
        made = carver()
        db.session.remove()
        return made


class Weaver:
    """Somebody without scripts, with an application of the carvers on this phone or not."""

    def __init__(self, site: Flask, source: str | None) -> None:
        self.site, self.client = site, site.test_client()
        if source:
            hold(self.client, {CARVERS: {"app": source, "link": ""}})

    def get(self, path: str, **also: Any) -> str:
        headers = {"Accept-Language": "zh-CN", **also}
        self.last = self.client.get(f"/p/{WEAVERS}{path}", follow_redirects=True, headers=headers)
        return self.last.get_data(as_text=True)

    def send(self, path: str, page: str, **data: Any) -> str:
        """Post with the hidden inputs of the page that is open."""
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        self.last = self.client.post(
            f"/p/{WEAVERS}{path}", data={**hidden, **data}, follow_redirects=True, headers={"Accept-Language": "zh-CN"}
        )
        return self.last.get_data(as_text=True)

    @property
    def path(self) -> str:
        return self.last.request.path.removeprefix(f"/p/{WEAVERS}")

    def to_the_verdict(self) -> str:
        page = self.send("/start", "")
        page = self.send("/consents", page, **{"consent:identity": "yes"})
        page = self.send("/q/claim", page, claim="skilled")
        for _ in range(3):
            name = self.path.removeprefix("/q/")
            answer = {"certificate": "yes", "schooling": "b", "county": "west"}[name]
            page = self.send(self.path, page, **{f"fact:{name}": answer})
        assert self.path == "/verdict"
        return page

    def to_the_offer(self) -> str:
        return self.send("/verdict", self.to_the_verdict())

    def view(self) -> ApplicationView:
        with self.site.app_context():
            app_id = db.session.scalar(select(Application.id).where(Application.programme == WEAVERS))
            assert app_id is not None
            found = queries.view(app_id)
            _ = found.plan
            db.session.expunge_all()
            return found


def hold(client: FlaskClient, entries: dict[str, Any]) -> None:
    with client.application.app_context():
        client.set_cookie(access.COOKIE, crypto.ring().sign("door", entries))


@pytest.fixture
def weaver(site: Flask, source: str) -> Weaver:
    return Weaver(site, source)


def test_between_the_verdict_and_the_form_it_is_offered_once_with_all_that_would_be_taken(weaver: Weaver) -> None:
    page = weaver.to_the_offer()
    assert weaver.path == "/bring"
    assert QUESTION in page
    for shown in ("测试甲", "4304*************", "139****0000", "2 条", "2 张照片"):
        assert shown in page
    assert two_programmes.ID_NUMBER not in page and "13900000000" not in page
    assert "我同意把上面列出的内容从《木雕人才》带过来，用于申报《织造人才》。" in page
    tick = re.search(r'<input type="checkbox"[^>]*>', page)
    assert tick is not None and "checked" not in tick[0]
    assert weaver.last.headers["Cache-Control"] == "no-store, private"
    assert not any(key.startswith("field:") for key in weaver.view().answers)


def test_with_a_tick_it_is_taken_over_and_the_tasks_say_so(weaver: Weaver) -> None:
    page = weaver.send("/bring", weaver.to_the_offer(), choice="yes", agree="yes")
    assert weaver.path == "/tasks"
    assert "已经带来您在《木雕人才》里填过的内容，提交前请核对。" in page
    assert "带过来</a>" not in page
    view = weaver.view()
    assert view.answers["field:name"] == "测试甲" and len(view.pages) == 4
    assert [key for key in (a.key for a in view.plan.asks) if key not in view.plan.answered] == [
        "field:loom",
        "declaration:true",
    ]
    weaver.get("/next")
    assert weaver.path == "/tasks"


def test_without_the_tick_nothing_is_taken_and_the_page_says_why(weaver: Weaver) -> None:
    page = weaver.send("/bring", weaver.to_the_offer(), choice="yes")
    assert weaver.last.status_code == 422
    assert "请先打勾同意，或者选“不用，重新填”。" in page and QUESTION in page
    assert "field:name" not in weaver.view().answers


def test_a_no_is_as_easy_and_is_not_asked_again_but_stays_in_reach(weaver: Weaver) -> None:
    page = weaver.send("/bring", weaver.to_the_offer(), choice="no")
    assert weaver.path == "/tasks"
    weaver.get("/next")
    assert weaver.path == "/tasks"
    assert re.search(rf'href="/p/{WEAVERS}/bring">把在《木雕人才》里填过的带过来<', page)
    offered = weaver.get("/bring")
    weaver.send("/bring", offered, choice="yes", agree="yes")
    assert weaver.view().answers["field:name"] == "测试甲"


def test_a_second_tap_changes_nothing(weaver: Weaver) -> None:
    page = weaver.to_the_offer()
    for _ in range(2):
        weaver.send("/bring", page, choice="yes", agree="yes")
        assert weaver.path == "/tasks"
    view = weaver.view()
    assert len(view.pages) == 4 and [event.type for event in view.events].count("reused") == 1


def test_what_changed_behind_the_page_is_shown_again(weaver: Weaver, source: str) -> None:
    page = weaver.to_the_offer()
    with weaver.site.app_context():
        service.record(source, {"field:name": "测试丁"}, "web")
    again = weaver.send("/bring", page, choice="yes", agree="yes")
    assert weaver.last.status_code == 422
    assert "刚刚有变化" in again and "测试丁" in again
    assert "field:name" not in weaver.view().answers
    weaver.send("/bring", again, choice="yes", agree="yes")
    assert weaver.view().answers["field:name"] == "测试丁"


def test_what_went_behind_the_page_leads_on(weaver: Weaver, source: str) -> None:
    page = weaver.to_the_offer()
    with weaver.site.app_context():
        service.delete(source)
    weaver.send("/bring", page, choice="yes", agree="yes")
    assert weaver.path == "/tasks"


@pytest.mark.parametrize("path", ["/next", "/bring"])
def test_a_phone_that_holds_nothing_else_is_offered_nothing(site: Flask, source: str, path: str) -> None:
    """Although the same person has an application: only what is in their hands counts."""
    other = Weaver(site, None)
    page = other.to_the_offer()
    assert other.path == "/tasks" and "带过来" not in page
    other.get(path)
    assert other.path == "/tasks"


def test_before_the_verdict_there_is_nothing_to_bring(weaver: Weaver) -> None:
    weaver.to_the_verdict()
    weaver.get("/bring")
    assert weaver.path == "/verdict"


def test_the_consent_can_be_seen_and_taken_back(weaver: Weaver) -> None:
    weaver.send("/bring", weaver.to_the_offer(), choice="yes", agree="yes")
    page = weaver.get("/leave")
    assert "使用您在《木雕人才》里填过的内容" in page
    assert "带过来的内容会从这份申报里删掉" in page
    page = weaver.send("/leave", page, way=f"consent:reuse:{CARVERS}")
    assert "确定收回同意吗？" in page
    page = weaver.send("/leave", page, way=f"consent:reuse:{CARVERS}", sure="yes")
    assert weaver.path == "/status" and "您收回了同意" in page
    assert not any(key.startswith("field:") for key in weaver.view().answers)
    assert "使用您在" not in weaver.get("/leave")


def test_it_can_be_read_in_english(weaver: Weaver) -> None:
    weaver.to_the_offer()
    page = weaver.get("/bring?lang=en")
    assert "In “Wood carvers” you gave: Name, ID number and more, 8 answers in all, photos: 4." in page
    assert "I agree that what is listed above is brought over" in page
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"测试甲|县木器厂|中文|伯乐", "", _main(page)))


def _main(page: str) -> str:
    found = re.search(r"<main.*</main>", page, re.S)
    assert found
    return found[0]


@pytest.mark.parametrize("script", [True, False])
def test_on_a_real_phone(browser: Browser, address: str, weaver: Weaver, tmp_path: Any, script: bool) -> None:
    weaver.to_the_offer()
    cookie = weaver.client.get_cookie(access.COOKIE)
    assert cookie is not None
    context = open_context(browser, base_url=address, java_script_enabled=script)
    context.add_cookies([{"name": access.COOKIE, "value": cookie.value, "url": address}])
    page = context.new_page()
    page.goto(f"/p/{WEAVERS}/next")
    assert QUESTION in page.inner_text("main")
    yes, no = page.get_by_role("button", name="带过来", exact=True), page.get_by_role("button", name="不用，重新填")
    assert yes.bounding_box()["height"] >= 44 and no.bounding_box()["height"] >= 44  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360 if script else True
    page.screenshot(path=tmp_path / "bring.png", full_page=True)
    if script:
        assert violations(page) == []
    follow(page, yes)
    assert "请先打勾同意" in page.inner_text("main")
    page.check("#agree")
    follow(page, yes)
    page.wait_for_url("**/tasks")
    assert "已经带来您在《木雕人才》里填过的内容" in page.inner_text("main")
    page.screenshot(path=tmp_path / "tasks.png", full_page=True)
    context.close()
    view = weaver.view()
    assert reuse.sources(view.events) == (CARVERS,) and len(view.pages) == 4
