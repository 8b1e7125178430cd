"""One `bole serve` at a time in a data folder: the second would take the first one's queue away from under it.

A lock that the kernel lets go with its last holder (flock(2)). The queue's server holds it too, so that it is free only
when that has gone, even where the process that watched over it was killed. Only the standard library, as in `serve`.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

WITHIN: Final = 40.0  # seconds: longer than two times the grace that stopping takes (`supervisor.GRACE`)
_RUNNING, _ENDING = "running", "ending "  # of one length: a reader never sees half of either


class InUse(Exception):
    """Somebody else holds the folder; the message says who and what to do."""


def take(path: Path, say: Callable[[str], None], within: float = WITHIN) -> int:
    """Hold the lock kept in the file `path`; its descriptor, which is held until it is closed everywhere.

    Waits, and says so, while whoever holds it is about to end. Raises InUse where they are not, or not in time.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline, told = time.monotonic() + within, False
    while not _free(descriptor):
        holder, runs = _holder(descriptor)
        if runs or time.monotonic() > deadline:
            os.close(descriptor)
            raise InUse(
                f"another `bole serve` (process {holder or 'unknown'}) {'is at work in' if runs else 'has not left'} "
                f"{path.parent.parent}; stop it first, or choose another folder: BOLE_DATA=…"
            )
        if not told:
            say("waiting for the `bole serve` that is just stopping …")
            told = True
        time.sleep(0.1)
    _write(descriptor, _RUNNING)
    return descriptor


def ending(descriptor: int) -> None:
    """Tell whoever comes next that it is worth waiting."""
    _write(descriptor, _ENDING)


def _free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> tuple[int, bool]:
    """Who wrote last (0: unknown), and whether they live and are not about to end."""
    words = os.pread(descriptor, 64, 0).decode("ascii", "replace").split()
    if len(words) != 2 or not words[0].isdecimal():
        return 0, False
    return int(words[0]), words[1] == _RUNNING and _lives(int(words[0]))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _write(descriptor: int, state: str) -> None:
    text = f"{os.getpid()} {state}\n".encode()
    os.pwrite(descriptor, text, 0)
    os.ftruncate(descriptor, len(text))
