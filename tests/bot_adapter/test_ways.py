"""A way in that has closed, in chat: said as soon as it is known and at the hand-in, changed with one number."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import two_ways
from flask import Flask
from two_ways import AFTER, BY_UNIT, LAST_DAY, OWN, SLUG, WAY

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models.application import queries, service
from models.application.tables import Conversation
from models.clock import FixedClock
from models.extensions import db
from models.interview.steps import Ready, ShowVerdict

CLOSED = "“单位统一报送”这种方式已于2021年4月30日截止"


class Talk:
    """Somebody in chat whose draft is brought along behind the conversation's back, as the browser would."""

    def __init__(self, language: str = "zh") -> None:
        self.count = 0
        self.says("你好" if language == "zh" else "hello there")
        self.says("1")  # the first consent begins the draft
        self.app_id = str(db.session.query(Conversation).one().application_id)

    def says(self, text: str) -> str:
        self.count += 1
        out = conversation.handle(InboundMessage("test", "p1", f"k{self.count}", text, (), programme=SLUG))
        return "\n".join(message.plain() for message in out)

    @property
    def answers(self) -> dict[str, object]:
        return queries.view(self.app_id).answers


@pytest.fixture
def programme(persistent_app: Flask, clock: FixedClock) -> Iterator[None]:
    persistent_app.extensions["bole"].redis = None
    clock.set_day(LAST_DAY)
    with persistent_app.app_context():
        two_ways.open_programme()
        yield
        db.session.remove()


def to_the_way(talk: Talk) -> str:
    """Up to the question how the papers are handed in; what the chat says there."""
    two_ways.lead(talk.app_id, OWN, to=ShowVerdict)
    service.forget(talk.app_id, [WAY], "web")
    return talk.says("你好")


def test_the_question_says_which_way_has_closed_and_choosing_it_is_answered_at_once(
    programme: None, clock: FixedClock
) -> None:
    talk = Talk()
    clock.set_day(AFTER)
    assert "2. 由我单位统一报送（已于2021年4月30日截止。单位先征求" in to_the_way(talk)
    said = talk.says("2")
    assert CLOSED in said
    assert "1. 改为“个人申报”\n2. 先接着填" in said
    said = talk.says("1")
    assert "已改为“个人申报”，别的都没有变。" in said
    assert talk.answers[WAY] == OWN
    assert "呈贡区人才服务中心" in said  # the verdict, with the other office


def test_who_goes_on_all_the_same_hears_it_again_at_the_hand_in(programme: None, clock: FixedClock) -> None:
    talk = Talk()
    clock.set_day(AFTER)
    to_the_way(talk)
    talk.says("2")
    assert "同意由单位统一报送" in talk.says("先接着填")
    two_ways.lead(talk.app_id, BY_UNIT)
    before = talk.answers
    assert CLOSED not in talk.says("你好")
    assert isinstance(queries.view(talk.app_id).plan.step, Ready)
    said = talk.says("提交")
    assert CLOSED in said and "1. 改为“个人申报”" in said
    assert talk.answers == before
    talk.says("改为个人申报")
    assert talk.answers[WAY] == OWN
    two_ways.lead(talk.app_id, OWN)
    talk.says("你好")
    assert "提交成功" in talk.says("提交")


def test_before_the_day_nothing_is_said_and_the_consent_is_asked(programme: None) -> None:
    talk = Talk()
    assert "截止。单位" not in to_the_way(talk)
    said = talk.says("2")
    assert CLOSED not in said
    assert "同意由单位统一报送" in said
    assert "1. 同意\n2. 不同意，改为“个人申报”" in said


@pytest.mark.parametrize("no", ["2", "不同意", "个人申报"])
def test_who_does_not_agree_comes_another_way(programme: None, no: str) -> None:
    talk = Talk()
    to_the_way(talk)
    talk.says("2")
    said = talk.says(no)
    assert "已改为“个人申报”" in said
    assert talk.answers[WAY] == OWN
    assert "consent:unit_report" not in talk.answers


def test_who_agrees_goes_on_to_the_verdict(programme: None) -> None:
    talk = Talk()
    to_the_way(talk)
    talk.says("2")
    assert "呈贡区人力资源和社会保障局" in talk.says("同意")
    assert talk.answers["consent:unit_report"] is True


def test_a_way_that_closes_overnight_is_told_with_the_next_message(programme: None, clock: FixedClock) -> None:
    talk = Talk()
    two_ways.lead(talk.app_id, BY_UNIT)
    talk.says("你好")
    clock.set_day(AFTER)
    assert CLOSED in talk.says("提交")


def test_english(programme: None, clock: FixedClock) -> None:
    talk = Talk("en")
    clock.set_day(AFTER)
    to_the_way(talk)
    said = talk.says("2")
    assert "The way “Reported by the employer” closed on 30 April 2021." in said
    assert "1. Change to “Own application”\n2. Go on for now" in said
    assert "Changed to “Own application”." in talk.says("1")
