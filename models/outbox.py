"""Work promised by a transaction, done after it, once.

`promise` writes the row in the caller's transaction; `enqueue` hands its id to Redis after the commit; `sweep`
hands over again what Redis lost or a worker left unfinished. The database decides who works: `claim` is one atomic
update, and `finish` belongs into the transaction of the effect itself and fails if the lease has passed to another
worker meanwhile. So killing any process, or emptying Redis, at any moment loses nothing and does nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from flask import current_app
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from sqlalchemy import Executable, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from models import clock
from models.application.tables import Outbox, new_id
from models.errors import Conflict
from models.extensions import db, reading
from models.queue import JOBS, MAX_ATTEMPTS, SHARES
from models.queue_client import queue
from models.statements import Statement
from models.unit_of_work import after_commit

log = structlog.get_logger(__name__)

BACK_OFF = timedelta(seconds=10)  # doubled at each attempt
LEASE_MARGIN = timedelta(seconds=30)  # beyond the job's own time limit
REQUEUE_AFTER = 60  # seconds for which one attempt of one row is handed to Redis only once
SWEEP_LIMIT = 500
_FAILURE_TTL = 3600


def promise(
    session: Session, job: str, subject_id: str, effect: str, *, not_before: datetime | None = None
) -> Outbox | None:
    """Promise `job` for `subject_id` in this transaction; None if this `effect` was promised before.

    Inside a `unit_of_work` the row is enqueued by itself after the commit. What is given back belongs to no session.
    """
    now = clock.current().now()
    values: dict[str, Any] = {
        "id": new_id(),
        "job": JOBS[job].name,
        "subject_id": subject_id,
        "effect": effect,
        "state": "pending",
        "attempts": 0,
        "not_before": not_before or now,
        "created_at": now,
    }
    if not _INSERT.rows(session, values):
        return None
    if values["not_before"] <= now:
        after_commit(lambda: _hand_over_new(values["id"], values["job"]))
    return Outbox(**values)


def _insert_new(dialect: str) -> Executable:
    """An insert that does nothing where the effect exists."""
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(Outbox.__table__)
    given = insert.values({name: bindparam(name) for name in _PROMISED})
    made: Executable = given.on_conflict_do_nothing(index_elements=["effect"]).returning(Outbox.id)
    return made


_PROMISED = ("id", "job", "subject_id", "effect", "state", "attempts", "not_before", "created_at")
_INSERT = Statement(_insert_new)  # a photo in chat promises its verdict, and waits for this


def under_way(session: Session, job: str, subject_id: str = "") -> set[str]:
    """What `job` is promised for and not done yet (or given up): subjects, or this one alone."""
    query = select(Outbox.subject_id).where(Outbox.state == "pending", Outbox.job == job)
    return set(session.scalars(query.where(Outbox.subject_id == subject_id) if subject_id else query))


def enqueue(ids: Iterable[str]) -> int:
    """Hand due rows to their queues, after the commit; the number handed over.

    What is not due yet, and everything while Redis cannot be reached (logged), is left to the sweep.
    """
    wanted = list(ids)
    redis = _redis()
    if redis is None or not wanted:
        return 0
    now = clock.current().now()
    query = select(Outbox.id, Outbox.job, Outbox.attempts).where(
        Outbox.id.in_(wanted), Outbox.state == "pending", Outbox.not_before <= now
    )
    return _hand_over(redis, _read(query))


def sweep(now: datetime) -> int:
    """Hand over what is due and not being worked on; give up rows whose worker died at the last attempt."""
    _abandon(now)
    redis = _redis()
    if redis is None:
        return 0
    query = (
        select(Outbox.id, Outbox.job, Outbox.attempts)
        .where(*_due(now))
        .order_by(Outbox.not_before, Outbox.id)
        .limit(SWEEP_LIMIT)
    )
    rows = _read(query)
    if len(rows) == SWEEP_LIMIT:  # the rest may wait behind a backlog that is another worker's
        rows = [row for names in SHARES for row in _read(query.where(Outbox.job.in_(names)))]
    return _hand_over(redis, rows)


def claim(outbox_id: str, now: datetime) -> Outbox | None:
    """Take the row for this worker, committed at once. None: done, not due, or another worker has it."""
    with db.engine.begin() as connection:
        job = connection.scalar(select(Outbox.job).where(Outbox.id == outbox_id))
        if job is None:
            return None
        lease = now + timedelta(seconds=JOBS[job].timeout) + LEASE_MARGIN
        taken = connection.execute(
            update(Outbox)
            .where(Outbox.id == outbox_id, *_due(now))
            .values(attempts=Outbox.attempts + 1, lease_until=lease)
            .returning(*Outbox.__table__.columns)
        ).one_or_none()
    return None if taken is None else Outbox(**taken._mapping)


def finish(session: Session, row: Outbox) -> None:
    """Mark the claimed row done, in the transaction of its effect.

    Raises Conflict where the lease ran out and another worker has claimed it since: that transaction must not commit.
    """
    result = session.execute(
        update(Outbox)
        .where(Outbox.id == row.id, Outbox.state == "pending", Outbox.attempts == row.attempts)
        .values(state="done", done_at=clock.current().now(), lease_until=None, error=None)
        .execution_options(synchronize_session=False)
    )
    if cast(CursorResult[Any], result).rowcount != 1:
        raise Conflict("error.conflict")


def fail(outbox_id: str, error: str, now: datetime, *, counts: bool = True) -> None:
    """Record a failed attempt (`error`: exception type and place, never values) and when to try again.

    At `MAX_ATTEMPTS` the row is `failed`, which staff see; an attempt that does not count (the files were out of reach:
    no fault of the work) is never the last.
    """
    with db.engine.begin() as connection:
        attempts = connection.scalar(select(Outbox.attempts).where(Outbox.id == outbox_id, Outbox.state == "pending"))
        if attempts is None:
            return
        last = counts and attempts >= MAX_ATTEMPTS
        connection.execute(
            update(Outbox)
            .where(Outbox.id == outbox_id, Outbox.state == "pending", Outbox.attempts == attempts)
            .values(
                state="failed" if last else "pending",
                attempts=attempts if counts else attempts - 1,
                error=error[:300],
                lease_until=None,
                not_before=now + BACK_OFF * 2 ** max(attempts - 1, 0),
            )
        )


def postpone(row: Outbox, at: datetime) -> None:
    """Run a claimed row again at `at`: it has done what it could, and this attempt does not count."""
    with db.engine.begin() as connection:
        connection.execute(
            update(Outbox)
            .where(Outbox.id == row.id, Outbox.state == "pending", Outbox.attempts == row.attempts)
            .values(attempts=row.attempts - 1, lease_until=None, not_before=at)
        )
    redis = _redis()
    if redis is None:
        return
    try:  # otherwise this attempt would not be handed over a second time for a while
        redis.delete(_handed(row.id, row.attempts - 1))
    except RedisError as exc:
        log.warning("queue_unreachable", error=type(exc).__name__, left_to_sweep=1)


def retry(session: Session, outbox_id: str) -> bool:
    """Let a failed row be tried again from the start (staff ask for it). False: it had not failed."""
    result = session.execute(
        update(Outbox)
        .where(Outbox.id == outbox_id, Outbox.state == "failed")
        .values(state="pending", attempts=0, lease_until=None, not_before=clock.current().now())
    )
    if cast(CursorResult[Any], result).rowcount != 1:
        return False
    after_commit(lambda: enqueue([outbox_id]))
    return True


def give_up(session: Session, outbox_id: str) -> None:
    """A failed row is not tried again and asks for nobody's attention any more, within the caller's transaction. Raises
    Conflict where it has not failed (any more)."""
    failed = update(Outbox).where(Outbox.id == outbox_id, Outbox.state == "failed")
    if cast(CursorResult[Any], session.execute(failed.values(state="given_up"))).rowcount != 1:
        raise Conflict("error.conflict")


def _due(now: datetime) -> tuple[Any, ...]:
    return (
        Outbox.state == "pending",
        Outbox.not_before <= now,
        or_(Outbox.lease_until.is_(None), Outbox.lease_until < now),
        Outbox.attempts < MAX_ATTEMPTS,
    )


def _abandon(now: datetime) -> None:
    """A row whose worker died each time would never reach `fail`."""
    used_up = (Outbox.state == "pending", Outbox.attempts >= MAX_ATTEMPTS, Outbox.lease_until < now)
    if _read(select(Outbox.id, Outbox.job, Outbox.attempts).where(*used_up).limit(1)):
        with db.engine.begin() as connection:
            connection.execute(
                update(Outbox).where(*used_up).values(state="failed", error="worker died", lease_until=None)
            )


def _read(query: Any) -> Sequence[Any]:
    """On a connection of its own, so that the caller's session is not disturbed after its commit."""
    with reading(), db.engine.connect() as connection:
        return connection.execute(query).all()


def _redis() -> Redis | None:
    return cast(Redis | None, current_app.extensions["bole"].redis)


def _handed(outbox_id: str, attempts: int) -> str:
    return f"bole:queued:{outbox_id}-{attempts}"


def _hand_over(redis: Redis, rows: Sequence[Any]) -> int:
    handed = 0
    try:
        for outbox_id, name, attempts in rows:
            if not redis.set(_handed(outbox_id, attempts), 1, nx=True, ex=REQUEUE_AFTER):
                continue  # handed over within the last minute
            _enqueue(redis, outbox_id, name, attempts)
            handed += 1
    except RedisError as exc:
        log.warning("queue_unreachable", error=type(exc).__name__, left_to_sweep=len(rows) - handed)
    return handed


def _hand_over_new(outbox_id: str, name: str) -> None:
    """The same for a row that is new and due: nothing is asked of the database, and the server is asked once. A sweep
    that was faster has handed it over as well; it is worked on once all the same."""
    redis = _redis()
    if redis is None:
        return
    try:
        with redis.pipeline() as together:
            _enqueue(redis, outbox_id, name, 0, together)  # the first in it: RQ begins a transaction
            together.set(_handed(outbox_id, 0), 1, ex=REQUEUE_AFTER)
            together.execute()
    except RedisError as exc:
        log.warning("queue_unreachable", error=type(exc).__name__, left_to_sweep=1)


def _enqueue(redis: Redis, outbox_id: str, name: str, attempts: int, together: Pipeline | None = None) -> None:
    job = JOBS[name]
    queue(job.queue, redis).enqueue_call(
        job.function,
        args=(outbox_id,),
        job_id=f"{outbox_id}-{attempts}",
        timeout=job.timeout,
        result_ttl=0,
        failure_ttl=_FAILURE_TTL,
        description=name,
        at_front=job.awaited,
        pipeline=together,
    )
