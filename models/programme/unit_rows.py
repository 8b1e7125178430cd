"""Tables that a unit fills in: reading what was typed, and arithmetic (what is added up is never typed).

A row holds canonical values by column; what is blank is None or left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from models.errors import InvalidAnswer
from models.programme import fields
from models.programme.pack import UnitColumn, UnitTable

Row = Mapping[str, Any]


def typed_columns(table: UnitTable) -> tuple[UnitColumn, ...]:
    """The columns that are typed: neither added up nor named by the notice."""
    columns = table.columns[1:] if table.rows else table.columns
    return tuple(column for column in columns if not column.sum_of)


def is_masked(column: UnitColumn) -> bool:
    """Whether the column's values are hidden on screen until they are revealed."""
    return column.sensitive or column.kind == "id_number"


def read(table: UnitTable, raw: Mapping[str, Any], today: date) -> tuple[dict[str, Any], dict[str, InvalidAnswer]]:
    """Canonical values of the typed columns that `raw` has (a blank is None), and what is wrong, by column."""
    values: dict[str, Any] = {}
    problems: dict[str, InvalidAnswer] = {}
    for column in typed_columns(table):
        if column.id not in raw:
            continue
        try:
            values[column.id] = read_cell(column, raw[column.id], today)
        except InvalidAnswer as problem:
            problems[column.id] = problem
    return values, problems


def read_cell(column: UnitColumn, raw: Any, today: date) -> Any:
    """The canonical value of one cell, None for a blank. Raises InvalidAnswer."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    value = fields.parse(column, raw, today=today)
    if column.kind == "number":
        _within(column, value)
    return value if value != "" else None


def _within(column: UnitColumn, value: int) -> None:
    least, most = column.at_least, column.at_most
    if (least is None or value >= least) and (most is None or value <= most):
        return
    if least is not None and most is not None:
        raise InvalidAnswer("error.number_between", least=least, most=most)
    if least is not None:
        raise InvalidAnswer("error.number_least", least=least)
    raise InvalidAnswer("error.number_most", most=most)


def is_blank(row: Row) -> bool:
    """Whether nothing has been typed into the row."""
    return all(value in (None, "") for value in row.values())


def lacking(table: UnitTable, row: Row) -> tuple[UnitColumn, ...]:
    """The columns that a row which has been begun still needs."""
    if is_blank({column.id: row.get(column.id) for column in typed_columns(table)}):
        return ()
    return tuple(c for c in typed_columns(table) if c.required and row.get(c.id) in (None, ""))


def merged(table: UnitTable, copies: Sequence[Sequence[Row]]) -> tuple[dict[str, Any], ...]:
    """Several copies of a table in one: named rows are added up place by place, others stand after one another."""
    if not table.rows:
        return tuple(dict(row) for rows in copies for row in rows)
    out: list[dict[str, Any]] = [{} for _ in table.rows]
    for rows in copies:
        for target, row in zip(out, rows, strict=False):
            for column in typed_columns(table):
                value = row.get(column.id)
                if value in (None, ""):
                    continue
                if column.kind == "number" and target.get(column.id) is not None:
                    value += target[column.id]
                target[column.id] = value
    return tuple(out)


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
