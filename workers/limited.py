"""Asking a process of its own about hostile bytes: it limits itself, has an empty environment (no key or database
address is in it), and answers once with JSON. The children themselves are `document_child` and `returned_child`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import structlog

READY = b"ready\n"  # a child says so when its limits stand; what happens before is nobody's file's fault
WALL_FACTOR = 4.0  # times its processor time until the machine is too busy
log = structlog.get_logger(__name__)


class ChildBroken(Exception):
    """The child did not start, or the machine was too busy: tried again, nobody's file is at fault."""


def ask(child: tuple[str, ...], data: bytes, seconds: int) -> dict[str, Any]:
    """What the child (a file's path, or ``-m`` and a module) answers about `data` within so much processor time;
    empty where its own limits ended it. Raises ChildBroken, nothing else of the bytes' making."""
    command = [sys.executable, "-I", "-X", "utf8", *child, str(seconds)]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=data, capture_output=True, timeout=seconds * WALL_FACTOR, env={}, check=False
        )
    except subprocess.TimeoutExpired:
        raise ChildBroken(f"not done within {seconds * WALL_FACTOR:.0f} s: the machine is too busy") from None
    if not done.stdout.startswith(READY):
        raise ChildBroken(f"the child exited with {done.returncode} before reading")
    answer = done.stdout[len(READY) :]
    if not answer:
        log.warning("child_died", child=child[-1].rpartition("/")[2], returncode=done.returncode)
        return {}
    found: dict[str, Any] = json.loads(answer)
    if "refused" in found:
        log.info("child_refused", reason=found["refused"], child_error=found.get("error"))
    return found
