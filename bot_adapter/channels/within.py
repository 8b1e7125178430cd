"""What a platform waits for has an end: work on the network is left to itself when its time is over.

A library's timeouts are for each step (connect, shake hands, read), and the look-up of a name has none: together they
can be many times the whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

MOST = 32  # at once in a process; who finds no room waits, and that counts as well
T = TypeVar("T")


def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST, "within")


_threads = _pool()


def _forget() -> None:
    """A forked process has none of the threads."""
    global _threads
    _threads = _pool()


os.register_at_fork(after_in_child=_forget)


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` gives. Raises TimeoutError: it goes on by itself, so it must have an end of its own and change
    nothing that matters after its time. It uses no database: a session is a thread's."""
    doing = _threads.submit(copy_context().run, work)
    try:
        return doing.result(seconds)
    finally:
        doing.cancel()  # what has not begun never will
