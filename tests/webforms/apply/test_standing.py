"""A programme that takes applications all year says so, in both languages, and never speaks of a closing day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models.application import queries, rounds, service
from models.clock import FixedClock
from models.extensions import db
from models.interview.steps import Ask
from models.office import units
from models.programme.loader import load_pack

SLUG = "chenggong-2021"
CONSENTS = ("personal_data", "identity_data", "photos")
TO_THE_VERDICT = {
    **{f"consent:{consent}": True for consent in CONSENTS},
    "claim": ["professional"],
    "fact:workplace": "here",
    "fact:employer_kind": "enterprise",
    "fact:post_kind": "professional",
    "fact:title_level": "full_senior",
    "fact:patents": 0,
    "fact:highest_degree": "bachelor",
    "fact:reporting_way": "own_application",
}


@pytest.fixture
def open_all_year(persistent_app: Flask) -> Iterator[Flask]:
    persistent_app.extensions["bole"].redis = None
    with persistent_app.app_context():
        pack = load_pack(SLUG)
        units.load_units(pack)
        rounds.ensure_notice_round(pack)
        yield persistent_app
        db.session.remove()


def page(app: Flask, path: str, lang: str) -> str:
    answer = app.test_client().get(path, headers={"Accept-Language": lang})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("lang", "home", "programme"),
    [
        ("zh-CN", "长期受理", "长期受理，没有截止日期"),
        ("en", "Open all year", "Open all year; there is no closing day"),
    ],
)
def test_the_first_pages(open_all_year: Flask, lang: str, home: str, programme: str) -> None:
    assert f'<p class="open open">{home}</p>' in page(open_all_year, "/", lang)
    assert f'<p class="open open">{programme}</p>' in page(open_all_year, f"/p/{SLUG}", lang)


@pytest.mark.parametrize(
    ("lang", "said"), [("zh-CN", "2021年3月29日起长期受理"), ("en", "all year from 29 March 2021")]
)
def test_before_the_first_day(open_all_year: Flask, clock: FixedClock, lang: str, said: str) -> None:
    clock.set_day(date(2021, 3, 28))
    assert said in page(open_all_year, f"/p/{SLUG}", lang)
    answer = open_all_year.test_client().post(f"/p/{SLUG}/start", headers={"Accept-Language": lang})
    assert answer.status_code == 409
    assert said in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("lang", "said"), [("zh-CN", "长期受理，没有截止日期"), ("en", "Open all year; there is no closing day")]
)
def test_the_task_list_counts_no_days(open_all_year: Flask, lang: str, said: str) -> None:
    started = service.start(SLUG, "web", "zh")
    while isinstance(ask := queries.view(started.application.id).plan.step, Ask):
        service.record(started.application.id, {ask.key: TO_THE_VERDICT[ask.key]}, "web")
    service.record(started.application.id, {"verdict": True}, "web")
    client = open_all_year.test_client()
    assert client.get(f"/r/{started.resume_token}", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302
    html = client.get(f"/p/{SLUG}/tasks", headers={"Accept-Language": lang}).get_data(as_text=True)
    assert f'<p class="lead">{said}</p>' in html


def says(text: str, key: str) -> str:
    out = conversation.handle(InboundMessage("test", "p1", key, text, (), programme=SLUG))
    return "\n".join(message.plain() for message in out)


def test_the_chat(open_all_year: Flask) -> None:
    assert "长期受理，没有截止日期" in says("你好", "k1")
    for number in range(len(CONSENTS)):
        says("1", f"c{number}")
    assert "长期受理，没有截止日期" in says("进度", "k2")
    says("English", "k3")
    assert "Open all year; there is no closing day." in says("status", "k4")


@pytest.mark.parametrize(
    ("hello", "said"), [("你好", "2021年3月29日起长期受理"), ("English", "all year from 29 March 2021")]
)
def test_the_chat_before_the_first_day(open_all_year: Flask, clock: FixedClock, hello: str, said: str) -> None:
    clock.set_day(date(2021, 3, 28))
    assert said in says(hello, "k1")
