"""Processes that write to one SQLite database take turns, as the threads of one do by `write_queue`.

Two bytes of a file beside the database are locked: the turn, and the place of who comes next, so that whoever has just
written cannot pass by one who waits. The kernel lets go of both when a process ends, however it ends. It is an order
only: what may be written when is for SQLite's own lock to say, and where no file can be made there is no order.
"""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, lockf
from typing import Final

NEXT, TURN = 0, 1  # the bytes
PATIENCE = 1.0  # seconds, then one who stands next and does not move (a stopped process) is passed by
_LOOK: Final = 0.0002  # seconds between two looks: a fraction of what a message's transaction takes
_NOWHERE: Final = -1


class ProcessOrder:
    """The place of a process in the order; one of its threads at a time uses it.

    The locks are POSIX's, a process's and not a descriptor's: a fork holds none of them and needs an order of its own.
    """

    def __init__(self, path: str) -> None:
        """`path`: of the database."""
        self._path = f"{path}-turn"
        self._file: int | None = None
        self._closing: Callable[[], object] | None = None

    def enter(self, seconds: float) -> bool:
        """Wait for the turn; False where it did not come in time."""
        if self._file is None:
            self._file = self._opened()
        if self._file == _NOWHERE:
            return True
        try:
            lockf(self._file, LOCK_EX | LOCK_NB, 2, NEXT)  # both bytes
        except (BlockingIOError, PermissionError):
            return self._stands(self._file, time.monotonic() + seconds)
        lockf(self._file, LOCK_UN, 1, NEXT)
        return True

    def leave(self) -> None:
        """Let the next process write; nothing where this one does not hold the turn."""
        if self._file is not None and self._file != _NOWHERE:
            lockf(self._file, LOCK_UN, 1, TURN)

    def close(self) -> None:
        """Leave, and hold the file open no more; it is opened again where it is needed."""
        self._file = None
        if self._closing is not None:
            self._closing()

    def _opened(self) -> int:
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:  # a folder in which nothing may be made: SQLite says what that means
            return _NOWHERE
        self._closing = closing = weakref.finalize(self, os.close, file)
        closing.atexit = False
        return file

    def _stands(self, file: int, deadline: float) -> bool:
        try:
            _waits(file, NEXT, min(deadline, time.monotonic() + PATIENCE))
            return _waits(file, TURN, deadline)
        finally:
            lockf(file, LOCK_UN, 1, NEXT)


def _waits(file: int, byte: int, deadline: float) -> bool:
    while not _locks(file, byte):
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK)
    return True


def _locks(file: int, byte: int) -> bool:
    try:
        lockf(file, LOCK_EX | LOCK_NB, 1, byte)
    except (BlockingIOError, PermissionError):  # EAGAIN or EACCES, as the system likes
        return False
    return True
