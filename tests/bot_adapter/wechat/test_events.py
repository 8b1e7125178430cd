"""What the platform tells by itself: who left, who is back, and what has arrived."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot_adapter import conversation
from bot_adapter.channels.wechat import account, events
from bot_adapter.messages import InboundMessage
from models.application import deliveries, receipts
from models.application.channel_tables import ChannelState, Delivery
from models.application.tables import Conversation, Inbound
from models.extensions import db

PERSON, OFFICE = "oMade_Up-OpenId1234567890", "gh_office"


@pytest.fixture
def known(persistent_chat_app, clock):
    """Somebody who has written, and to whom a reminder was sent."""
    conversation.handle(InboundMessage("wechat", PERSON, "k1", "你好", account_id=OFFICE))
    deliveries.claim("notice:1:0", {"channel": "wechat", "purpose": "notice"}, clock.now())
    deliveries.settle("notice:1:0", clock.now(), "sent", external_id="3000000001")
    db.session.rollback()


def event(name, **more):
    return {"ToUserName": OFFICE, "FromUserName": PERSON, "MsgType": "event", "Event": name, **more}


def row():
    db.session.rollback()
    return db.session.scalars(select(Conversation)).one()


def sent():
    db.session.rollback()
    return db.session.scalars(select(Delivery)).one()


def test_who_leaves_is_not_written_to_until_they_are_back(known, clock):
    assert events.take(event("unsubscribe", EventKey=""))
    assert row().blocked_at == clock.now()
    db.session.rollback()
    conversation.handle(InboundMessage("wechat", PERSON, "k2", "你好", account_id=OFFICE))
    assert row().blocked_at is None


def test_who_left_before_they_wrote_is_back_however_late_or_often_that_is_told(known, clock):
    left = event("unsubscribe", CreateTime=str(int(clock.now().timestamp())))
    clock.advance(minutes=1)
    conversation.handle(InboundMessage("wechat", PERSON, "k2", "你好", account_id=OFFICE))
    for _ in range(2):
        assert events.take(left)
        assert row().blocked_at is None
        db.session.rollback()
    clock.advance(minutes=1)
    assert events.take(event("unsubscribe", CreateTime=str(int(clock.now().timestamp()))))
    assert row().blocked_at == clock.now()


def test_a_stranger_who_leaves_leaves_nothing(known):
    assert events.take(event("unsubscribe") | {"FromUserName": "oNobody"})
    assert events.take(event("unsubscribe") | {"ToUserName": "gh_another"})
    assert row().blocked_at is None


@pytest.mark.parametrize(
    ("status", "state", "error", "blocked"),
    [
        ("success", "delivered", "", False),
        ("failed:user block", "failed", "blocked", True),
        ("failed: user block", "failed", "blocked", True),
        ("failed: system failed", "failed", "rejected", False),
        ("something new", "failed", "rejected", False),
    ],
)
def test_what_became_of_a_reminder(known, status, state, error, blocked):
    assert events.take(event("TEMPLATESENDJOBFINISH", MsgID="3000000001", Status=status))
    assert (sent().state, sent().error) == (state, error)
    assert (row().blocked_at is not None) is blocked


@pytest.mark.parametrize("other", [{"MsgID": "77"}, {"MsgID": ""}, {}])
def test_a_receipt_of_somebody_elses_message_changes_nothing(known, clock, other):
    deliveries.claim("notice:2:0", {"channel": "wechat", "purpose": "notice"}, clock.now())
    deliveries.settle("notice:2:0", clock.now(), "sent")  # customer-service messages have no id
    assert events.take(event("TEMPLATESENDJOBFINISH", Status="failed:user block", **other))
    db.session.rollback()
    assert set(db.session.scalars(select(Delivery.state))) == {"sent"}
    assert row().blocked_at is None


@pytest.mark.parametrize(
    "message", [event("subscribe"), event("CLICK", EventKey="进度"), {"MsgType": "text", "Event": "unsubscribe"}]
)
def test_what_somebody_said_or_did_is_for_the_conversation(message):
    assert not events.take(message)


def test_the_two_deliveries_of_an_event_are_one(known):
    assert account.dedupe_key(event("unsubscribe")) == account.dedupe_key(event("unsubscribe"))
    for _ in range(2):
        assert events.take(event("TEMPLATESENDJOBFINISH", MsgID="3000000001", Status="success"))
    assert sent().state == "delivered"
    assert db.session.scalars(select(Inbound.id)).all() != []


@pytest.mark.parametrize(
    ("status", "state", "blocked"), [("success", "delivered", False), ("failed:user block", "failed", True)]
)
def test_a_receipt_that_is_faster_than_our_note_of_the_send_counts(known, clock, status, state, blocked):
    db.session.rollback()
    talk = row().id
    db.session.rollback()
    assert deliveries.claim(
        "notice:3:remind", {"channel": "wechat", "purpose": "notice", "conversation_id": talk}, clock.now()
    ).go
    assert events.take(event("TEMPLATESENDJOBFINISH", MsgID="3000000003", Status=status))
    assert row().blocked_at is None, "it may be somebody else's message"
    db.session.rollback()
    deliveries.settle("notice:3:remind", clock.now(), "sent", external_id="3000000003")
    receipts.settled("wechat", "3000000003", clock.now())
    found = db.session.scalars(select(Delivery).where(Delivery.effect == "notice:3:remind")).one()
    assert found.state == state and (row().blocked_at is not None) is blocked
    assert db.session.scalars(select(ChannelState)).all() == []


def test_an_early_receipt_is_for_a_few_minutes_and_for_its_own_message(known, clock):
    db.session.rollback()
    assert deliveries.claim("notice:4:remind", {"channel": "wechat", "purpose": "notice"}, clock.now()).go
    assert events.take(event("TEMPLATESENDJOBFINISH", MsgID="3000000004", Status="failed: system failed"))
    clock.advance(minutes=10)
    deliveries.settle("notice:4:remind", clock.now(), "sent", external_id="3000000004")
    receipts.settled("wechat", "3000000004", clock.now())
    receipts.settled("wechat", "", clock.now())
    assert set(db.session.scalars(select(Delivery.state))) == {"sent"}
