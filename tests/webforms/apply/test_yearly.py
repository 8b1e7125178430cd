"""A yearly intake in both doors, around its closing day: who comes late is told so at the start and on the receipt, and
is taken into the next year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models.application import handoff, queries, rounds, service, submission
from models.application.tables import Application, Notice, Round
from models.clock import FixedClock
from models.errors import Conflict
from models.extensions import db
from models.office import units
from models.programme.loader import load_pack
from webforms.simulate import invent

SLUG = "zhongshan"
PACK = load_pack(SLUG)
LAST, NEXT = date(2026, 6, 30), date(2026, 7, 1)
LATE = {
    "zh": "今年的申请已于6月30日截止，您的申请纳入2027年度评定。",
    "en": "This year’s applications closed on 30 June; yours belongs to the 2027 evaluation.",
}
IN_TIME = {
    "zh": "今年的申请到6月30日截止；逾期提交的，纳入下一年度评定",
    "en": "This year’s applications close on 30 June.",
}
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 400


@pytest.fixture
def open_each_year(persistent_app: Flask, clock: FixedClock) -> Iterator[Flask]:
    persistent_app.extensions["bole"].redis = None
    clock.set_day(LAST)
    with persistent_app.app_context():
        units.load_units(PACK)
        yield persistent_app
        db.session.remove()


def page(app: Flask, path: str, lang: str) -> str:
    answer = app.test_client().get(path, headers={"Accept-Language": "zh-CN" if lang == "zh" else "en"})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def chat(sender: str, text: str) -> str:
    replies = conversation.handle(InboundMessage("test", sender, f"{sender}-{text}", text, (), programme=SLUG))
    return "\n".join(reply.plain() for reply in replies)


def filled(serial: int, on: date, door: str = "web", lang: str = "zh") -> str:
    """An application with everything but the hand-in, begun today."""
    somebody = invent(PACK, 5, serial, on)
    app_id = service.start(SLUG, door, lang).application.id
    service.record(app_id, {**somebody.answers, "verdict": True}, door)
    plan = queries.view(app_id).plan
    for ask in plan.documents:
        for number in range(max(1, ask.min_pages)):
            name = ask.key.partition(":")[2]
            service.add_page(app_id, name, JPEG + Random(number).randbytes(9), f"{name}{number}", door)
    return app_id


def round_of(app_id: str) -> str:
    return db.session.get_one(Round, db.session.get_one(Application, app_id).round_id).name


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["/", f"/p/{SLUG}"])
def test_the_first_pages_say_until_when_and_what_comes_after(
    open_each_year: Flask, clock: FixedClock, path: str, lang: str
) -> None:
    assert IN_TIME[lang] in page(open_each_year, path, lang)
    clock.set_day(NEXT)
    assert LATE[lang] in page(open_each_year, path, lang)
    assert db.session.scalars(select(Round).where(Round.programme == SLUG)).all() == [], "looking makes no round"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_chat_says_it_in_its_first_words(open_each_year: Flask, clock: FixedClock, lang: str) -> None:
    assert IN_TIME[lang] in conversation.greeting(SLUG, lang)[0].plain()
    clock.set_day(NEXT)
    assert LATE[lang] in conversation.greeting(SLUG, lang)[0].plain()
    assert LATE["zh"] in chat("stranger", "你好")
    for number in range(len(PACK.programme.consents)):
        chat("stranger", "1" + " " * number)
    assert LATE["zh"] in chat("stranger", "进度")


def test_handed_in_on_the_last_day_it_is_this_year_s(open_each_year: Flask) -> None:
    app_id = filled(1, LAST)
    service.submit(app_id, "web")
    assert round_of(app_id) == "2026年度"
    codes = db.session.scalars(select(Notice.code).where(Notice.application_id == app_id)).all()
    assert "notice.submitted" in codes and "notice.submitted_late" not in codes


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_draft_of_the_last_day_handed_in_on_the_next_moves_on_and_says_so(
    open_each_year: Flask, clock: FixedClock, lang: str
) -> None:
    app_id = filled(2, LAST, lang=lang)
    assert round_of(app_id) == "2026年度"
    clock.set_day(NEXT)
    service.submit(app_id, "web")
    assert round_of(app_id) == "2027年度"
    notice = db.session.scalars(select(Notice).where(Notice.code == "notice.submitted_late")).one()
    assert notice.params["said"][lang] == LATE[lang]
    client = open_each_year.test_client()
    assert client.get(f"/h/{handoff.make(app_id)}", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302
    for name in ("receipt", "status"):
        shown = client.get(f"/p/{SLUG}/{name}", headers={"Accept-Language": "zh-CN" if lang == "zh" else "en"})
        assert LATE[lang] in shown.get_data(as_text=True), name


def test_who_was_chosen_may_apply_again_in_a_later_year_but_not_twice_in_one(
    open_each_year: Flask, clock: FixedClock
) -> None:
    first = filled(3, LAST)
    service.submit(first, "web")
    with pytest.raises(Conflict):
        service.submit(filled(3, LAST), "web")
    clock.set_day(NEXT)
    again = filled(3, LAST)
    service.submit(again, "web")
    assert round_of(again) == "2027年度"
    number = queries.view(again).answers.get("field:id_number") or queries.view(again).answers["field:passport_number"]
    found = submission.find_person(db.session(), PACK, number)
    assert found is not None and found.id == again


def test_the_office_s_own_round_takes_applications_while_it_lasts(open_each_year: Flask) -> None:
    rounds.open_round(SLUG, "专场", LAST - timedelta(days=9), LAST)
    app_id = filled(4, LAST)
    assert round_of(app_id) == "专场"
