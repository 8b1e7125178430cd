"""A worker in a process of its own, on the tests' packs and at a moment given in the environment.

It is forked from a process that has imported the app and done nothing else: the imports are most of a start, and each
of these tests starts several. `bole serve` with processes that begin from nothing is tested beside the web.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from models.clock import FixedClock
from models.logs import configure
from models.programme import loader
from webforms import app as composition
from workers.runtime import work

for name in (*composition._PARTS, *composition._TICKETED, *composition._SESSION):
    importlib.import_module(name)  # as `create_app` does


def hold(place: str, line: Connection) -> None:
    """Make the function at `place` wait each time before it begins."""
    name, _, function = place.partition(":")
    module = importlib.import_module(name)
    original = getattr(module, function)

    def held(*arguments: Any, **options: Any) -> Any:
        line.send("holding")
        line.recv()
        return original(*arguments, **options)

    setattr(module, function, held)


def run(queue: str, how: Sequence[str], environment: dict[str, str], log: Path, line: Connection) -> None:
    """Work `queue` off: until asked to stop, or until it is empty ("burst").

    With the name of a function (MODULE:FUNCTION) the worker says "holding" before that function is called, and waits
    for an answer: it can be killed just there.
    """
    with log.open("a") as out:
        for stream in (1, 2):
            os.dup2(out.fileno(), stream)
    os.environ.clear()
    os.environ.update(environment)
    burst = tuple(how) == ("burst",)
    if how and not burst:
        hold(how[0], line)
    loader.PACKS = Path(__file__).parent / "packs"
    configure("INFO")
    made = composition.create_app(clock=FixedClock(datetime.fromisoformat(environment["TEST_NOW"])))
    line.send("ready")
    work(queue, made, burst=burst)
