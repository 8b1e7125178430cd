"""A table that a unit has filled in itself: numbers, the rows that the notice names, and the row that adds up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from models.office.workbook_data import UnitRecords
from models.programme.pack import Pack, UnitColumn, UnitTable
from models.programme.unit_rows import computed, total_row
from workers.sheets.cells import Value
from workers.sheets.cover import cover_feed
from workers.sheets.official import Column, Rows, Table, column_width, draw
from workers.sheets.values import CodeList
from workers.sheets.whole_numbers import WholeNumber

_NUMBER = Column("序号", 6.0, centred=True, number=True)
_LEAST = {"id_number": 20.5, "date": 12.5}


def build_unit_table(pack: Pack, table: UnitTable, unit: UnitRecords, on: date, edition: str = "") -> bytes:
    """The table as .xlsx bytes, with what the unit has typed; where it is an `edition`, with the keys of its rows. Same
    rows, same day: same bytes."""
    rows = computed(table, unit.unit_rows.get(table.id, ()))
    drawn_as = Table(
        sheet=table.label,
        title=table.title,
        columns=(_NUMBER, *(_column(column) for column in table.columns)),
        header_line=table.header_line,
        footer_line=table.footer_line,
        notes=table.notes,
        spare=0 if table.rows else table.spare_rows,
        keyed=bool(edition),
    )
    values = ([number, *_values(table.columns, row)] for number, row in enumerate(rows, start=1))
    total = [None, *_values(table.columns, total_row(table, rows))] if table.total else None
    ids = unit.unit_row_ids.get(table.id, ()) if unit.unit_rows.get(table.id) else [""] * len(rows)
    body = Rows(len(rows), values, total, ids, edition)
    drawn = draw(drawn_as, body, on)
    cover = cover_feed(drawn.cover, pack, unit, on, table.title, inferred=False, people=False, edition=edition)
    return drawn.to_bytes([drawn.feed(body, unit.unit_name, on), cover], unit.unit_name, edition)


def _column(column: UnitColumn) -> Column:
    codes = None
    if column.options:
        codes = CodeList(column.codes or column.id, tuple(option.label.zh for option in column.options), strict=True)
    limited = column.kind == "number" and not column.sum_of
    return Column(
        column.header,
        column_width(column.header, column.width, _LEAST.get(column.kind, 0.0)),
        column.group,
        centred=column.kind != "text",
        number=column.kind == "number",
        codes=codes,
        limits=WholeNumber(column.at_least or 0, column.at_most) if limited else None,
    )


def _values(columns: Sequence[UnitColumn], row: Mapping[str, Any]) -> list[Value]:
    return [unit_value(column, row.get(column.id)) for column in columns]


def unit_value(column: UnitColumn, value: Any) -> Value:
    """What a cell of the column shows: a number, the label of an option, or the text."""
    if value is None or value == "":
        return None
    if column.kind == "number":
        return int(value)
    return next((option.label.zh for option in column.options if option.value == value), str(value))
