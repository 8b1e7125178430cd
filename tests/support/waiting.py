"""How long a test waits for what must come: a bound for what never comes, no measure of speed. A busy machine makes a
test slow, never red."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE = 120.0  # seconds
LOOK_EVERY = 0.02


def wait_for(what: Callable[[], Found], told: Callable[[], object] = lambda: "it never happened") -> Found:
    """What `what()` gives once it is true; after `PATIENCE` the test fails with what `told()` says."""
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < deadline, told()
        time.sleep(LOOK_EVERY)
    return found
