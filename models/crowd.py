"""Whether people wait for the web to answer: what nobody waits for lets them pass (judging photos, reading papers).

A worker's `nice` shares out a core, not what cores have in common (memory, caches, what the host allows all of them
together): under a flood of messages replies fell behind from when photos were judged on. So a web process with all its
threads at work says so at the queue's server, and a worker looks there before it begins. It is a hint: lost, nothing is
wrong.
"""

from __future__ import annotations

from threading import Lock
from time import monotonic
from types import TracebackType
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

THREADS = 4  # of a web process, each for one request
LASTS: Final = 1000  # milliseconds, without being said again
_AGAIN: Final = 0.25  # seconds until it is said again
_KEY: Final = "bole:crowd"
log = structlog.get_logger(__name__)


class Crowd:
    """The requests that a process is at; each is a block. Where they are as many as there are threads, it is said."""

    def __init__(self, threads: int = THREADS) -> None:
        self.redis: Redis | None = None
        self._threads = threads
        self._guard = Lock()
        self._inside = 0
        self._said = 0.0

    def __enter__(self) -> None:
        with self._guard:
            self._inside += 1
            now = monotonic()
            says = self._inside >= self._threads and now - self._said >= _AGAIN
            if says:
                self._said = now
        if says and self.redis is not None:
            _say(self.redis)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            self._inside -= 1


def is_there(redis: Redis) -> bool:
    """Whether a web process has said so within the last second; no where the server cannot be reached."""
    try:
        return bool(redis.exists(_KEY))
    except (RedisError, OSError):
        return False


def _say(redis: Redis) -> None:
    try:
        redis.set(_KEY, 1, px=LASTS)
    except (RedisError, OSError) as error:
        log.warning("crowd_unheard", error=type(error).__name__)
