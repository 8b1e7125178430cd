"""A sheet of a unit's table as a page and its script show it: cells as text, hidden values masked, sums worked out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.application.tables import new_id
from models.errors import InvalidAnswer
from models.office.masking import mask
from models.office.unit_table_saving import Result
from models.office.unit_tables import Place, SheetRow
from models.office.unit_totals import Sheet, added
from models.programme import unit_rows
from models.programme.pack import UnitColumn
from webforms.i18n import about
from webforms.office_base import sentence

BLANK_ROWS = 3  # to type into, below those that are stored


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: `text` in its input (of a hidden value that is stored only the `mask`), and what is wrong."""

    column: UnitColumn
    text: str = ""
    mask: str = ""
    problem: str = ""
    suggestion: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `name` where the notice names it, `sums` of its computed columns, `note` what became of it."""

    id: str
    version: int
    cells: tuple[Cell, ...]
    sums: Mapping[str, int | None]
    name: str = ""
    note: str = ""
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole sheet. `problems` are said above it, each with the row and column that it is about."""

    place: Place
    rows: tuple[Row, ...]
    sheet: Sheet
    problems: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)


def text_of(column: UnitColumn, value: Any) -> str:
    """A canonical value as the cell's input holds it."""
    return "" if value is None else str(value)


def cells_of(
    place: Place,
    row: SheetRow | None,
    raw: Mapping[str, Any] | None = None,
    problems: Mapping[str, InvalidAnswer] | None = None,
    suggested: Mapping[str, int] | None = None,
) -> tuple[Cell, ...]:
    """The typed cells of a row: as stored, or as somebody has just sent them (`raw`)."""
    values = row.values if row is not None else {}
    out = []
    for column in unit_rows.typed_columns(place.table):
        value, hidden = values.get(column.id), unit_rows.is_masked(column)
        text = text_of(column, value)
        shown = mask(column.kind, text) if hidden and text else ""
        if raw is not None and column.id in raw:
            given = "" if raw[column.id] is None else str(raw[column.id])
        else:
            given = "" if hidden else text
        problem = sentence(problems[column.id]) if problems and column.id in problems else ""
        hint = (suggested or {}).get(column.id) if value is None else None
        out.append(Cell(column, given, shown, problem, hint))
    return tuple(out)


def row_of(place: Place, number: int, row: SheetRow, **more: Any) -> Row:
    """A stored (or blank) row at its place, counted from 0."""
    name = place.table.rows[number] if place.table.rows else ""
    values = dict(row.values)
    unit_rows.add_up(place.table, values)
    note = more.pop("note", "")
    return Row(
        id=row.id,
        version=row.version,
        cells=cells_of(place, row, **more),
        sums=sums_of(place, values),
        name=name,
        note=note,
        lacks=tuple(column.header for column in unit_rows.lacking(place.table, row.values)),
    )


def sums_of(place: Place, values: Mapping[str, Any]) -> dict[str, int | None]:
    """The computed columns of a row."""
    return {column.id: values.get(column.id) for column in place.table.columns if column.sum_of}


def grid(
    place: Place,
    rows: Sequence[SheetRow],
    *,
    raw: Mapping[str, Mapping[str, Any]] | None = None,
    results: Iterable[Result] = (),
    notes: Mapping[str, str] | None = None,
    suggested: Sequence[Mapping[str, int]] = (),
    blank: int = BLANK_ROWS,
) -> Grid:
    """The page's grid: stored rows, what was sent and could not be stored (`raw`, `results`), and blank rows."""
    failed = {result.id: result for result in results if result.state not in ("saved", "removed")}
    stored = {row.id for row in rows}
    shown = [*rows]
    if not place.table.rows:
        shown += [SheetRow(ident, 0, {}) for ident in failed if ident not in stored]
        room = place.table.max_rows - len(shown)
        shown += [SheetRow(new_id(), 0, {}) for _ in range(min(blank, max(0, room)))]
    made = []
    for number, row in enumerate(shown):
        result = failed.get(row.id)
        made.append(
            row_of(
                place,
                number,
                row,
                raw=(raw or {}).get(row.id) if result is not None else None,
                problems=result.problems if result is not None else None,
                suggested=suggested[number] if number < len(suggested) else None,
                note=(notes or {}).get(row.id, ""),
            )
        )
    sheet = added(place.table, tuple(dict(row.values) for row in rows))
    return Grid(place, tuple(made), sheet, said(made))


def said(rows: Sequence[Row]) -> tuple[str, ...]:
    """What is wrong, with row and column, in the order of the page."""
    out = []
    for number, row in enumerate(rows, start=1):
        where = row.name or str(number)
        out += [about(f"{where} · {cell.column.header}", cell.problem) for cell in row.cells if cell.problem]
    return tuple(out)
