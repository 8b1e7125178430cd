"""The pool of connections: SQLAlchemy's, with a short way for who begins and ends a transaction at the driver itself.

Its queue is the interpreter's own. SQLAlchemy's is written in Python, for other interpreters, and what it puts around
a connection (a proxy, its finalizer, events) costs more than the connection's own BEGIN.
"""

from __future__ import annotations

import queue
import weakref
from typing import Any

from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool
from sqlalchemy.pool.base import _NOOP_WEAKREF_CALLBACK, _ConnectionFairy, _ConnectionRecord
from sqlalchemy.util.queue import Empty, Full, Queue


class _Queue(Queue[ConnectionPoolEntry]):
    """First in, first out. `SimpleQueue` may be entered anew by a finalizer, which is what the pool needs of it."""

    def __init__(self, maxsize: int = 0, use_lifo: bool = False) -> None:
        self.maxsize, self.use_lifo = maxsize, use_lifo
        self._kept: queue.SimpleQueue[ConnectionPoolEntry] = queue.SimpleQueue()

    def qsize(self) -> int:
        return self._kept.qsize()

    def empty(self) -> bool:
        return self._kept.empty()

    def full(self) -> bool:
        return 0 < self.maxsize <= self._kept.qsize()

    def put(self, item: ConnectionPoolEntry, block: bool = True, timeout: float | None = None) -> None:
        """Raises Full: the pool never waits to put something back."""
        if 0 < self.maxsize <= self._kept.qsize():
            raise Full
        self._kept.put(item)

    def get(self, block: bool = True, timeout: float | None = None) -> ConnectionPoolEntry:
        try:
            return self._kept.get(block, timeout)
        except queue.Empty:
            raise Empty from None


class Pool(QueuePool):
    """`take` and `give` hand out a connection without a proxy around it: whoever takes one gives it back, and only
    in no transaction. Nobody hears of it, and it is not pinged: for SQLite, whose connections do not go away."""

    _queue_class = _Queue

    def take(self) -> _ConnectionRecord:
        """A connection. Raises the driver's error where it cannot be made, TimeoutError where there are too many."""
        record: Any = self._do_get()
        try:
            record.get_connection()
        except BaseException as exc:
            record._checkin_failed(exc, _fairy_was_created=False)
            raise
        taken: _ConnectionRecord = record
        return taken

    def give(self, record: _ConnectionRecord) -> None:
        """Back, in no transaction."""
        self._do_return_conn(record)

    def proxied(self, record: _ConnectionRecord) -> PoolProxiedConnection:
        """One that was taken, as SQLAlchemy's own: it is given back by closing this, which undoes what is open."""
        proxy = _ConnectionFairy(self, record.dbapi_connection, record, False)  # type: ignore[arg-type]
        record.fairy_ref = weakref.ref(proxy, _NOOP_WEAKREF_CALLBACK)
        proxy._counter = 1
        return proxy
