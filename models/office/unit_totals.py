"""A table of numbers summed over the units that filled it in: by row, and by part where units fill in several copies.

Every number is added up here, twice where it can be: across and down. `Sheet.adds_up` says whether both agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.application.tables import Round
from models.office.tables import UnitRow
from models.office.unit_tables import Place, begun, parts, sheet
from models.programme import unit_rows
from models.programme.pack import Pack, UnitColumn, UnitTable

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with named rows, filled: its rows with their sums, the row that adds them up, and the sum of all."""

    table: UnitTable
    rows: tuple[Row, ...]
    total: Row
    across: tuple[int, ...]  # each row's numbers together, those that are sums of others counted once
    grand: int

    @property
    def adds_up(self) -> bool:
        """Whether the rows' sums and the columns' sums come to the same, and every sum to its parts."""
        sums = [column for column in self.table.columns if column.sum_of]
        right = all(
            _number(row, column.id) == sum(_number(row, part) for part in column.sum_of)
            for row in (*self.rows, self.total)
            for column in sums
        )
        return right and sum(self.across) == self.grand


@dataclass(frozen=True, slots=True)
class Part:
    """The sum over all units of one part; `units` have filled something in."""

    value: str
    units: tuple[UnitRow, ...]
    sheet: Sheet


def added(table: UnitTable, typed: tuple[Row, ...]) -> Sheet:
    """The sheet of these typed rows."""
    rows = unit_rows.computed(table, typed)
    total = unit_rows.total_row(table, rows)
    across = tuple(sum(_number(row, c.id) for c in outermost(table)) for row in rows)
    return Sheet(table, rows, total, across, sum(_number(total, c.id) for c in outermost(table)))


def outermost(table: UnitTable) -> tuple[UnitColumn, ...]:
    """The columns of numbers that no other column adds up: together they are the whole."""
    within = {part for column in table.columns for part in column.sum_of}
    return tuple(column for column in table.columns if column.kind == "number" and column.id not in within)


def totals(session: Session, pack: Pack, intake: Round, table: UnitTable) -> tuple[Part, ...]:
    """The table summed over all units of the programme, a part at a time; one part with the value "" where there is
    one copy. Needs the running app (rows are opened)."""
    units = session.scalars(select(UnitRow).where(UnitRow.programme == pack.slug).order_by(UnitRow.code)).all()
    stored = begun(session, intake.id, [unit.id for unit in units])
    out = []
    for value in [option.value for option in parts(pack, table)] or [""]:
        filled = tuple(unit for unit in units if (unit.id, table.id, value) in stored)
        copies = [[row.values for row in sheet(session, Place(pack, table, intake, unit, value))] for unit in filled]
        out.append(Part(value, filled, added(table, unit_rows.merged(table, copies))))
    return tuple(out)


def together(table: UnitTable, found: tuple[Part, ...]) -> Sheet:
    """All parts in one."""
    return added(table, unit_rows.merged(table, [part.sheet.rows for part in found]))


def _number(row: Row, name: str) -> int:
    value = row.get(name)
    return int(value) if value not in (None, "") else 0
