"""The unit's summary workbook (汇总表): title, header line, one row a person, spare rows with the same drop-downs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from models.office.workbook_data import Record, UnitRecords
from models.programme.pack import Cell, Pack, SummaryTable
from workers.sheets import styles
from workers.sheets.cells import ColumnStyle, Value
from workers.sheets.codes import CodeSheet
from workers.sheets.cover import add_cover
from workers.sheets.package import to_bytes
from workers.sheets.sheet_xml import Feed
from workers.sheets.stream import Block
from workers.sheets.text import TEXT, at, lines, sheet_title, width, write_text
from workers.sheets.values import Source, cell_value, code_list

FIRST_ROW = 4  # after title, header line and column heads
HEAD_ROW = 3
_LINE = 15.0  # points a line of 10.5 pt text takes
_LEAST = {"id_number": 20.5, "phone": 14.5, "date": 12.5, "month": 9.5}  # narrower would show ####### or wrap
_CENTRED = {"seq", "choice", "yes_no", "date", "month", "number", "id_number", "phone"}


def build_summary(pack: Pack, unit: UnitRecords, on: date) -> bytes:
    """The summary of `unit` as .xlsx bytes. Same records, same day: same bytes."""
    table = pack.workbooks.summary
    workbook = Workbook()
    sheet: Worksheet = workbook.worksheets[0]
    sheet.title = sheet_title("汇总表", set())
    columns = [_Column(pack, table, index) for index in range(len(table.columns))]
    last = FIRST_ROW + len(unit.records) + table.spare_rows - 1
    _draw_head(sheet, table, columns, unit, on)
    _draw_page(sheet, table, columns, unit, last)
    add_cover(workbook, pack, unit, on, table.title, inferred=table.inferred)
    codes = CodeSheet(workbook)
    for column in columns:
        if column.codes is not None and last >= FIRST_ROW:
            codes.attach(sheet, column.codes, f"{column.letter}{FIRST_ROW}:{column.letter}{last}")
    blocks = _blocks(pack, unit.records, columns, _column_styles(workbook, columns), table.spare_rows)
    return to_bytes(workbook, on, f"{unit.unit_name} {table.title}", [Feed(sheet.title, blocks)])


class _Column:
    """A column of the table with everything that does not depend on the person."""

    def __init__(self, pack: Pack, table: SummaryTable, index: int) -> None:
        self.cell: Cell = table.columns[index]
        self.letter = get_column_letter(index + 1)
        self.source = Source(pack, self.cell)
        self.codes = code_list(pack, self.cell, self.source)
        kind = self.source.spec.kind if self.source.spec is not None else self.source.kind
        self.centred = kind in _CENTRED
        self.number = kind in ("seq", "number")
        self.width = max(self.cell.width, _LEAST.get(kind, 0.0), width(self.cell.header) / 2 + 2)


def _draw_head(sheet: Worksheet, table: SummaryTable, columns: Sequence[_Column], unit: UnitRecords, on: date) -> None:
    end = max(len(columns), 1)
    for row, text, font, height in (
        (1, table.title, styles.TITLE, 36.0),
        (2, header_line(table.header_line, unit.unit_name, on), styles.HEADER_LINE, 24.0),
    ):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=end)
        write_text(at(sheet, row, 1), text)
        styles.dress(at(sheet, row, 1), font, styles.CENTRE if row == 1 else styles.FLUSH)
        sheet.row_dimensions[row].height = height
    deepest = 1
    for number, column in enumerate(columns, start=1):
        head = at(sheet, HEAD_ROW, number)
        write_text(head, column.cell.header)
        styles.dress(head, styles.HEADER, styles.CENTRE, styles.BOX, styles.SHADE)
        sheet.column_dimensions[column.letter].width = column.width
        deepest = max(deepest, lines(column.cell.header, column.width + 2))
    sheet.row_dimensions[HEAD_ROW].height = deepest * _LINE + 10


def header_line(template: str, unit: str, on: date) -> str:
    """The line above the table with day and unit filled in; braces in a unit's name mean nothing."""
    parts = template.split("{date}")
    day = f"{on.year}年{on.month}月{on.day}日"
    return day.join(part.replace("{unit}", unit) for part in parts)


def _draw_page(sheet: Worksheet, table: SummaryTable, columns: Sequence[_Column], unit: UnitRecords, last: int) -> None:
    styles.page(sheet, landscape=True, left=table.title, right=unit.unit_name)
    sheet.print_title_rows = f"1:{HEAD_ROW}"
    sheet.print_area = f"A1:{columns[-1].letter}{max(last, HEAD_ROW)}"
    sheet.freeze_panes = f"{_frozen(columns)}{FIRST_ROW}"


def _frozen(columns: Sequence[_Column]) -> str:
    """The first column that scrolls: the name stays in sight where it is among the first columns."""
    name = next((i for i, c in enumerate(columns[:3]) if c.cell.source == "field:name"), -1)
    return get_column_letter(name + 2)


def _column_styles(workbook: Workbook, columns: Sequence[_Column]) -> list[ColumnStyle]:
    """Register each column's looks with the workbook."""
    centred, left = (styles.Look(styles.BODY, align, styles.BOX) for align in (styles.CENTRE, styles.LEFT))
    return [
        ColumnStyle(c.letter, *styles.register(workbook, centred if c.centred else left, "0" if c.number else TEXT))
        for c in columns
    ]


def _blocks(
    pack: Pack, records: Sequence[Record], columns: Sequence[_Column], looks: Sequence[ColumnStyle], spare: int
) -> list[Block]:
    def height(row: Sequence[Value]) -> float:
        deepest = max((lines(v, c.width) for v, c in zip(row, columns, strict=True) if isinstance(v, str)), default=1)
        return deepest * _LINE + 7

    rows = (
        [cell_value(pack, c.cell, c.source, record, number) for c in columns]
        for number, record in enumerate(records, start=1)
    )
    people = Block(FIRST_ROW, len(records), looks, rows, height)
    blank = [None] * len(columns)
    return [people, Block(people.last + 1, spare, looks, [blank] * spare, _LINE + 7)]
