"""Flask extensions and the database session's rules, created once; `init_app` binds them to an app.

SQLite: WAL, synchronous=FULL, foreign keys on. A transaction begins with `BEGIN IMMEDIATE` unless it was declared
read-only (`reading()`), so two writers queue (`write_queue`) instead of failing half-way (SQLITE_BUSY_SNAPSHOT).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock, local
from typing import Any, cast

from flask import Flask
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse_many
from limits.storage import RedisStorage
from limits.strategies import RateLimiter
from redis import Redis
from redis.commands.core import Script
from redis.exceptions import RedisError
from sqlalchemy import DateTime, Engine, MetaData, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from models import direct, json_text, migrate_command, write_queue
from models.pool import Pool
from models.sessions import Database
from models.statements import send

CHECKPOINT_PAGES = 4000  # of the log (16 MB) before they go to their places in the database: a page written often, once
_reading: ContextVar[bool] = ContextVar("bole_reading", default=False)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A timezone-aware UTC time; SQLite stores it naive, PostgreSQL as timestamptz. Naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime given to a UTC column")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """On SQLite the text that SQLAlchemy's own type writes, made at once: each message writes seven of them."""
        return _utc_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _text_utc if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


_written: tuple[datetime | None, str] = (None, "")  # the last instant: a message writes its own into three columns


def _utc_text(value: datetime | None) -> str | None:
    global _written
    if value is None:
        return None
    written = _written
    if written[0] is value:
        return written[1]
    instant = value
    if instant.tzinfo is not UTC:
        if instant.tzinfo is None:
            raise ValueError("naive datetime given to a UTC column")
        instant = instant.astimezone(UTC)
    minute = _minute_text(instant.year, instant.month, instant.day, instant.hour, instant.minute)
    text = f"{minute}:{instant.second:02}.{instant.microsecond:06}"
    _written = (value, text)
    return text


@lru_cache(maxsize=64)
def _minute_text(year: int, month: int, day: int, hour: int, minute: int) -> str:
    """The part of an instant that many share: `isoformat` takes twice as long for the whole."""
    return f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"


def _text_utc(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")  # whose zone is `UTC` itself


AGAIN, AGAIN_SECONDS = 2, 60  # how often, and how long, the same thing comes again uncounted: platforms ask thrice
# Each limit's window begins with its first count, and lasts; what breaks a limit is not counted towards those after it.
# A name more than there are limits is that of the thing itself.
_COUNT = f"""
local limits = #ARGV / 2
local once = KEYS[limits + 1]
local seen = once and tonumber(redis.call('GET', once) or 0) or 0
if seen >= 1 and seen <= {AGAIN} then
    redis.call('INCRBY', once, 1)
    return 1
end
for at = 1, limits do
    local count = redis.call('INCRBY', KEYS[at], 1)
    if count == 1 then redis.call('EXPIRE', KEYS[at], ARGV[2 * at - 1]) end
    if count > tonumber(ARGV[2 * at]) then return 0 end
end
if once and redis.call('INCRBY', once, 1) == 1 then redis.call('EXPIRE', once, {AGAIN_SECONDS}) end
return 1
"""


class AppLimiter(Limiter):  # type: ignore[misc]  # its types are not followed
    """A limiter that outlives its app (one object a process) and must not carry over that another app's server died."""

    def init_app(self, app: Flask) -> None:
        """Bind to `app`, whose server counts as alive until it fails."""
        super().init_app(app)
        self._storage_dead = False
        self._own = local()

    def allows(self, limits: str, *key: str, once: str = "") -> bool:
        """Count one thing that is no request (a message in a job) towards each limit, up to the first that it breaks;
        False: it is one too many of this key. `once`: what the thing is known by; the same thing again, within a
        minute of having been allowed, is allowed uncounted, as often as a platform repeats one that it had no answer
        to in time (`AGAIN`)."""
        items = _parsed(limits)
        name = "/".join(("LIMITER", "once", *key, once)) if once else ""
        try:
            storage = self.limiter.storage
            if isinstance(storage, RedisStorage):
                return self._counts(storage, items, key, name)
            return _counted(self.limiter, items, key, name)
        except RedisError:  # each process counts for itself, as for requests
            return _counted(self._fallback_limiter, items, key, name)

    def _counts(self, storage: RedisStorage, items: Sequence[RateLimitItem], key: Sequence[str], once: str) -> bool:
        """What the library does for one limit at a time, under its names, asked of the server once for all."""
        script = self._script(storage.storage)
        names = [storage.prefixed_key(item.key_for(*key)) for item in items]
        names += [storage.prefixed_key(once)] if once else []
        bounds = [number for item in items for number in (item.get_expiry(), item.amount)]
        return bool(script(keys=names, args=bounds) == 1)

    def _script(self, client: Redis) -> Script:
        """The script, over a connection that this thread keeps: taking one from the pool costs as much as asking."""
        own, of = self._own, (client, os.getpid())
        if getattr(own, "of", None) != of:
            kept = Redis(connection_pool=client.connection_pool, single_connection_client=True)
            own.script, own.of = kept.register_script(_COUNT), of
        script: Script = own.script
        return script

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        """Several requests may meet a dead server at once. The first marks it dead and counts in memory from then on;
        the others find it marked, take that for a failure of the memory, and would fail with it."""
        alive = not self._storage_dead
        try:
            super()._check_request_limit(callable_name, in_middleware)
        except RateLimitExceeded:
            raise
        except Exception:
            if not (alive and self._storage_dead):
                raise
            self.context.seen_limits.clear()
            super()._check_request_limit(callable_name, in_middleware)


def _counted(strategy: RateLimiter, items: Sequence[RateLimitItem], key: Sequence[str], once: str) -> bool:
    """The same (`_COUNT`) where there is no server; one at a time, as there."""
    with _counting:
        if once and 1 <= strategy.storage.get(once) <= AGAIN:
            strategy.storage.incr(once, AGAIN_SECONDS)
            return True
        if not all(strategy.hit(item, *key) for item in items):
            return False
        if once:
            strategy.storage.incr(once, AGAIN_SECONDS)
        return True


_counting = Lock()


@lru_cache(maxsize=64)
def _parsed(limits: str) -> tuple[RateLimitItem, ...]:
    return tuple(parse_many(limits))


db: Database = Database(
    model_class=Base,
    engine_options={"poolclass": Pool, "json_serializer": json_text.ascii_dumps, "json_deserializer": json_text.loads},
)
# Counts attempts for every door; bound to an app where the web is made (webforms/access.py).
limiter = AppLimiter(key_func=get_remote_address, default_limits=[], headers_enabled=True)


@contextmanager
def reading() -> Iterator[None]:
    """Declare that the transactions begun inside only read (deferred BEGIN on SQLite)."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


class writing:  # noqa: N801 - a context manager; each message enters one
    """The transactions begun inside write, even within `reading()` or a GET request."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = _reading.set(False)

    def __exit__(self, *_: object) -> None:
        _reading.reset(self._token)


def began_reading(connection: Connection) -> bool:
    """Whether the connection's transaction was declared read-only: it must not turn into a writing one."""
    return bool(connection.info.get("bole_reading"))


def set_reading(value: bool) -> None:
    """For a web request: GET and HEAD read, everything else writes."""
    _reading.set(value)


def _on_connect(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.isolation_level = None  # we say BEGIN ourselves
    cursor = dbapi_connection.cursor()
    cursor.execute("PRAGMA busy_timeout=15000")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    if connection.info.pop(direct.BEGUN, False):
        connection.info["bole_reading"] = False
        return
    connection.info["bole_reading"] = _reading.get()
    if _reading.get():
        send(connection, "BEGIN").close()
        return
    writer = cast(write_queue.QueueingConnection, connection.connection.dbapi_connection)
    write_queue.begin(writer, lambda: send(connection, write_queue.BEGIN).close())


def _on_connecting(_dialect: Dialect, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
    parameters["factory"] = write_queue.QueueingConnection


def install_sqlite_rules(engine: Engine) -> None:
    """Attach the pragmas and the BEGIN rule to a SQLite engine; other dialects are left alone."""
    if engine.dialect.name == "sqlite" and not event.contains(engine, "begin", _on_begin):
        event.listen(engine, "do_connect", _on_connecting)
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


def init_app(app: Flask) -> None:
    """Bind the database to `app`, with its `flask db`, and install the SQLite rules on its engine."""
    db.init_app(app)
    app.cli.add_command(migrate_command.command)
    with app.app_context():
        install_sqlite_rules(db.engine)
