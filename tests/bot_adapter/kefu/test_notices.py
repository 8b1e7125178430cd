"""What we begin, on 微信客服: five messages within two days, the replies among them; the rest heads the next reply."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from telling import carry, states, tell

from bot_adapter import sms
from models.application.tables import Conversation
from models.extensions import db

PERSON = "wmMade_Up-Person0123456789"


@pytest.fixture
def person(line, chat_app):
    sms.use(chat_app, None)
    line.says("你好", "1", "1")
    return line


def pushes():
    db.session.rollback()
    found = db.session.scalars(select(Conversation.pushes)).one()
    db.session.rollback()
    return found


def test_news_use_what_the_reply_has_left_and_the_next_message_brings_the_rest(person):
    used = pushes()
    assert 0 < used < 5
    for _ in range(5 - used + 1):
        tell()
    carry()
    assert pushes() == 5 and states().count("sent") == 5 - used and states().count("pending") == 1
    assert person.platform.people[PERSON].left == 0
    assert "已审核通过" in person.says("进度") and set(states()) == {"sent"}


def test_after_two_days_nothing_is_asked_of_the_platform(person, clock):
    clock.advance(hours=48)
    before = len(person.platform.called)
    tell()
    assert len(person.platform.called) == before and states() == ["pending"]


def test_what_the_platform_could_not_bring_heads_the_next_reply(person):
    tell()
    assert states() == ["sent"]
    msgid = next(body["msgid"] for path, body in reversed(person.platform.called) if "msgid" in body)
    person.platform.event("msg_send_fail", external_userid=PERSON, fail_msgid=msgid, fail_type=4)
    person.turn()
    carry()
    assert states() == ["pending"]
    assert "已审核通过" in person.says("进度")
