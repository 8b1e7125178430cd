"""What we begin, on an account with rights: a customer-service message, else a reminder, else the passive reply."""

from __future__ import annotations

from datetime import date

import pytest
from fake_wechat import Broken, FakeWeChat
from sqlalchemy import select
from telling import carry, states, tell

from bot_adapter import conversation, sms
from bot_adapter.channels.wechat import events
from bot_adapter.messages import InboundMessage
from models.application import rounds
from models.application.channel_tables import Delivery
from models.application.tables import Conversation
from models.extensions import db
from models.office import units
from models.programme import loader

PERSON, OFFICE = "oMade_Up-OpenId1234567890", "gh_office"
SEND, REMIND = "/cgi-bin/message/custom/send", "/cgi-bin/message/template/send"


def says(text: str, key: str) -> str:
    db.session.rollback()
    message = InboundMessage("wechat", PERSON, key, text, account_id=OFFICE, programme="orchard")
    reply = conversation.handle(message)
    db.session.rollback()
    return "\n".join(part.plain() for part in reply)


@pytest.fixture
def person(orchard, official, wechat) -> FakeWeChat:
    """Somebody who has begun an application by writing to the account."""
    official.extensions["bole"].redis = None
    sms.use(official, None)
    units.load_units(loader.load_pack("orchard"))
    rounds.open_round("orchard", "试验", date(2026, 11, 1), date(2026, 12, 31))
    db.session.commit()
    for number, text in enumerate(("你好", "1")):
        says(text, f"k{number}")
    return wechat


def test_within_the_window_it_arrives_by_itself(person):
    tell()
    (sent,) = person.sent
    assert sent["touser"] == PERSON and "已审核通过" in sent["text"]["content"]
    assert states() == ["sent"] and db.session.scalars(select(Conversation.pushes)).one() == 1
    assert "已审核通过" not in says("进度", "k9").split("\n")[0]


def test_a_window_that_the_platform_has_closed_is_followed_by_a_reminder_at_once(person):
    person.closed.add(PERSON)
    tell()
    assert [path for path in person.asked if path in (SEND, REMIND)] == [SEND, REMIND]
    (reminder,) = person.sent
    assert "已审核通过" not in str(reminder["data"]) and states() == ["pending"]
    assert "已审核通过" in says("你好", "k9") and states() == ["sent"]


def test_a_line_that_breaks_is_not_followed_by_the_same_again(person):
    person.break_next(SEND, Broken(body=b"<html>"))
    tell()
    carry()
    assert person.asked.count(SEND) == 1 and states() == ["unsure"]
    assert "可能已经发给过您" in says("进度", "k9")


def test_after_two_days_only_the_reminder_is_asked_for_once(person, clock):
    clock.advance(hours=48)
    tell()
    carry()
    clock.advance(days=2)
    carry()
    assert [path for path in person.asked if path in (SEND, REMIND)] == [REMIND]


def test_a_reminder_that_did_not_arrive_leaves_it_to_the_next_message(person, clock):
    clock.advance(hours=48)
    tell()
    db.session.rollback()
    arrived = {"ToUserName": OFFICE, "FromUserName": PERSON, "MsgType": "event", "Event": "TEMPLATESENDJOBFINISH"}
    (number,) = person.reminded.values()
    assert events.take({**arrived, "MsgID": str(number), "Status": "failed:user block"})
    carry()
    assert db.session.scalars(select(Delivery.error)).one() == "blocked" and states() == ["pending"]
    assert [path for path in person.asked if path in (SEND, REMIND)] == [REMIND]
    assert "已审核通过" in says("你好", "k9")


def test_without_the_right_staff_see_it_and_the_next_reply_tells(person):
    person.rights -= {"custom", "template"}
    tell()
    found = db.session.execute(select(Delivery.state, Delivery.error, Delivery.detail)).all()
    assert [tuple(row) for row in found] == [("failed", "config", "48001")] * 2
    assert "已审核通过" in says("你好", "k9")
