"""A sticker, a place, a voice message: what works is said, and what stood open stands."""

from __future__ import annotations

from typing import Any

import pytest

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models.application.tables import Conversation
from models.extensions import db

FORM = ("你好", "1", "1", "1", "1", "2", "继续")


def sends(person: Any, event: str = "") -> str:
    person.count += 1
    message = InboundMessage(
        person.channel, person.sender, f"u{person.count}", programme=person.programme, kind="unsupported", event=event
    )
    person.last = conversation.handle(message)
    return str(person.heard)


def state() -> dict[str, Any]:
    db.session.expire_all()
    return dict(db.session.query(Conversation).one().state)


@pytest.mark.parametrize(
    ("event", "words"), [("", "请打字"), ("voice", "话筒"), ("location", "地名"), ("never heard of", "请打字")]
)
def test_the_question_stands(person: Any, event: str, words: str) -> None:
    person.says(*FORM)
    heard = sends(person, event)
    assert words in heard
    assert "姓名" in person.last[-1].plain()
    assert state()["at"] == "field:name"


def test_a_strangers_sticker_is_a_hello(person: Any) -> None:
    heard = sends(person)
    assert "1. 同意" in heard


@pytest.mark.parametrize(("menu", "words"), [("人工", "写成一句话"), ("重来", "从头再来吗"), ("修改", "要改哪")])
def test_a_menu_stays_open(person: Any, menu: str, words: str) -> None:
    person.says(*FORM, "张三", menu)
    assert words in sends(person)
    assert state()["mode"]


def test_a_sticker_among_several_programmes(new_person: Any, chat_app: Any) -> None:
    someone = new_person("p9", programme=None)
    assert sends(someone)
    assert sends(someone)
