"""A returned workbook as sheets of texts: read by a limited child, which has neither keys nor environment."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from models.errors import BoleError
from workers.returned_child import READY

SECONDS = 30  # of processor time; ten thousand people take five
WALL_FACTOR = 4.0
log = structlog.get_logger(__name__)


class Unreadable(BoleError):
    """The file cannot be taken; the key is a sentence that says why."""


class ChildBroken(Exception):
    """The child did not start, or the machine was too busy: tried again, nobody's file is at fault."""


@dataclass(frozen=True, slots=True)
class Page:
    """A worksheet: `rows` of texts from A1 on; `calculated`: (row, column) that a formula or an error fills."""

    title: str
    hidden: bool
    rows: Sequence[Sequence[str]] = field(repr=False)
    calculated: frozenset[tuple[int, int]] = frozenset()


def read_file(data: bytes) -> list[Page]:
    """The worksheets. Raises Unreadable or ChildBroken, nothing else of the file's making."""
    command = [sys.executable, "-I", "-X", "utf8", "-m", "workers.returned_child", str(SECONDS)]
    try:
        child = subprocess.run(  # noqa: S603
            command, input=data, capture_output=True, timeout=SECONDS * WALL_FACTOR, env={}, check=False
        )
    except subprocess.TimeoutExpired:
        raise ChildBroken(f"not done within {SECONDS * WALL_FACTOR:.0f} s: the machine is too busy") from None
    if not child.stdout.startswith(READY):
        raise ChildBroken(f"the child exited with {child.returncode} before reading")
    answer = child.stdout[len(READY) :]
    if not answer:  # ended by its own limits
        log.warning("returned_child_died", returncode=child.returncode)
        raise Unreadable("workbook.refused.too_many_cells")
    found = json.loads(answer)
    if "refused" in found:
        log.info("returned_file_refused", reason=found["refused"], child_error=found.get("error"))
        raise Unreadable(found["refused"])
    return [
        Page(each["title"], each["hidden"], each["rows"], frozenset(map(tuple, each["calculated"])))
        for each in found["sheets"]
    ]
