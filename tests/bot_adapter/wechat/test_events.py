"""What the platform tells by itself: who left, who is back, and what has arrived."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot_adapter import conversation
from bot_adapter.channels.wechat import account, events
from bot_adapter.messages import InboundMessage
from models.application import deliveries
from models.application.channel_tables import Delivery
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
