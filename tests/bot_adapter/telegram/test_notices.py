"""What we begin, on a bot: it arrives by itself, unless the person lets nothing in."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from telling import carry, states, tell

from bot_adapter import sms
from models.application.channel_tables import Delivery
from models.application.tables import Conversation
from models.extensions import db


@pytest.fixture
def person(line, chat_app):
    sms.use(chat_app, None)
    line.says("/start", "1", "1")
    return line


def test_it_arrives_by_itself_and_once(person):
    tell()
    carry()
    assert sum("已审核通过" in text for text in person.phone.fake.texts(person.phone.chat)) == 1
    assert states() == ["sent"]


def test_who_has_blocked_the_bot_is_told_when_they_are_back(person):
    person.phone.fake.blocked.add(person.phone.chat)
    tell()
    assert states() == ["pending"]
    assert db.session.scalars(select(Conversation.blocked_at)).one() is not None
    db.session.rollback()
    tell("notice.draft_idle", programme="果园", closes="12月31日")
    assert db.session.scalars(select(Delivery.error)).all().count("blocked") == 1, "it is not tried in vain"
    person.phone.fake.blocked.clear()
    heard = person.says("进度")
    assert "已审核通过" in heard and "还没填完" in heard and states() == ["sent", "sent"]


def test_a_line_that_breaks_is_not_followed_by_the_same_again(person):
    person.phone.fake.troubles.append("hang up")
    tell()
    carry()
    assert states() == ["unsure"]
    assert "可能已经发给过您" in person.says("进度")
