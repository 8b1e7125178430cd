"""Questions kept for everybody hold nothing of anybody, and say what a question made anew says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot_adapter import asking, choices, prompting, rendering
from bot_adapter.messages import Choice, InboundMessage, OutboundMessage
from bot_adapter.turn import Turn
from models.application.tables import Conversation
from models.interview.prepared import prepared
from models.interview.steps import Ask
from models.programme.loader import load_pack
from models.programme.pack import Pack

KARAMAY = "karamay-2017"


@pytest.fixture
def pack() -> Iterator[Pack]:
    asking._questions.clear()
    load_pack.cache_clear()
    yield load_pack(KARAMAY)
    load_pack.cache_clear()
    asking._questions.clear()


def made(ask: Ask, lang: str) -> OutboundMessage:
    return rendering.asked(ask, prompting.prompt(ask), lang)


def test_what_is_kept_says_what_is_made_anew_in_either_language(pack: Pack) -> None:
    questions = asking.of(pack)
    asks = [ask for ask in prepared(pack).asks() if ask.kind not in ("rows", "document")]
    for ask in asks:
        for lang in ("zh", "en"):
            kept = questions.message(ask, lang, False, lambda ask=ask, lang=lang: made(ask, lang))
            assert kept == made(ask, lang) and kept.plain() == made(ask, lang).plain()
            assert questions.message(ask, lang, False, lambda: pytest.fail("it is kept")) is kept
        for stay in (False, True):
            assert questions.prompt(ask, stay=stay) == prompting.prompt(ask, stay=stay)
    assert len(questions.messages) == 2 * len(asks) == len(questions.prompts)


def test_a_question_that_is_somebodys_own_is_never_kept(pack: Pack) -> None:
    questions, own = asking.of(pack), prepared(pack).fields["name"]
    theirs = replace(own, suggestion="张三")
    assert "张三" not in questions.message(own, "zh", False, lambda: made(own, "zh")).plain()
    assert questions.message(theirs, "zh", False, lambda: OutboundMessage("张三？")).text == "张三？"
    questions.prompt(theirs, stay=True)
    assert set(questions.prompts) == set() and list(questions.messages) == [("field:name", "zh", False)]
    assert questions.message(own, "zh", False, lambda: pytest.fail("it is kept")).text == made(own, "zh").text


def test_each_version_of_a_pack_and_each_heading_has_its_own(pack: Pack) -> None:
    own, other = prepared(pack).fields["name"], pack.model_copy()
    asking.of(pack).message(own, "zh", False, lambda: OutboundMessage("旧"))
    assert asking.of(pack).message(own, "zh", True, lambda: OutboundMessage("一、旧")).text == "一、旧"
    again = prepared(other).fields["name"]
    assert asking.of(other) is not asking.of(pack)
    assert asking.of(other).message(again, "zh", False, lambda: OutboundMessage("新")).text == "新"
    assert asking.of(pack).message(own, "zh", False, lambda: OutboundMessage("新")).text == "旧"
    assert asking.of(pack).message(own, "fr", False, lambda: OutboundMessage("?")).text == "?", "no language of ours"


def test_a_kept_question_has_the_mark_of_each_place_and_what_is_made_of_it_has_its_own() -> None:
    shown = (Choice("1", "是"), Choice("2", "不是"))
    kept = OutboundMessage("您是吗？", shown).kept_for_all()
    for _ in range(2):
        for at in ("fact:a", "fact:b"):
            for whose in ("x 1", "x 2"):
                (marked,) = choices.marked({"at": at}, [kept], whose)
                assert marked.mark == choices.mark({"at": at}, shown, whose)
                assert marked.plain() == kept.plain() and marked.kept is None
    headed = replace(kept, text="一、", choices=shown[:1])
    assert headed.kept is None and headed.plain() == "一、\n1. 是"
    (marked,) = choices.marked({"at": "fact:a"}, [headed], "x 1")
    assert marked.mark == choices.mark({"at": "fact:a"}, shown[:1], "x 1") and marked.plain() == "一、\n1. 是"


def test_what_people_have_said_is_not_among_what_is_kept(person: Any, id_number: str) -> None:
    asking._questions.clear()
    person.says("你好", "1", "1", "1", "1", "2", "继续", "张三丰", id_number, "1", "荣誉", "返回", "返回")
    kept = repr(list(asking._questions.values()))
    assert "1980" not in kept and "张三丰" not in kept and id_number not in kept
    assert "field:name" in kept, "this person has been asked what everybody is asked"


def test_what_a_turn_has_sealed_is_the_same_when_it_is_opened(chat_app: Any) -> None:
    conversation = Conversation(id="c1", channel="test", sender="p1", programme="orchard", language="zh", state={})
    turns = [Turn(conversation, load_pack("orchard"), InboundMessage("test", "p1", "k")) for _ in range(2)]
    first, second = (turns[0].seal({"rows": [{"a": text}], "partial": {}}) for text in ("甲", "乙"))
    for turn in turns:  # the one that has sealed them, and a later one
        for sealed, text in ((first, "甲"), (second, "乙"), (second, "乙"), (first, "甲")):
            assert turn.unseal(sealed) == {"rows": [{"a": text}], "partial": {}}
    assert "甲" not in repr(turns)
