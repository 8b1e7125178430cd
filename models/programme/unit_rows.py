"""Arithmetic of the tables that a unit fills in: what is added up is never typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.programme.pack import UnitTable

Row = Mapping[str, Any]


def computed(table: UnitTable, typed: Sequence[Row]) -> tuple[dict[str, Any], ...]:
    """The rows as they stand in the table: named rows in the notice's order, each with its sums.

    `typed` holds canonical values by column; rows that the notice names are matched by their place. A sum of nothing
    typed is empty, not 0.
    """
    count = len(table.rows) or len(typed)
    rows = [dict(typed[place]) if place < len(typed) else {} for place in range(count)]
    for row, name in zip(rows, table.rows, strict=False):
        row[table.columns[0].id] = name
    for row in rows:
        add_up(table, row)
    return tuple(rows)


def add_up(table: UnitTable, row: dict[str, Any]) -> None:
    """Put every sum of the row in its place; a sum may rest on other sums."""
    sums = {column.id: column.sum_of for column in table.columns if column.sum_of}
    done: set[str] = set()

    def value(name: str) -> int | None:
        if name in sums and name not in done:
            parts = [part for part in map(value, sums[name]) if part is not None]
            row[name] = sum(parts) if parts else None
            done.add(name)
        found = row.get(name)
        return int(found) if found not in (None, "") else None

    for name in sums:
        value(name)


def total_row(table: UnitTable, rows: Sequence[Row]) -> dict[str, Any]:
    """The row that adds the numbers of all rows up, under the table's word for it."""
    out: dict[str, Any] = {table.columns[0].id: table.total}
    for column in table.columns:
        if column.kind == "number":
            numbers = [int(row[column.id]) for row in rows if row.get(column.id) not in (None, "")]
            out[column.id] = sum(numbers) if numbers else None
    return out
