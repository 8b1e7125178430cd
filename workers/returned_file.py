"""A returned workbook as sheets of texts: read by a limited child, which has neither keys nor environment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from models.errors import BoleError
from workers import limited

SECONDS = 30  # of processor time; ten thousand people take five
_CHILD = ("-m", "workers.returned_child")


class Unreadable(BoleError):
    """The file cannot be taken; the key is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Page:
    """A worksheet: `rows` of texts from A1 on; `calculated`: (row, column) that a formula or an error fills."""

    title: str
    hidden: bool
    rows: Sequence[Sequence[str]] = field(repr=False)
    calculated: frozenset[tuple[int, int]] = frozenset()


def read_file(data: bytes) -> list[Page]:
    """The worksheets. Raises Unreadable or limited.ChildBroken, nothing else of the file's making."""
    found = limited.ask(_CHILD, data, SECONDS)
    if "sheets" not in found:
        raise Unreadable(found.get("refused", "workbook.refused.too_many_cells"))
    return [
        Page(each["title"], each["hidden"], each["rows"], frozenset(map(tuple, each["calculated"])))
        for each in found["sheets"]
    ]
