"""How every job runs: claim the outbox row, do the work, finish in the transaction of the effect.

A job's function is a thin shell, `def process_page(outbox_id): run(outbox_id, body)`. RQ only says "look at this row";
the database decides whether there is anything to do, so a job may be delivered twice, late, or to two workers at once.

    python -m workers.runtime QUEUE     one warm worker of one queue, until SIGTERM or SIGINT
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from flask import Flask, current_app
from rq import Queue, SimpleWorker
from rq.exceptions import DeserializationError
from rq.job import Job as QueuedJob
from sqlalchemy.orm import Session

from models import clock, crowd, outbox
from models.application.tables import Outbox
from models.errors import Conflict, Later, SettingsError, StorageAway
from models.extensions import reading
from models.logs import configure, describe, new_reference, place
from models.queue import JOBS, PHOTOS, QUEUES, READING
from models.queue_client import SERIALIZER
from models.starting import starting
from models.unit_of_work import unit_of_work

APP_FACTORY = "webforms.app:create_app"  # by name: the composition root stands above us
BEHIND = (PHOTOS, READING)  # a core's whole seconds each: the reply that somebody waits for comes first
GIVE_WAY = 3.0  # seconds at most, before each job of these
WORKER_TTL = 20  # RQ blocks for this less 15 seconds: a worker notices within five seconds that it is to stop

log = structlog.get_logger(__name__)
Prepared = TypeVar("Prepared")
Body = Callable[[str, Session], object]


class OvertakenError(Exception):
    """The lease ran out and another worker claimed the row: our transaction is rolled back, theirs counts."""


def run(outbox_id: str, body: Body) -> None:
    """Do the promised work once: `body(subject_id, session)` inside the transaction that also marks the row done.

    What `body` raises is recorded on the row (type and place, no values), tried again later, and given up after
    `models.queue.MAX_ATTEMPTS`; it never reaches RQ. Things that must wait for the commit: `unit_of_work.after_commit`.
    """
    run_prepared(outbox_id, lambda _subject: None, lambda subject, session, _none: body(subject, session))


def run_prepared(
    outbox_id: str, prepare: Callable[[str], Prepared], body: Callable[[str, Session, Prepared], object]
) -> None:
    """Like `run`, with a slow part before the transaction: `prepare(subject_id)` reads, but holds no lock.

    SQLite has one writer: a second of decoding inside the transaction would stop everybody else for that second.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context():  # its own session: nothing of the caller's is joined or disturbed
        row = outbox.claim(outbox_id, clock.current().now())
        if row is None:
            log.debug("job_not_ours", outbox_id=outbox_id)
            return
        with structlog.contextvars.bound_contextvars(
            reference=new_reference(), job=row.job, outbox_id=outbox_id, attempt=row.attempts
        ):
            _attempt(row, prepare, body)


def _attempt(row: Outbox, prepare: Callable[[str], Prepared], body: Callable[[str, Session, Prepared], object]) -> None:
    try:
        with reading():
            prepared = prepare(row.subject_id)
        _effect(row, prepared, body)
    except OvertakenError:
        log.warning("job_overtaken")
    except Later as later:
        log.info("job_postponed", until=later.at.isoformat())
        outbox.postpone(row, later.at)
    except Exception as error:
        log.error("job_failed", **describe(error))
        outbox.fail(row.id, place(error), clock.current().now(), counts=not isinstance(error, StorageAway))
    else:
        log.info("job_done", subject=row.subject_id)


def _effect(row: Outbox, prepared: Prepared, body: Callable[[str, Session, Prepared], object]) -> None:
    with unit_of_work() as session:
        body(row.subject_id, session, prepared)
        try:
            outbox.finish(session, row)
        except Conflict as conflict:
            raise OvertakenError from conflict


class OutboxWorker(SimpleWorker):  # type: ignore[misc]  # rq is not typed
    """Works in this process, without a fork a job, and only on what `models.outbox` hands over.

    RQ calls any function that a job names; the queue's server may be shared, so what is not one of our jobs with one
    outbox id is thrown away unread.
    """

    def execute_job(self, job: QueuedJob, queue: Queue) -> None:
        """Run the job, if it is one of ours."""
        if is_ours(job, queue.name):
            if queue.name in BEHIND:
                self._give_way()
            super().execute_job(job, queue)
        else:
            log.error("job_refused", queue=queue.name)
            job.delete()

    def _give_way(self) -> None:
        """Let whoever waits for a reply pass, but not for ever: who has sent a photo waits as well."""
        until = time.monotonic() + GIVE_WAY
        while not self._stop_requested and time.monotonic() < until and crowd.is_there(self.connection):
            time.sleep(0.1)


def is_ours(job: QueuedJob, queue_name: str) -> bool:
    """Whether this is one of our jobs, on its own queue, with one text argument and nothing to be called after."""
    try:
        known = any((job.func_name, queue_name) == (ours.function, ours.queue) for ours in JOBS.values())
        plain = job.instance is None and not job.kwargs and len(job.args) == 1 and isinstance(job.args[0], str)
    except (DeserializationError, ValueError, TypeError):
        return False
    afterwards = (job._success_callback_name, job._failure_callback_name, job._stopped_callback_name)
    return known and plain and not any(afterwards) and not job.webhooks


def work(queue_name: str, app: Flask | None = None, *, burst: bool = False) -> None:
    """Work off one queue in this process, without a fork a job, until asked to stop (or, in a burst, until empty).

    One queue, because RQ can lose a job between two. A job under way is finished before the worker stops. Raises
    SettingsError where there is no such queue or no server.
    """
    if queue_name not in QUEUES:
        raise SettingsError(f"there is no queue {queue_name!r}; the queues are {', '.join(QUEUES)}")
    app = app or current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context():
        redis = app.extensions["bole"].redis
        if redis is None:
            raise SettingsError("a worker needs a queue server: set REDIS_URL or run `bole serve`")
        worker = OutboxWorker(
            [queue_name], connection=redis, worker_ttl=WORKER_TTL, log_job_description=False, serializer=SERIALIZER
        )
        log.info("worker_started", queue=queue_name)
        worker.work(burst=burst, logging_level="WARNING")
        log.info("worker_stopped", queue=queue_name)


def make_app(factory: str = APP_FACTORY) -> Flask:
    """The application that `factory` (``module:function``) builds, with the log configured for a process of its own."""
    module, _, function = factory.partition(":")
    app: Any = getattr(importlib.import_module(module), function)()
    assert isinstance(app, Flask)
    configure(app.config["BOLE"].log_level)
    return app


def main(arguments: list[str] | None = None) -> int:
    """Entry point of ``python -m workers.runtime``."""
    parser = argparse.ArgumentParser(prog="workers.runtime", description="Work off one queue until asked to stop.")
    parser.add_argument("queue", choices=QUEUES)
    parser.add_argument("--app", default=APP_FACTORY, help="module:function that builds the application")
    given = parser.parse_args(arguments)
    # The verdict that somebody waits for comes before what is read, and the reply before both.
    os.nice({PHOTOS: 10, READING: 15}.get(given.queue, 0))
    with starting():
        app = make_app(given.app)
    work(given.queue, app)
    return 0


if __name__ == "__main__":
    sys.exit(main())
