"""What goes to one person on one account goes in its order, each once, and nobody waits for somebody else's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recording import RecordingChannel
from sqlalchemy import select
from waiting import PATIENCE

from bot_adapter import pushing
from bot_adapter.channels import registry
from bot_adapter.messages import Capabilities, InboundMessage, OutboundMessage, SendResult
from models import outbox
from models.application import deliveries, in_line, rounds
from models.application.channel_tables import Delivery
from models.application.tables import Conversation, Inbound, Notice, Outbox, new_id
from models.clock import FixedClock
from models.extensions import db
from models.office import units
from models.programme import loader
from models.unit_of_work import unit_of_work
from workers import delivery, sending

THROTTLED = SendResult.problem("throttled", "429", retry_after=30)
JOBS = {"send_reply": sending.send_reply, "deliver_notice": delivery.deliver_notice}


class Line:
    """People who write and are told things, and a worker who is told of promises in any order."""

    def __init__(self, app: Flask, clock: FixedClock) -> None:
        self.app, self.clock, self.numbers = app, clock, count(1)
        self.channel = RecordingChannel(capabilities=Capabilities(push=True, window=timedelta(hours=48), max_text=60))
        registry.add(app, self.channel)

    def hears(self, who: str = "p1") -> str:
        """A message comes; the promise of its reply."""
        self.clock.advance(seconds=1)
        key = f"m{next(self.numbers)}"
        assert (
            pushing.accept(InboundMessage("test", who, key, "你好", programme="tiny"), self.channel.capabilities) == []
        )
        mine = Inbound.conversation_id == self._one(Conversation.id, Conversation.sender == who)
        (newest,) = self._row(select(Inbound.id).where(mine).order_by(Inbound.id.desc()).limit(1))
        return self._promised(f"reply:{newest}")

    def tells(self, who: str = "p1", code: str = "office.answered") -> str:
        """Something is to be told; its promise."""
        self.clock.advance(seconds=1)
        effect = f"n{next(self.numbers)}"
        talk = self._one(Conversation.id, Conversation.sender == who)
        with unit_of_work() as session:
            made = {"id": new_id(), "conversation_id": talk, "effect": effect, "code": code, "text": "带原件来。"}
            params = {"question": "要带什么", "receipt": "BL-1234"}
            session.add(Notice(**made, params=params, created_at=self.clock.now()))
            session.flush()
            outbox.promise(session, "deliver_notice", made["id"], f"deliver:{effect}")
        return self._promised(f"deliver:{effect}")

    def work(self, *promises: str) -> None:
        """The worker hears of these; without any, of all that is due, until nothing is."""
        for promise in promises:
            JOBS[self._one(Outbox.job, Outbox.id == promise)](promise)
        while not promises and (due := self.due()):
            self.work(*due)

    def due(self) -> list[str]:
        open_ = (Outbox.state == "pending", Outbox.not_before <= self.clock.now(), Outbox.lease_until.is_(None))
        return self._all(select(Outbox.id).where(*open_, Outbox.job.in_(JOBS)).order_by(Outbox.id))

    def waiting(self) -> int:
        return len(self._all(select(Outbox.id).where(Outbox.state == "pending", Outbox.job.in_(JOBS))))

    def sent(self, who: str = "p1") -> list[str]:
        """What has reached this person, by the effects of its promises, one for all its parts."""
        keys = [m.id.rpartition(":")[0] for m in self.channel.sent if m.recipient and m.recipient.sender_id == who]
        return [key for at, key in enumerate(keys) if key not in keys[:at] or keys[at - 1] != key]

    def key(self, promise: str) -> str:
        job, subject = self._row(select(Outbox.job, Outbox.subject_id).where(Outbox.id == promise))
        return f"{'reply' if job == 'send_reply' else 'notice'}:{subject}"

    def _promised(self, effect: str) -> str:
        return self._one(Outbox.id, Outbox.effect == effect)

    def _one(self, column: Any, where: Any) -> str:
        return str(self._row(select(column).where(where))[0])

    def _row(self, query: Any) -> Any:
        db.session.rollback()
        row = db.session.execute(query).one()
        db.session.rollback()
        return row

    def _all(self, query: Any) -> list[str]:
        db.session.rollback()
        found = list(db.session.scalars(query))
        db.session.rollback()
        return found


def line_of(app: Flask, clock: FixedClock, slug: str) -> Iterator[Line]:
    app.extensions["bole"].redis = None
    with app.app_context():
        units.load_units(loader.load_pack(slug))
        rounds.open_round(slug, "试验", date(2026, 11, 1), date(2026, 12, 31))
        db.session.remove()
        yield Line(app, clock)
        db.session.remove()


@pytest.fixture
def line(tiny_pack: str, app: Flask, clock: FixedClock) -> Iterator[Line]:
    yield from line_of(app, clock, tiny_pack)


@pytest.fixture
def persistent_line(tiny_pack: str, persistent_app: Flask, clock: FixedClock) -> Iterator[Line]:
    yield from line_of(persistent_app, clock, tiny_pack)


def test_a_later_reply_waits_for_the_throttled_part_of_an_earlier_one(persistent_line: Line) -> None:
    line = persistent_line
    first = line.hears()
    line.channel.results = [SendResult.sent("a"), THROTTLED]
    line.work()
    later = line.hears()
    line.work(later)
    assert line.sent() == [line.key(first)] and len(line.channel.tried) == 2, "part one alone has arrived"
    line.clock.advance(seconds=28)  # one has passed
    line.work()
    assert len(line.channel.tried) == 2, "who waits does not ask the platform meanwhile"
    line.clock.advance(seconds=1)
    line.work()
    assert line.sent() == [line.key(first), line.key(later)] and line.waiting() == 0


def test_notices_and_replies_go_in_the_order_in_which_they_were_promised(persistent_line: Line) -> None:
    line = persistent_line
    promised = [line.hears(), line.tells(), line.tells()]
    for promise in reversed(promised):
        line.work(promise)
    assert line.sent() == [line.key(promised[0])], "the others found one before them"
    line.work()
    assert line.sent() == [line.key(promise) for promise in promised] and line.waiting() == 0


def test_whoever_has_gone_calls_the_next_at_once(persistent_line: Line) -> None:
    line = persistent_line
    promised = [line.hears() for _ in range(3)]
    line.work(promised[2], promised[1], promised[2])
    assert line.due() == [promised[0]]
    line.work(promised[0])
    assert line.due() == [promised[1]], "not all of them: the last would only wait again"
    line.work()
    assert line.sent() == [line.key(promise) for promise in promised]


def test_of_two_workers_at_once_the_one_with_the_later_message_leaves_it(persistent_line: Line) -> None:
    line = persistent_line
    first, later = line.hears(), line.hears()
    asked, go_on = threading.Event(), threading.Event()
    send = line.channel.send

    def slow(message: OutboundMessage) -> SendResult:
        asked.set()
        assert go_on.wait(PATIENCE)
        return send(message)

    def at_work() -> None:
        with line.app.app_context():
            sending.send_reply(first)

    line.channel.send = slow  # type: ignore[method-assign]
    worker = threading.Thread(target=at_work)
    worker.start()
    assert asked.wait(PATIENCE)
    line.work(later)
    assert line.channel.tried == []
    go_on.set()
    worker.join(PATIENCE)
    line.work()
    assert line.sent() == [line.key(first), line.key(later)] and line.waiting() == 0


@pytest.mark.parametrize("error", ["blocked", "rejected"])
def test_what_is_refused_frees_the_way(line: Line, error: Any) -> None:
    first, later = line.hears(), line.hears()
    db.session.rollback()
    parts = len(pushing.kept_reply(db.session(), line.key(first).removeprefix("reply:"))[1])  # type: ignore[index]
    line.channel.results = [SendResult.problem(error, "403")] * parts
    line.work(later, first)
    line.work()
    assert line.sent()[-1:] == [line.key(later)] and line.waiting() == 0


def test_what_is_given_up_after_many_attempts_frees_the_way(line: Line) -> None:
    line.hears()
    line.work()
    first, later = line.tells(), line.tells()
    line.channel.results = [THROTTLED] * deliveries.MAX_SENDS
    for _ in range(deliveries.MAX_SENDS - 1):
        line.work()
        assert line.key(later) not in line.sent()
        line.clock.advance(hours=1)
    line.work()
    assert line.sent()[1:] == [line.key(later)] and line.waiting() == 0
    assert line.key(first) not in line.sent()


def test_a_promise_that_has_failed_frees_the_way(line: Line) -> None:
    first, later = line.hears(), line.hears()
    with unit_of_work() as session:
        session.get_one(Outbox, first).state = "failed"
    line.work()
    assert line.sent() == [line.key(later)]


def test_one_who_is_held_up_holds_up_nobody_else(line: Line) -> None:
    line.channel.results = [THROTTLED]
    line.hears("p1")
    line.work()
    other = line.hears("p2")
    line.work()
    assert line.sent("p2") == [line.key(other)] and line.sent("p1") == []


def test_what_waits_for_the_morning_holds_nothing_up(line: Line) -> None:
    line.hears()
    line.work()
    line.clock.advance(hours=13)
    line.hears()
    line.work()
    morning = line.tells(code="notice.approved")
    awaited = line.tells(code="office.answered")
    line.work(awaited, morning)
    line.clock.advance(seconds=5)
    line.work()
    assert line.sent()[-1] == line.key(awaited) and line.key(morning) not in line.sent()


def test_what_was_put_off_in_the_evening_holds_nothing_up_at_night(line: Line) -> None:
    line.hears()
    line.work()
    line.clock.advance(hours=12)
    line.channel.results = [SendResult.problem("throttled", "429", retry_after=7000)]
    morning = line.tells(code="notice.approved")
    line.work()
    line.clock.advance(hours=2)
    line.work()
    line.hears()
    line.work()
    assert line.key(morning) not in line.sent(), "the reply has told it"
    assert line.waiting() == 1, "until the morning, when it will be seen that it was"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["hears", "tells"]), st.sampled_from(["p1", "p2"])),
        st.tuples(st.just("work"), st.integers(0, 9)),
        st.tuples(st.just("later"), st.integers(1, 60)),
        st.tuples(st.just("trouble"), st.sampled_from([THROTTLED, SendResult.problem("transient", "500")])),
    ),
    max_size=14,
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_comes_and_fails_in_whatever_order(persistent_line: Line, steps: list[tuple[str, Any]]) -> None:
    """Each thing that is said is sent once, in the order of the promises, whichever the worker hears of first."""
    line = persistent_line
    people = {name: f"{name}-{new_id()}" for name in ("p1", "p2")}
    line.channel.sent.clear()
    line.channel.results.clear()
    promised: dict[str, list[str]] = {who: [line.hears(who)] for who in people.values()}
    for what, given_ in steps:
        if what in ("hears", "tells"):
            promised[people[given_]].append(getattr(line, what)(people[given_]))
        elif what == "work":
            line.work(*line.due()[given_:][:1])
        elif what == "later":
            line.clock.advance(seconds=given_)
        else:
            line.channel.results = [given_]
    line.channel.results.clear()
    for _ in range(40):  # minutes, in which the scheduler looks again
        if line.waiting():
            line.work()
            line.clock.advance(minutes=1)
    assert line.waiting() == 0
    for who, promises in promised.items():
        keys = [line.key(promise) for promise in promises]
        sent = line.sent(who)
        assert sent == [key for key in keys if key in sent], "in order, none of them twice"
        assert {key for key in keys if key.startswith("reply:")} <= set(sent)
    db.session.rollback()
    told = db.session.scalars(select(Notice.state).where(Notice.state != "sent")).all()
    left = db.session.scalars(select(Delivery.state).where(Delivery.state == deliveries.SENDING)).all()
    db.session.rollback()
    assert told == [] and left == []


def test_the_time_to_look_again_is_that_of_the_one_in_front(line: Line) -> None:
    first, later = line.hears(), line.hears()
    at = line.clock.now() + timedelta(minutes=5)
    with unit_of_work() as session:
        session.get_one(Outbox, first).not_before = at
    line.work(later)
    db.session.rollback()
    assert db.session.get_one(Outbox, later).not_before == at
    db.session.rollback()
    with unit_of_work() as session:
        session.get_one(Outbox, first).not_before = line.clock.now()
        session.get_one(Outbox, later).not_before = line.clock.now()
    line.work(later)
    db.session.rollback()
    assert db.session.get_one(Outbox, later).not_before == line.clock.now() + in_line.SOON
    db.session.rollback()
