"""How the system itself is: its work, database, queue, workers, clockwork, disk. Numbers and names of parts, no people.

What cannot be reached is a finding, not an error: whoever asks wants to know just that.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy import and_, case, func, or_, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import heartbeat
from models.application.tables import Outbox
from models.office.scope import OVERDUE
from models.queue import QUEUES
from models.queue_client import SERIALIZER
from models.settings import Settings

LOW_DISK = 1 << 30  # bytes: some 1,000 photos
SILENT = timedelta(minutes=1)  # the clockwork ticks every five seconds
BACKUP = "last-backup"  # a file in the data folder, touched by whoever makes backups


@dataclass(frozen=True, slots=True)
class Kind:
    """Promised work of one kind: due and waiting for a worker, under way, not due yet, given up by the workers."""

    job: str
    waiting: int
    running: int
    later: int
    failed: int
    oldest: datetime | None  # since when the oldest of what waits is due


@dataclass(frozen=True, slots=True)
class Database:
    """`safe`: what is committed survives a power cut, by its own settings."""

    name: str  # sqlite | postgresql
    version: str
    mode: str
    safe: bool
    size: int  # bytes
    revision: str


@dataclass(frozen=True, slots=True)
class Server:
    """The queue's server."""

    version: str
    memory: int  # bytes


@dataclass(frozen=True, slots=True)
class Working:
    """A worker that has been heard of lately."""

    queue: str
    busy: bool
    seen: datetime | None


@dataclass(frozen=True, slots=True)
class Disk:
    """Of the data folder, in bytes."""

    free: int
    total: int

    @property
    def low(self) -> bool:
        """Whether photos will soon be refused."""
        return self.free < LOW_DISK


def kinds(session: Session, now: datetime) -> list[Kind]:
    """Everything that is promised and not done, those with the oldest waiting first. Reads only the ends that are
    open, by an index."""
    pending = Outbox.state == "pending"
    running = and_(pending, Outbox.lease_until > now)
    free = and_(pending, or_(Outbox.lease_until.is_(None), Outbox.lease_until <= now))
    due, later = and_(free, Outbox.not_before <= now), and_(free, Outbox.not_before > now)
    sums = [func.sum(case((of, 1), else_=0)) for of in (due, running, later, Outbox.state == "failed")]
    query = select(Outbox.job, *sums, func.min(case((due, Outbox.not_before)))).group_by(Outbox.job)
    found = [
        Kind(row[0], int(row[1]), int(row[2]), int(row[3]), int(row[4]), row[5])
        for row in session.execute(_open(query))
    ]
    return sorted(found, key=lambda kind: (kind.oldest is None, kind.oldest or now, -kind.failed, kind.job))


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """Since when the oldest piece of work is due that is not being worked on."""
    idle = or_(Outbox.lease_until.is_(None), Outbox.lease_until <= now)
    due = select(func.min(Outbox.not_before)).where(Outbox.state == "pending", Outbox.not_before <= now, idle)
    return session.scalar(due)


def stands_still(oldest: datetime | None, now: datetime) -> bool:
    """Whether due work has waited longer than any back-off explains."""
    return oldest is not None and now - oldest > OVERDUE


def _open(query: Any) -> Any:
    return query.where(Outbox.state.in_(("pending", "failed")))


def database(session: Session) -> Database | None:
    """The database as it says itself; None where it does not answer."""
    try:
        name = session.get_bind().dialect.name
        revision = session.scalar(text("SELECT version_num FROM alembic_version")) or ""
        read = _sqlite if name == "sqlite" else _postgresql
        return Database(name, *read(session), revision)
    except SQLAlchemyError:
        session.rollback()
        return None


def _sqlite(session: Session) -> tuple[str, str, bool, int]:
    def pragma(name: str) -> Any:
        return session.scalar(text(f"PRAGMA {name}"))

    journal, level = str(pragma("journal_mode")).upper(), int(pragma("synchronous"))
    mode = f"{journal}, synchronous={('OFF', 'NORMAL', 'FULL', 'EXTRA')[level]}"
    size = int(pragma("page_count")) * int(pragma("page_size"))
    return str(session.scalar(text("SELECT sqlite_version()"))), mode, journal == "WAL" and level >= 2, size


def _postgresql(session: Session) -> tuple[str, str, bool, int]:
    shown = {name: str(session.scalar(text(f"SHOW {name}"))) for name in ("fsync", "synchronous_commit")}
    size = int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    mode = ", ".join(f"{name}={value}" for name, value in shown.items())
    return str(session.scalar(text("SHOW server_version"))), mode, "off" not in shown.values(), size


def server(redis: Redis | None) -> Server | None:
    """The queue's server; None where it does not answer."""
    if redis is None:
        return None
    try:
        told: dict[str, Any] = redis.info()
    except (RedisError, OSError):
        return None
    return Server(str(told.get("valkey_version", told.get("redis_version", ""))), int(told.get("used_memory", 0)))


def workers(redis: Redis | None) -> dict[str, list[Working]]:
    """Who works on each queue, by what the workers told the queue's server; none where that does not answer."""
    found: dict[str, list[Working]] = {name: [] for name in QUEUES}
    if redis is None:
        return found
    try:
        listed = cast(Iterable[Worker], Worker.all(connection=redis, serializer=SERIALIZER))
        for worker in listed:
            seen = worker.last_heartbeat
            told = Working(worker.queue_names()[0], worker.get_state() == "busy", seen and seen.replace(tzinfo=UTC))
            found.setdefault(told.queue, []).append(told)
    except (RedisError, OSError):
        return {name: [] for name in QUEUES}
    return found


def clockwork(redis: Redis | None) -> datetime | None:
    """When the scheduler last went through its round; None where nobody knows."""
    return heartbeat.last(redis, heartbeat.SCHEDULER)


def disk() -> Disk:
    """What is left for the data folder."""
    usage = shutil.disk_usage(_settings().data)
    return Disk(usage.free, usage.total)


def last_backup() -> datetime | None:
    """When whoever makes backups said so last; None where nobody did."""
    mark = _settings().data / BACKUP
    return datetime.fromtimestamp(mark.stat().st_mtime, UTC) if mark.exists() else None


def _settings() -> Settings:
    settings: Settings = current_app.config["BOLE"]
    return settings
