"""Buttons that outlive their question: pressed later, they answer nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from bot_adapter import choices, conversation
from bot_adapter.messages import Choice, InboundMessage, OutboundMessage
from models.application import queries
from models.application.tables import Conversation
from models.extensions import db


def pressed(person: Any, button: str) -> str:
    person.count += 1
    key = f"press{person.count}"
    message = InboundMessage(
        person.channel, person.sender, key, programme=person.programme, kind="choice", choice_id=button
    )
    person.last = conversation.handle(message)
    return str(person.heard)


def buttons(person: Any) -> list[str]:
    """What the buttons under the last message give back."""
    message: OutboundMessage = person.last[-1]
    return [choices.choice_id(message, choice) for choice in message.choices]


def answers() -> Any:
    db.session.expire_all()
    return queries.view(db.session.query(Conversation).one().application_id or "").answers


def test_the_button_of_the_present_question_answers_it(person: Any) -> None:
    person.says("你好", "1", "1", "1")
    yes = buttons(person)[0]
    assert choices.MARK_ENDS in yes
    assert "技术等级" in pressed(person, yes)
    assert answers()["fact:grows_here"] is True


def test_a_button_of_the_question_before_answers_nothing_and_the_question_stands(person: Any) -> None:
    person.says("你好", "1", "1", "1")
    old = buttons(person)[1]
    person.says("是")
    heard = pressed(person, old)
    assert "前面一题" in heard
    assert "技术等级" in heard
    assert "fact:grade" not in answers()
    assert answers()["fact:grows_here"] is True, "and what was answered stays answered"
    person.says("2")
    assert answers()["fact:grade"] == "middle"


def test_the_same_button_pressed_twice_answers_once(person: Any) -> None:
    person.says("你好", "1", "1", "1")
    yes = buttons(person)[0]
    pressed(person, yes)
    assert "前面一题" in pressed(person, yes)
    assert "fact:grade" not in answers()


def test_a_button_is_still_good_after_help_and_after_an_answer_without_buttons(person: Any) -> None:
    person.says("你好", "1", "1", "1")
    yes = buttons(person)[0]
    person.says("帮助")
    person.says("网页")
    assert "技术等级" in pressed(person, yes)


def test_a_button_of_another_search_is_not_taken_for_this_one(person: Any) -> None:
    person.says("你好", "1", "1", "荣誉能手", "1", "6")
    person.says("市级")
    old = buttons(person)[0]
    person.says("省级")
    assert "前面一题" in pressed(person, old)
    assert "picked" not in db.session.query(Conversation).one().state


def test_a_menu_that_stood_open_is_over_with_a_button_from_before_it(person: Any) -> None:
    person.says("你好", "1", "1", "1")
    old = buttons(person)[0]
    person.says("重来")
    assert "前面一题" in pressed(person, old)
    assert not db.session.query(Conversation).one().state.get("mode")


def test_a_button_of_the_menu_begins_again_and_one_without_a_mark_is_its_text(person: Any) -> None:
    person.says("你好", "1", "1", "1", "是")
    pressed(person, "重来")
    assert "从头" in pressed(person, buttons(person)[0])


def test_a_forged_mark_is_stale(person: Any) -> None:
    person.says("你好", "1", "1", "1")
    assert "前面一题" in pressed(person, "000000|1")


def test_the_kept_reply_of_a_retry_has_the_same_buttons(person: Any) -> None:
    person.says("你好", "1", "1", "1")
    before = buttons(person)
    person.last = conversation.handle(person.message("1", key=f"k{person.count}"))
    assert buttons(person) == before


@pytest.mark.parametrize(
    "other",
    [
        {"at": "fact:b"},
        {"at": "fact:a", "mode": "restart"},
        {"at": "fact:a", "rows": {"column": 1, "row": 0}},
        {"at": "fact:a", "rows": {"column": 0, "row": 1}},
    ],
)
def test_another_place_has_another_mark(other: dict[str, Any]) -> None:
    shown = (Choice("1", "是"),)
    here = {"at": "fact:a", "rows": {"column": 0, "row": 0}}
    assert choices.mark(here, shown) == choices.mark(dict(here), shown)
    assert choices.mark(here, shown) != choices.mark(other, shown)
    assert choices.mark(here, shown) != choices.mark(here, (Choice("1", "否"),))
