"""An office's own table filled: rows that look like its sample row, all else left as it is, and the note at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from openpyxl.utils import column_index_from_string, get_column_letter

from models.office.template_layout import Layout, Template
from models.office.workbook_data import UnitRecords, standing_in
from models.programme.official import SummaryTable, UnitTable
from models.programme.official_columns import slots, table_of
from models.programme.pack import Pack, UnitField
from models.programme.unit_rows import computed
from workers.sheets.cells import ColumnStyle, Value
from workers.sheets.cover import SHEET, WIDTHS, CoverLooks, Entered, cover_feed
from workers.sheets.sheet_xml import Feed
from workers.sheets.shell import Shell
from workers.sheets.stream import MAX_HEIGHT, Block
from workers.sheets.text import lines, sheet_title
from workers.sheets.unit_sheet import unit_value
from workers.sheets.values import Source, cell_value

_LINE, _PADDING = 15.0, 7.0  # points
_WIDTH = 8.43  # of a column that says nothing (Excel's own)

Rows = Sequence[Mapping[str, Value]]  # by slot


def fill(pack: Pack, kind: str, template: Template, unit: UnitRecords, on: date, edition: str = "") -> bytes:
    """The workbook of `kind` for `unit`: `template` with its people. Same records, same day: same bytes.

    ValueError: a template that does not take rows there; LookupError: no such table.
    """
    table = table_of(pack, kind)
    rows = rows_of_unit(table, unit) if isinstance(table, UnitTable) else rows_of_people(pack, table, unit)
    shell = Shell(template.data)
    feed = feed_of(shell, pack, kind, template, rows)
    title = sheet_title(SHEET, {name.casefold() for name in shell.sheets})
    looks = _looks(shell.add_sheet(title, WIDTHS))
    cover = _cover(looks, pack, table, unit, on, title, edition)
    return shell.to_bytes([feed, cover])


def _cover(
    looks: CoverLooks,
    pack: Pack,
    table: SummaryTable | UnitTable,
    unit: UnitRecords,
    on: date,
    sheet: str,
    edition: str,
) -> Feed:
    """What the note says, as of a drawn table; the columns are the office's own, so none of them is inferred."""
    if isinstance(table, UnitTable):
        return cover_feed(
            looks, pack, unit, on, table.title, inferred=False, people=False, sheet=sheet, edition=edition
        )
    records = standing_in(unit, table)
    by_unit = dict.fromkeys(Source(pack, cell).spec for cell in table.columns)
    entered = Entered(tuple(spec for spec in by_unit if isinstance(spec, UnitField)), records)
    rows = len(records)
    return cover_feed(
        *(looks, pack, unit, on, table.title),
        inferred=False,
        rows=rows,
        entered=entered,
        sheet=sheet,
        edition=edition,
    )


def rows_of_people(pack: Pack, table: SummaryTable, unit: UnitRecords) -> Rows:
    """What the cells of `table` show of each person, by source."""
    sources = [(cell, Source(pack, cell)) for cell in table.columns]
    return [
        {cell.source: cell_value(pack, cell, source, record, number) for cell, source in sources}
        for number, record in enumerate(standing_in(unit, table), start=1)
    ]


def rows_of_unit(table: UnitTable, unit: UnitRecords) -> Rows:
    """What the unit has typed, with its sums, by column."""
    typed = computed(table, unit.unit_rows.get(table.id, ()))
    return [
        {"seq": number, **{f"column:{each.id}": unit_value(each, row.get(each.id)) for each in table.columns}}
        for number, row in enumerate(typed, start=1)
    ]


def feed_of(shell: Shell, pack: Pack, kind: str, template: Template, rows: Rows) -> Feed:
    """`rows` where the template has room for them; what stands below moves down where there is too little."""
    layout, mapping = template.layout, template.mapping
    numbers = {slot.id for slot in slots(pack, kind) if slot.number}
    letters = {letter for letter, slot in mapping.items() if slot in numbers}
    columns = shell.columns_like(layout.sheet, layout.first, letters, list(mapping), wrap=True)
    held = [mapping.get(column.letter, "") for column in columns]
    values = [[row.get(slot) if slot else None for slot in held] for row in rows]
    last = layout.first + len(rows) - 1
    down = max(0, len(rows) - layout.room) if layout.room is not None else 0
    edge = min(last, layout.below or last)  # a range that ends in the room for people ends with the last of them
    return Feed(
        layout.sheet,
        [Block(layout.first, len(rows), columns, values, lambda row: _height(layout, columns, row))],
        ends=dict.fromkeys(range(layout.first, edge), last),
        merges=_merges(layout, last),
        below=layout.below,
        down=down,
    )


def _merges(layout: Layout, last: int) -> list[str]:
    """Cells merged in the sample row are merged in each further row that has no merged cells of its own."""
    start = max(layout.first + 1, layout.spanned + 1)
    pairs = [(get_column_letter(left), get_column_letter(right)) for left, right in layout.spans]
    return [f"{left}{row}:{right}{row}" for row in range(start, last + 1) for left, right in pairs]


def _height(layout: Layout, columns: Sequence[ColumnStyle], row: Sequence[Value]) -> float:
    """The sample row's height, or more where a text needs it."""
    merged = {left: range(left, right + 1) for left, right in layout.spans}
    deepest = 1
    for column, value in zip(columns, row, strict=True):
        if isinstance(value, str) and value:
            place = column_index_from_string(column.letter)
            wide = sum(layout.widths.get(get_column_letter(each), _WIDTH) for each in merged.get(place, [place]))
            deepest = max(deepest, lines(value, wide))
    return min(max(layout.height, deepest * _LINE + _PADDING), MAX_HEIGHT)


def _looks(columns: Sequence[ColumnStyle]) -> CoverLooks:
    """An uploaded workbook's own font throughout: none of its styles is borrowed."""
    whole = (columns[0],)
    return CoverLooks(whole, whole, whole, tuple(columns))
