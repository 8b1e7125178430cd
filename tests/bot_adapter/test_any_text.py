"""Any text at any stage: a reply that ends in the present question, and never an exception."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot_adapter import conversation, conversation_steps
from bot_adapter.messages import InboundMessage
from bot_adapter.turn import Turn
from models.application.tables import Conversation
from models.extensions import db
from models.interview.steps import Ask
from models.programme.loader import load_pack
from models.unit_of_work import unit_of_work

SLUG = "orchard"
ID = "{id}"
START = ("你好", "1", "1", "1", "1", "2", "继续", "张三", ID, "对", "13812345678", "跳过", "桃", "跳过")
WALK = (*START, "2010.9", "至今", "红星")
STAGES = {"hello": 1, "consent": 2, "claim": 3, "yes_no": 4, "choice": 5, "verdict": 6, "name": 7, "id": 8, "birth": 9}
STAGES |= {"phone": 10, "optional": 11, "list": 12, "rows": 14, "menu of rows": 17}
_SIGNS = st.sampled_from("一二三四五六七八九十百千万年月日号第个到和是不没有对15：， ")
_WORDS = st.sampled_from(["姓名", "电话", "男", "桃", "76", "去年", "不知道"])
_UNSEEN = ["\u200b", "\u202e张三", "\u200f", "\x00", "\ud800", "\u200d"]
_ANY = st.one_of(
    st.text(max_size=40),
    st.lists(st.one_of(_SIGNS, _WORDS), max_size=9).map("".join),
    st.sampled_from([*_UNSEEN, "😀", "①③", "[强]", "/:ok", "|", "a|1"]),
    st.sampled_from(["。" * 50, "字" * 2_000, "的" * 2_000 + "x", "姓名：" * 300]),
)


class _Undo(Exception):
    """Takes the turn back, so that the next text meets the same stage."""


@pytest.fixture
def stages(new_person: Any, chat_app: Any, id_number: str) -> dict[str, Any]:
    """Somebody at each stage."""
    people = {}
    for name, length in STAGES.items():
        people[name] = new_person(f"at {name}")
        people[name].says(*(text.format(id=id_number) for text in WALK[:length]))
    return people


def ends_in_the_question(person: Any) -> bool:
    """Whether the last message of the reply is where the person is now: the question, its choices, or an open menu."""
    talk = db.session.query(Conversation).filter_by(sender=person.sender).one()
    turn = Turn(talk, load_pack(SLUG), InboundMessage("", "", ""), state=dict(talk.state))
    here = conversation_steps.place(turn)
    last = person.last[-1]
    return bool(
        talk.state.get("mode") or last.choices or (isinstance(here, Ask) and here.label.get(turn.lang) in last.text)
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(STAGES)), _ANY)
@example("name", "\ud800")
@example("rows", "字" * 2_000)
@example("phone", "姓名：张三 电话：1")
def test_the_reply_ends_in_the_present_question(stages: dict[str, Any], stage: str, text: str) -> None:
    person = stages[stage]
    with pytest.raises(_Undo), unit_of_work():
        person.last = conversation.handle(person.message(text))
        assert person.last or not text.strip()
        assert not person.last or ends_in_the_question(person), person.heard
        raise _Undo
