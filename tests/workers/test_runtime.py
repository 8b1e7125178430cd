"""Claimed once, finished with its effect, tried again after a failure, given up in the end."""

from __future__ import annotations

import importlib
import threading
from typing import Any

import pytest
from flask import Flask, g
from rq import Callback, Queue
from sqlalchemy import update
from sqlalchemy.orm import Session

from models import outbox, queue_client
from models.application.tables import Event, Outbox
from models.clock import FixedClock
from models.errors import SettingsError
from models.extensions import db
from models.queue import JOBS, MAX_ATTEMPTS, MESSAGES
from models.unit_of_work import after_commit, unit_of_work
from workers import runtime
from workers.runtime import run, run_prepared, work


def note(subject: str, session: Session) -> None:
    """An effect that can be counted."""
    seq = session.query(Event).filter_by(application_id=subject).count() + 1
    now = db.session.connection()  # the effect's own transaction
    assert now is not None
    from models import clock

    session.add(
        Event(application_id=subject, seq=seq, type="checked", at=clock.current().now(), actor="worker", data={})
    )


def test_effect_and_done_together(persistent_desk: Any) -> None:
    desk = persistent_desk
    subject = desk.application()
    row_id = desk.promise("remind_draft", subject)
    with desk.app.app_context():
        run(row_id, note)
        run(row_id, note)  # delivered twice by the queue
    row = desk.one(Outbox, id=row_id)
    assert (row.state, row.attempts, row.error, row.lease_until) == ("done", 1, None, None)
    assert len(desk.all(Event, application_id=subject)) == 1


def test_failure_undoes_everything_and_is_tried_again(persistent_desk: Any, clock: FixedClock) -> None:
    desk = persistent_desk
    subject = desk.application()
    row_id = desk.promise("remind_draft", subject)

    def breaks(subject_id: str, session: Session) -> None:
        note(subject_id, session)
        session.flush()
        raise ValueError("430401199001011234")

    with desk.app.app_context():
        run(row_id, breaks)
        row = desk.one(Outbox, id=row_id)
        assert (row.state, row.attempts) == ("pending", 1)
        assert row.error.startswith("ValueError at tests/workers/test_runtime.py:")
        assert "430401" not in row.error
        assert desk.all(Event, application_id=subject) == []
        run(row_id, note)  # its back-off is not over
        assert desk.all(Event, application_id=subject) == []
        clock.advance(minutes=1)
        run(row_id, note)
    assert desk.one(Outbox, id=row_id).state == "done"
    assert len(desk.all(Event, application_id=subject)) == 1


def test_given_up_after_the_last_attempt(desk: Any, clock: FixedClock) -> None:
    row_id = desk.promise("remind_draft", "nobody")

    def breaks(_subject: str, _session: Session) -> None:
        raise RuntimeError

    with desk.app.app_context():
        for _ in range(MAX_ATTEMPTS + 2):
            run(row_id, breaks)
            clock.advance(hours=1)
    row = desk.one(Outbox, id=row_id)
    assert (row.state, row.attempts) == ("failed", MAX_ATTEMPTS)


def test_what_waits_for_the_commit_waits(desk: Any) -> None:
    row_id = desk.promise("remind_draft", "x")
    seen: list[str] = []

    def body(_subject: str, _session: Session) -> None:
        after_commit(lambda: seen.append("after"))
        seen.append("body")

    def broken(subject: str, session: Session) -> None:
        body(subject, session)
        raise RuntimeError

    with desk.app.app_context():
        run(row_id, broken)
        assert seen == ["body"]
        desk.app.extensions["bole"].clock.advance(minutes=1)
        run(row_id, body)
    assert seen == ["body", "body", "after"]


def test_two_workers_on_one_row(persistent_desk: Any) -> None:
    """Both start at once: one claims, the other goes away; the effect is there once."""
    desk = persistent_desk
    subject = desk.application()
    row_id = desk.promise("remind_draft", subject)
    start = threading.Barrier(4)

    def worker() -> None:
        with desk.app.app_context():
            start.wait()
            run(row_id, note)

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(desk.all(Event, application_id=subject)) == 1
    assert desk.one(Outbox, id=row_id).attempts == 1


def test_a_worker_that_outlives_its_lease_takes_nothing_twice(persistent_desk: Any, clock: FixedClock) -> None:
    """The first is so slow that a second claims and finishes meanwhile: the first's transaction is rolled back."""
    desk = persistent_desk
    subject = desk.application()
    row_id = desk.promise("remind_draft", subject)

    def slow(_subject: str) -> None:
        clock.advance(hours=1)
        run(row_id, note)  # the second worker

    with desk.app.app_context():
        run_prepared(row_id, slow, lambda subject_id, session, _none: note(subject_id, session))
    row = desk.one(Outbox, id=row_id)
    assert (row.state, row.attempts, row.error) == ("done", 2, None)
    assert len(desk.all(Event, application_id=subject)) == 1


def test_preparing_holds_no_lock(desk: Any) -> None:
    """While a worker prepares, another connection may write (SQLite has one writer)."""
    row_id = desk.promise("remind_draft", "x")

    def prepare(_subject: str) -> None:
        db.session.query(Outbox).count()
        with db.engine.begin() as connection:
            connection.execute(update(Outbox).where(Outbox.id == "none").values(error="x"))

    with desk.app.app_context():
        run_prepared(row_id, prepare, lambda _subject, _session, _none: None)
    assert desk.one(Outbox, id=row_id).state == "done"


def test_the_callers_session_and_context_are_left_alone(desk: Any) -> None:
    subject = desk.application()
    row_id = desk.promise("remind_draft", subject)
    with desk.app.app_context():
        g.mine = 1
        mine = db.session.query(Outbox).first()
        db.session.rollback()
        run(row_id, note)
        assert g.mine == 1
        assert mine in db.session


def test_every_job_resolves_and_takes_an_id(app: Flask) -> None:
    with app.app_context():
        for job in JOBS.values():
            module, _, name = job.function.rpartition(".")
            function = getattr(importlib.import_module(module), name)
            function("0" * 32)  # nothing promised: nothing to do, no error


def test_unknown_queue_and_missing_server_say_what_is_wrong(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="photos, reading, messages, office"):
        work("mail", app)
    app.extensions["bole"].redis = None
    with pytest.raises(SettingsError, match="REDIS_URL"):
        work(MESSAGES, app)


def test_app_by_name(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    import webforms.app

    monkeypatch.setattr(webforms.app, "create_app", lambda: app)
    monkeypatch.setattr(runtime, "configure", lambda _level: None)  # its stream is gone when the tests end
    assert runtime.make_app() is app


def test_enqueued_after_commit_and_worked_off(make_app: Any, settings: Any, valkey_url: str, tiny_pack: str) -> None:
    """Through a real queue: promise, commit, RQ, claim, effect."""
    app = make_app(settings.model_copy(update={"redis_url": valkey_url}))
    with app.app_context():
        with unit_of_work() as session:
            row = outbox.promise(session, "deliver_notice", "0" * 32, "test")
            assert row is not None
            row_id = row.id
        work(MESSAGES, app, burst=True)
        assert db.session.get_one(Outbox, row_id).state == "done"


CALLED: list[str] = []


def foreign(*arguments: str) -> None:
    """What somebody else who reaches the queue's server would like to have called."""
    CALLED.append(*arguments)


def test_nothing_but_our_own_jobs_is_called(make_app: Any, settings: Any, valkey_url: str, tiny_pack: str) -> None:
    """The server may be shared: a pickled job, a foreign function and a callback are thrown away, ours goes on."""
    app = make_app(settings.model_copy(update={"redis_url": valkey_url}))
    with app.app_context():
        redis = app.extensions["bole"].redis
        ours = JOBS["deliver_notice"].function
        assert Queue(MESSAGES, connection=redis).enqueue_call(ours, args=("x",)).id  # pickled, as RQ does by default
        speaking = queue_client.queue(MESSAGES, redis)
        speaking.enqueue_call(foreign, args=("called",))
        speaking.enqueue_call(ours, args=("x", "y"))
        speaking.enqueue_call(ours, args=("x",), on_success=Callback(foreign))
        speaking.enqueue_call(JOBS["process_page"].function, args=("x",))  # of another queue
        with unit_of_work() as session:
            row = outbox.promise(session, "deliver_notice", "0" * 32, "after the others")
            assert row is not None
            row_id = row.id
        work(MESSAGES, app, burst=True)
        assert db.session.get_one(Outbox, row_id).state == "done"
        assert CALLED == []
        assert speaking.count == 0


@pytest.mark.parametrize("queue", ["photos", "reading"])
def test_what_nobody_waits_for_lets_a_crowd_pass_until_it_is_gone(
    make_app: Any, settings: Any, valkey_url: str, monkeypatch: Any, queue: str
) -> None:
    app = make_app(settings.model_copy(update={"redis_url": valkey_url}))
    redis = app.extensions["bole"].redis
    redis.set("bole:crowd", 1)
    waits: list[float] = []

    def passing(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            redis.delete("bole:crowd")

    monkeypatch.setattr(runtime.time, "sleep", passing)
    assert _worked_off(app, queue)
    assert len(waits) == 3


def test_a_crowd_that_stays_is_let_pass_for_some_seconds_only(
    make_app: Any, settings: Any, valkey_url: str, monkeypatch: Any
) -> None:
    app = make_app(settings.model_copy(update={"redis_url": valkey_url}))
    app.extensions["bole"].redis.set("bole:crowd", 1)
    monkeypatch.setattr(runtime, "GIVE_WAY", 0.15)
    assert _worked_off(app, "photos")


@pytest.mark.parametrize("queue", ["messages", "office"])
def test_what_people_wait_for_does_not_let_a_crowd_pass(
    make_app: Any, settings: Any, valkey_url: str, monkeypatch: Any, queue: str
) -> None:
    app = make_app(settings.model_copy(update={"redis_url": valkey_url}))
    app.extensions["bole"].redis.set("bole:crowd", 1)
    monkeypatch.setattr(runtime.OutboxWorker, "_give_way", lambda _worker: pytest.fail("it waits"))
    assert _worked_off(app, queue)


def _worked_off(app: Any, queue: str) -> bool:
    """Whether a job of the queue, about nothing, is gone from it after a burst."""
    job = next(job for job in JOBS.values() if job.queue == queue)
    with app.app_context():
        speaking = queue_client.queue(queue, app.extensions["bole"].redis)
        speaking.enqueue_call(job.function, args=("0" * 32,), result_ttl=0)
        work(queue, app, burst=True)
        return bool(speaking.count == 0)
