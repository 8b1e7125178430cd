"""Writers of one process to one SQLite database come to their turn in the order in which they asked.

Left to SQLite, each sleeps a little, looks again, and sleeps longer: whoever comes just then is served before those who
have waited for seconds. The queue is only that, an order: what may be written when is still SQLite's to say. Who is
first of a process then waits for those of other processes (`write_order`).
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from models.write_order import ProcessOrder

SECONDS = 15.0  # until a writer gives up, as SQLite's own busy_timeout; two transactions of one thread end by it
BEGIN = "BEGIN IMMEDIATE"


class WriteQueue:
    """Who writes, by a token of theirs, and who comes next."""

    def __init__(self, between: ProcessOrder | None = None) -> None:
        """`between`: the order that whoever is first here stands in after that."""
        self.forgotten = False  # in a forked process: another one has taken its place
        self._between = between
        self._guard = threading.Lock()
        self._holder: object | None = None
        self._waiting: deque[tuple[object, threading.Lock]] = deque()
        self._dropped: deque[object] = deque()  # tokens of connections that are gone

    def enter(self, token: object, seconds: float) -> bool:
        """Wait for the turn; False where it did not come in time."""
        if self._holder is token:
            return True
        deadline = time.monotonic() + seconds
        if not self._first(token, seconds):
            return False
        if self._between is None:
            return True
        came = False
        try:
            came = self._between.enter(deadline - time.monotonic())
        finally:
            if not came:  # also where a job's time is over
                self.leave(token)
        return came

    def _first(self, token: object, seconds: float) -> bool:
        """Wait to be the one of this process."""
        turn = threading.Lock()
        turn.acquire()
        with self._guard:
            free = self._holder is None
            if free:
                self._holder = token
            else:
                self._waiting.append((token, turn))
        self._let_go()
        if free:
            return True
        try:
            turn.acquire(timeout=seconds)
        except BaseException:  # a job's time is over, or the process's
            self._give_up(token, turn)
            self.leave(token)
            raise
        return not self._give_up(token, turn)

    def leave(self, token: object) -> None:
        """Let the next one write; nothing where the token does not hold the turn."""
        with self._guard:
            self._pass_on(token)
        self._let_go()

    def drop(self, token: object) -> None:
        """The same for a connection that the garbage collection has found. It never waits: the collection may begin
        anywhere, in a thread that has the guard too. Whoever has the guard lets go of the token after it."""
        self._dropped.append(token)
        self._let_go()

    def _let_go(self) -> None:
        """Let go of what was dropped, unless somebody has the guard, who comes here next."""
        while self._dropped and self._guard.acquire(blocking=False):
            try:
                while self._dropped:
                    self._pass_on(self._dropped.popleft())
            finally:
                self._guard.release()

    def _pass_on(self, token: object) -> None:
        """The guard is held."""
        if self._holder is token:
            if self._between is not None:
                self._between.leave()
            self._holder, turn = self._waiting.popleft() if self._waiting else (None, None)
            if turn is not None:
                turn.release()

    def close(self) -> None:
        """Hold no file open any more."""
        if self._between is not None:
            self._between.close()

    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def _give_up(self, token: object, turn: threading.Lock) -> bool:
        """Whether it still waited; where the turn came in the last moment it has it."""
        with self._guard:
            waited = (token, turn) in self._waiting
            if waited:
                self._waiting.remove((token, turn))
        self._let_go()
        return waited


_queues: weakref.WeakValueDictionary[str, WriteQueue] = weakref.WeakValueDictionary()
_making = threading.Lock()


def queue_of(path: str) -> WriteQueue:
    """The one queue of this process for a database's file, while any of its connections is there."""
    with _making:
        queue = _queues.get(path)
        if queue is None:
            queue = _queues[path] = WriteQueue(ProcessOrder(path))
        return queue


def _forget() -> None:
    """A forked process has none of the threads that wait or write, nor what its parent has locked."""
    global _making  # somebody may have held it
    _making = threading.Lock()
    for queue in list(_queues.values()):
        queue.close()
        queue.forgotten = True
    _queues.clear()


os.register_at_fork(after_in_child=_forget)


def begin(connection: QueueingConnection, send: Callable[[], object]) -> None:
    """A writing transaction, when its turn has come; `send` sends its BEGIN. Raises OperationalError."""
    connection.wait_to_write()
    try:
        send()
    except BaseException:  # another process writes for too long
        connection.written()
        raise


class QueueingConnection(sqlite3.Connection):
    """A connection whose writing transactions queue, from before BEGIN until SQLite has let go of its lock."""

    def __init__(self, database: str, *args: Any, **more: Any) -> None:
        super().__init__(database, *args, **more)
        self._path = "" if database in ("", ":memory:") else str(Path(database).resolve())
        self._token = object()
        self._queue: WriteQueue | None = None

    def wait_to_write(self) -> None:
        """Raises OperationalError as SQLite would ("database is locked") after SECONDS."""
        if not self._path:
            return  # in memory: nobody else's
        queue = self._queue
        if queue is None or queue.forgotten:
            self._queue = queue = queue_of(self._path)
            weakref.finalize(self, queue.drop, self._token).atexit = False  # dropped without having been closed
        if not queue.enter(self._token, SECONDS):
            raise OperationalError(BEGIN, None, sqlite3.OperationalError("database is locked"))

    def written(self) -> None:
        """Let the next one write, unless a transaction is still open."""
        if self._queue is not None and not self.in_transaction:
            self._queue.leave(self._token)

    def commit(self) -> None:
        try:
            super().commit()
        finally:
            self.written()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self.written()

    def close(self) -> None:
        try:
            super().close()
        finally:
            if self._queue is not None:
                self._queue.leave(self._token)
