"""Silence for a day or a week, an application that is gone, a round that has ended: a line of context, never stuck."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.application import queries, service
from models.application.tables import Conversation
from models.clock import FixedClock
from models.extensions import db

FORM = ("你好", "1", "1", "1", "1", "2", "继续", "张三")


def talk() -> Conversation:
    db.session.expire_all()
    return db.session.query(Conversation).one()


def answers() -> Any:
    return queries.view(talk().application_id or "").answers


def later(clock: FixedClock, **apart: int) -> None:
    clock.instant += timedelta(**apart)


@pytest.mark.parametrize("hello", ["你好", "在吗", "嗨"])
def test_a_hello_after_a_week_resumes_at_the_same_question(person: Any, clock: FixedClock, hello: str) -> None:
    person.says(*FORM)
    at = talk().state["at"]
    later(clock, days=7)
    heard = person.says(hello)
    assert heard.startswith("上次（")
    assert "填到“身份证号码”，已填" in heard
    assert talk().state["at"] == at == "field:id_number"


def test_an_answer_after_a_week_still_counts(person: Any, clock: FixedClock, id_number: str) -> None:
    person.says(*FORM)
    later(clock, days=7)
    heard = person.says(id_number)
    assert heard.startswith("上次（")
    assert answers()["field:id_number"] == id_number
    assert "出生日期" in person.last[-1].plain()


def test_what_is_no_answer_is_said_and_the_question_stands(person: Any, clock: FixedClock) -> None:
    person.says(*FORM)
    later(clock, days=7)
    heard = person.says("123")
    assert heard.startswith("上次（")
    assert "应为 18 位" in heard
    assert "身份证号码" in person.last[-1].plain()


@pytest.mark.parametrize(("apart", "told"), [({"hours": 23, "minutes": 59}, False), ({"days": 1}, True)])
def test_from_a_day_on(person: Any, clock: FixedClock, apart: dict[str, int], told: bool) -> None:
    person.says(*FORM)
    later(clock, **apart)
    assert ("上次（" in person.says("123")) is told


def test_it_is_told_once(person: Any, clock: FixedClock) -> None:
    person.says(*FORM)
    later(clock, days=3)
    assert "上次（" in person.says("你好")
    assert "上次（" not in person.says("你好")


def test_before_anything_was_given_the_question_is_named(person: Any, clock: FixedClock) -> None:
    person.says("你好")
    later(clock, days=3)
    heard = person.says("你好")
    assert heard.startswith("上次（")
    assert "已填" not in heard
    assert "1. 同意" in heard


@pytest.mark.parametrize("menu", ["重来", "修改", "人工"])
def test_a_menu_that_stood_open_is_over(person: Any, clock: FixedClock, menu: str) -> None:
    """「1」 a week after 「确定要从头再来吗？」 clears nothing, changes nothing and asks nobody."""
    person.says(*FORM, menu)
    given = answers()
    later(clock, days=7)
    heard = person.says("1")
    assert "上次（" in heard
    assert "身份证号码" in heard
    assert not talk().state.get("mode")
    assert answers() == given


def test_a_command_and_a_question_are_served_after_the_line(person: Any, clock: FixedClock) -> None:
    person.says(*FORM, "人工")
    later(clock, days=7)
    heard = person.says("要交什么材料？")
    assert heard.startswith("上次（")
    assert "field:id_number" not in answers()
    later(clock, days=7)
    assert "办到哪" in person.says("进度")


def test_in_english(person: Any, clock: FixedClock) -> None:
    person.says(*FORM, "English")
    later(clock, days=7)
    assert person.says("hello").startswith("Last time (")


def test_a_deleted_application_begins_again_and_says_so(person: Any) -> None:
    person.says(*FORM)
    service.delete(talk().application_id or "")
    db.session.commit()
    heard = person.says("430400198005060120")
    assert heard.startswith("先前那份申报已经删除了")
    assert "1. 同意" in heard
    assert "种果树" in person.says("1", "1", "1")
    assert answers()["claim"], "in an application of its own"


def test_a_round_that_ended_meanwhile_says_so_and_keeps_everything(person: Any, clock: FixedClock) -> None:
    person.says(*FORM)
    given = answers()
    later(clock, days=60)
    for text in ("你好", "1", "430400198005060120", "随便"):
        heard = person.says(text)
        assert "现在不接受申报" in heard
    assert answers() == given
