"""Signs of life of processes that nobody asks anything: kept at the queue's server, where every process can look."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

SCHEDULER = "scheduler"
KEPT = timedelta(days=7)


def beat(redis: Redis | None, name: str, now: datetime) -> None:
    """Say that `name` lives; where the server cannot be reached nobody hears it, which is logged."""
    if redis is None:
        return
    try:
        redis.set(_key(name), now.isoformat(), ex=KEPT)
    except (RedisError, OSError) as error:
        log.warning("heartbeat_unheard", of=name, error=type(error).__name__)


def last(redis: Redis | None, name: str) -> datetime | None:
    """When `name` was heard of last; None: never lately, or the server cannot be reached."""
    if redis is None:
        return None
    try:
        told = redis.get(_key(name))
    except (RedisError, OSError):
        return None
    return datetime.fromisoformat(told.decode()) if isinstance(told, bytes) else None


def _key(name: str) -> str:
    return f"bole:alive:{name}"
