"""An official table as the notice draws it: title, line above, heads (merged where it groups them), rows, and below
them the line and the 填表说明 that the notice has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from workers.sheets import styles
from workers.sheets.cells import ColumnStyle, Value
from workers.sheets.codes import CodeSheet
from workers.sheets.limits import Limits
from workers.sheets.sheet_xml import Feed
from workers.sheets.stream import Block
from workers.sheets.text import TEXT, at, lines, sheet_title, width, write_text
from workers.sheets.values import CodeList

LINE = 15.0  # points a line of 10.5 pt text takes
_NOTES = "填表说明："


@dataclass(frozen=True, slots=True)
class Column:
    """A column as drawn. `limits` are those of a number; `codes` its drop-down."""

    header: str
    width: float
    group: str = ""
    centred: bool = False
    number: bool = False
    codes: CodeList | None = None
    limits: Limits | None = None
    keep: bool = False  # stays in sight when the sheet is scrolled sideways


@dataclass(frozen=True, slots=True)
class Table:
    """What does not depend on the rows."""

    sheet: str
    title: str
    columns: tuple[Column, ...]
    header_line: str = ""
    footer_line: str = ""
    notes: tuple[str, ...] = ()
    spare: int = 0

    @property
    def grouped(self) -> bool:
        """Whether the heads take two rows."""
        return any(column.group for column in self.columns)

    @property
    def head_row(self) -> int:
        """The first row of the heads."""
        return 3 if self.header_line else 2

    @property
    def first_row(self) -> int:
        """Where the rows begin."""
        return self.head_row + (2 if self.grouped else 1)


@dataclass(frozen=True, slots=True)
class Rows:
    """`count` rows to come, and the row that adds them up, which stands in bold below the spare ones."""

    count: int
    rows: Iterable[Sequence[Value]]
    total: Sequence[Value] | None = None


def draw(workbook: Workbook, table: Table, body: Rows, unit: str, on: date) -> Feed:
    """Draw `table` into the workbook's first sheet and return what is to be fed into it."""
    sheet: Worksheet = workbook.worksheets[0]
    sheet.title = sheet_title(table.sheet, set())
    after = table.first_row + body.count + table.spare
    below = after if body.total is None else after + 1
    _draw_top(sheet, table, unit, on)
    _draw_heads(sheet, table)
    foot = _draw_foot(sheet, table, below, unit, on)
    _draw_page(sheet, table, unit, max(foot, table.first_row - 1))
    _validate(workbook, sheet, table, after - 1)
    looks = _looks(workbook, table.columns, styles.BODY)
    blank: list[Value] = [None] * len(table.columns)
    filled = Block(table.first_row, body.count, looks, body.rows, lambda row: _height(table, row))
    blocks = [filled, Block(filled.last + 1, table.spare, looks, [blank] * table.spare, LINE + 7)]
    if body.total is not None:
        blocks.append(Block(after, 1, _looks(workbook, table.columns, styles.STRONG), [body.total], LINE + 7))
    return Feed(sheet.title, blocks)


def fill_line(template: str, unit: str, on: date) -> str:
    """A line above or below the table with day and unit filled in; braces in a unit's name mean nothing."""
    parts = template.split("{date}")
    day = f"{on.year}年{on.month}月{on.day}日"
    return day.join(part.replace("{unit}", unit) for part in parts)


def _height(table: Table, row: Sequence[Value]) -> float:
    pairs = zip(row, table.columns, strict=True)
    deepest = max((lines(value, column.width) for value, column in pairs if isinstance(value, str)), default=1)
    return deepest * LINE + 7


def _draw_top(sheet: Worksheet, table: Table, unit: str, on: date) -> None:
    _merged(sheet, table, 1, table.title, 36.0)
    styles.dress(at(sheet, 1, 1), styles.TITLE, styles.CENTRE)
    if table.header_line:
        _merged(sheet, table, 2, fill_line(table.header_line, unit, on), 24.0)
        styles.dress(at(sheet, 2, 1), styles.HEADER_LINE, styles.FLUSH)


def _draw_heads(sheet: Worksheet, table: Table) -> None:
    top, bottom = table.head_row, table.first_row - 1
    deepest = 1
    for number, column in enumerate(table.columns, start=1):
        row = bottom if column.group else top
        for each in range(top, bottom + 1):
            styles.dress(at(sheet, each, number), styles.HEADER, styles.CENTRE, styles.BOX, styles.SHADE)
        write_text(at(sheet, row, number), column.header)
        sheet.column_dimensions[get_column_letter(number)].width = column.width
        deepest = max(deepest, lines(column.header, column.width + 2))
    for row in range(top, bottom + 1):
        sheet.row_dimensions[row].height = (deepest * LINE + 10) / (1 if top == bottom else 1.4)
    first = 1
    for group, columns in groupby(table.columns, key=lambda column: column.group):
        wide = len(list(columns))
        if group:
            write_text(at(sheet, top, first), group)
            if wide > 1:
                sheet.merge_cells(start_row=top, end_row=top, start_column=first, end_column=first + wide - 1)
        elif table.grouped:
            for number in range(first, first + wide):
                sheet.merge_cells(start_row=top, end_row=bottom, start_column=number, end_column=number)
        first += wide


def _draw_foot(sheet: Worksheet, table: Table, row: int, unit: str, on: date) -> int:
    """The line and the notes below the rows, from `row` on; the number of the last row."""
    texts = [(fill_line(table.footer_line, unit, on), styles.HEADER_LINE)] if table.footer_line else []
    if table.notes:
        texts.append((_NOTES + "；".join(note.rstrip("；。") for note in table.notes) + "。", styles.NOTE))
    wide = sum(column.width for column in table.columns)
    for text, font in texts:
        _merged(sheet, table, row, text, lines(text, wide) * LINE + 9)
        styles.dress(at(sheet, row, 1), font, styles.FLUSH)
        row += 1
    return row - 1


def _merged(sheet: Worksheet, table: Table, row: int, text: str, height: float) -> None:
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=max(len(table.columns), 1))
    write_text(at(sheet, row, 1), text)
    sheet.row_dimensions[row].height = height


def _draw_page(sheet: Worksheet, table: Table, unit: str, last: int) -> None:
    styles.page(sheet, landscape=True, left=table.title, right=unit)
    sheet.print_title_rows = f"1:{table.first_row - 1}"
    sheet.print_area = f"A1:{get_column_letter(len(table.columns))}{last}"
    kept = max((place for place, column in enumerate(table.columns, start=1) if column.keep), default=0)
    sheet.freeze_panes = f"{get_column_letter(kept + 1)}{table.first_row}"


def _validate(workbook: Workbook, sheet: Worksheet, table: Table, last: int) -> None:
    codes = CodeSheet(workbook)
    for number, column in enumerate(table.columns, start=1):
        letter = get_column_letter(number)
        cells = f"{letter}{table.first_row}:{letter}{last}"
        if last < table.first_row:
            return
        if column.codes is not None:
            codes.attach(sheet, column.codes, cells)
        elif column.limits is not None:
            column.limits.attach(sheet, cells)


def _looks(workbook: Workbook, columns: Sequence[Column], font: Font) -> list[ColumnStyle]:
    """Register each column's looks with the workbook."""
    centred, left = (styles.Look(font, align, styles.BOX) for align in (styles.CENTRE, styles.LEFT))
    found = []
    for number, column in enumerate(columns, start=1):
        look = centred if column.centred else left
        ids = styles.register(workbook, look, "0" if column.number else TEXT)
        found.append(ColumnStyle(get_column_letter(number), *ids))
    return found


def column_width(header: str, wanted: float, least: float = 0.0) -> float:
    """Wide enough for what the pack says, for the kind of value, and for the head on two lines."""
    return max(wanted, least, width(header) / 2 + 2)
