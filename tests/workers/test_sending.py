"""Replies that are pushed: kept and promised at once, sent in their order, each once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from recording import RecordingChannel
from sqlalchemy import select

from bot_adapter import pushing
from bot_adapter.channels import registry
from bot_adapter.messages import Capabilities, InboundMessage, SendResult
from models.application import deliveries, rounds
from models.application.channel_tables import Delivery
from models.application.tables import Conversation, Outbox
from models.extensions import db
from models.office import units
from models.programme import loader
from workers import sending


@pytest.fixture
def channel(tiny_pack, persistent_app, clock):
    persistent_app.extensions["bole"].redis = None
    with persistent_app.app_context():
        units.load_units(loader.load_pack(tiny_pack))
        rounds.open_round(tiny_pack, "试验", clock.today(), clock.today() + timedelta(days=30))
        one = RecordingChannel(capabilities=Capabilities(push=True, max_text=60))
        registry.add(persistent_app, one)
        yield one
        db.session.remove()


def hears(channel, text="你好", key="1"):
    return pushing.accept(InboundMessage("test", "p1", key, text, programme="tiny"), channel.capabilities)


def work() -> list[str]:
    db.session.rollback()
    promised = list(db.session.execute(select(Outbox.id).where(Outbox.job == "send_reply")).scalars())
    db.session.rollback()  # a write lock held here would stand in the job's way
    for job in promised:
        sending.send_reply(job)
    states = list(db.session.scalars(select(Outbox.state).where(Outbox.job == "send_reply")))
    db.session.rollback()
    return states


def test_a_reply_is_sent_once_however_often_the_message_and_the_job_come(channel):
    assert hears(channel) == hears(channel) == [], "the reply is promised; a repeated message promises nothing new"
    assert channel.sent == []
    assert work() == ["done"] and work() == ["done"]
    assert len(channel.sent) > 1, "a long greeting goes in parts"
    assert channel.sent[-1].recipient.sender_id == "p1"
    ids = [message.id.rpartition(":")[2] for message in channel.sent]
    assert ids == [str(n) for n in range(len(ids))], "in their order"
    assert {row.state for row in db.session.scalars(select(Delivery))} == {"sent"}
    assert db.session.scalars(select(Conversation.pushes)).one() == len(channel.sent), "they use the quota as well"


def test_a_later_part_waits_for_the_one_before_it(channel, clock):
    channel.results = [SendResult.sent("a"), SendResult.problem("throttled", "429", retry_after=30)]
    hears(channel)
    assert work() == ["pending"]
    assert len(channel.tried) == 2 and len(channel.sent) == 1
    assert work() == ["pending"], "not before the platform wants it"
    assert len(channel.tried) == 2
    clock.advance(seconds=30)
    assert work() == ["done"]
    assert len({message.id for message in channel.sent}) == len(channel.sent) > 2
    assert db.session.scalars(select(Outbox.attempts).where(Outbox.job == "send_reply")).one() == 1


def test_what_is_refused_is_written_down_and_the_rest_goes_on(channel):
    channel.results = [SendResult.problem("rejected", "400")]
    hears(channel)
    assert work() == ["done"]
    first = db.session.scalars(select(Delivery).where(Delivery.part == 0)).one()
    assert (first.state, first.error, first.detail) == ("failed", "rejected", "400")
    assert len(channel.sent) == len(channel.tried) - 1 > 0


def test_a_worker_killed_while_sending_is_not_followed_by_a_second_send(channel, clock):
    class Killed(BaseException):
        pass

    def die(message):
        channel.tried.append(message)
        raise Killed

    send, channel.send = channel.send, die
    hears(channel)
    with pytest.raises(Killed):
        work()
    channel.send = send
    clock.advance(minutes=10)  # both leases have run out
    assert work() == ["done"]
    assert channel.tried[0].id not in [message.id for message in channel.sent]
    assert db.session.scalars(select(Delivery.state).where(Delivery.part == 0)).one() == deliveries.UNCERTAIN


def test_an_error_gives_an_apology_that_is_not_kept(channel, monkeypatch):
    monkeypatch.setattr("bot_adapter.conversation._respond", lambda *_: 1 / 0)
    (apology,) = hears(channel)
    assert apology.text and work() == []


def test_a_channel_that_is_no_longer_set_up_holds_nothing_up(channel, persistent_app):
    hears(channel)
    persistent_app.extensions["bole.channels"].clear()
    assert work() == ["done"] and channel.tried == []
