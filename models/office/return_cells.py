"""A cell of a returned workbook, opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models import crypto
from models.office import sealing
from models.office.edition_tables import ReturnCell
from models.office.return_diff import CHANGE, OURS, THEIRS


@dataclass(frozen=True, slots=True)
class Choice:
    """What came back in a cell, and what was decided. `kind`: change | conflict | refused (then `problem` says why)."""

    id: str
    kind: str
    column: str
    row: int
    place: str
    decision: str
    problem: str
    params: Mapping[str, Any] = field(repr=False)
    key: str
    base: str = field(repr=False)
    theirs: str = field(repr=False)
    ours: str = field(repr=False)
    value: Any = field(repr=False)
    version: int
    entry: int
    part: str

    @property
    def takes_theirs(self) -> bool:
        """Whether it is applied: what only they changed unless decided otherwise, a conflict by decision alone."""
        return self.kind != "refused" and (self.decision or (THEIRS if self.kind == CHANGE else OURS)) == THEIRS


def opened(cell: ReturnCell) -> Choice:
    """The cell with what is sealed in it. Raises crypto.Damaged."""
    held = json.loads(crypto.ring().open(cell.sealed, sealing.return_cell(cell.id)))
    told = (cell.id, cell.kind, cell.column, cell.row, cell.place, cell.decision, cell.problem)
    return Choice(*told, **held)
