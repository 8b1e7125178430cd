"""A worker or a scheduler in a process of its own, on the tests' packs and at a moment given in the environment.

python worker_process.py QUEUE [burst | MODULE:FUNCTION]

With the name of a function the worker says "holding" before that function is called, and waits for a line on its
standard input: it can be killed just there.
"""

from __future__ import annotations

import importlib
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from models.clock import FixedClock
from models.logs import configure
from models.programme import loader
from models.starting import starting
from workers.runtime import work


def hold(place: str) -> None:
    """Make the function at `place` wait each time before it begins."""
    name, _, function = place.partition(":")
    module = importlib.import_module(name)
    original = getattr(module, function)

    def held(*arguments: Any, **options: Any) -> Any:
        print("holding", flush=True)
        sys.stdin.readline()
        return original(*arguments, **options)

    setattr(module, function, held)


def main() -> None:
    queue, *how = sys.argv[1:]
    burst = how == ["burst"]
    if how and not burst:
        hold(how[0])
    loader.PACKS = Path(__file__).parent / "packs"
    configure("INFO")
    with starting():
        from webforms.app import create_app

        app = create_app(clock=FixedClock(datetime.fromisoformat(os.environ["TEST_NOW"])))
    print("ready", flush=True)
    work(queue, app, burst=burst)


if __name__ == "__main__":
    main()
