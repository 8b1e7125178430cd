"""An official table as the notice draws it: title, line above, heads (merged where it groups them), rows, and below
them the line and the 填表说明 that the notice has.

What does not depend on the unit is drawn once by openpyxl and kept: drawing it anew for each unit would take longer
than a thousand rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from workers.sheets import styles
from workers.sheets.cells import ColumnStyle, Value
from workers.sheets.codes import CodeSheet
from workers.sheets.cover import CoverLooks, draw_cover
from workers.sheets.package import shell_of
from workers.sheets.sheet_xml import Feed
from workers.sheets.shell import Shell, mark
from workers.sheets.stream import Block
from workers.sheets.text import TEXT, at, lines, sheet_title, width, write_text
from workers.sheets.values import CodeList
from workers.sheets.whole_numbers import WholeNumber

LINE = 15.0  # points a line of 10.5 pt text takes
_NOTES = "填表说明："
_EDITION = "bole:"


@dataclass(frozen=True, slots=True)
class Column:
    """A column as drawn. `limits` are those of a number; `codes` its drop-down."""

    header: str
    width: float
    group: str = ""
    centred: bool = False
    number: bool = False
    codes: CodeList | None = None
    limits: WholeNumber | None = None
    keep: bool = False  # stays in sight when the sheet is scrolled sideways


_KEY = Column("", 34.0)


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
    keyed: bool = False  # a hidden column to the right, outside of what is printed, says whose each row is

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
    keys: Sequence[str] = ()  # of the rows, for a keyed table
    edition: str = ""  # which a returned file is compared with


@dataclass(frozen=True, slots=True)
class Drawn:
    """A table drawn without unit and rows, with the styles of what is still to come."""

    table: Table
    shell: Shell
    body: Sequence[ColumnStyle]
    strong: Sequence[ColumnStyle]
    line: ColumnStyle
    note: ColumnStyle
    cover: CoverLooks

    def feed(self, body: Rows, unit: str, on: date) -> Feed:
        """What the table's sheet holds for `unit`."""
        table = self.table
        blank: list[Value] = [None] * len(self.body)
        rows = ([*row, key] for row, key in zip(body.rows, body.keys, strict=True)) if table.keyed else body.rows
        total = [*body.total, None] if body.total is not None and table.keyed else body.total
        after = table.first_row + body.count + table.spare
        blocks = [
            Block(table.first_row, body.count, self.body, rows, lambda row: _height(table, row)),
            Block(table.first_row + body.count, table.spare, self.body, [blank] * table.spare, LINE + 7),
        ]
        if table.header_line:
            blocks.insert(0, Block(2, 1, [self.line], [[fill_line(table.header_line, unit, on)]], 24.0))
        if total is not None:
            blocks.append(Block(after, 1, self.strong, [total], LINE + 7))
        foot = list(self._foot(after if body.total is None else after + 1, unit, on))
        blocks += foot
        ends = {table.first_row: after - 1, table.first_row + 1: max(blocks[-1].last, table.first_row - 1)}
        return Feed(self.shell.sheets[0], blocks, ends, [_across(table, block.first) for block in foot])

    def _foot(self, row: int, unit: str, on: date) -> Iterator[Block]:
        """The line and the notes below the rows, from `row` on."""
        table = self.table
        texts = [(fill_line(table.footer_line, unit, on), self.line)] if table.footer_line else []
        if table.notes:
            texts.append((_NOTES + "；".join(note.rstrip("；。") for note in table.notes) + "。", self.note))
        wide = sum(column.width for column in table.columns)
        for number, (text, look) in enumerate(texts, start=row):
            yield Block(number, 1, [look], [[text]], lines(text, wide) * LINE + 9)

    def to_bytes(self, feeds: Sequence[Feed], unit: str, edition: str = "") -> bytes:
        """The workbook of `unit`, as .xlsx bytes."""
        texts = {"unit": unit, "footer": styles.in_footer(unit), "edition": edition_mark(edition)}
        return self.shell.to_bytes(feeds, texts)


def draw(table: Table, body: Rows, on: date) -> Drawn:
    """`table` with what it offers and refuses, where `body` or spare rows leave a cell to offer it in."""
    return _drawn(table, on, body.count + table.spare > 0)


@lru_cache(maxsize=64)
def _drawn(table: Table, on: date, has_rows: bool) -> Drawn:
    workbook = Workbook()
    sheet: Worksheet = workbook.worksheets[0]
    sheet.title = sheet_title(table.sheet, set())
    _draw_top(sheet, table)
    _draw_heads(sheet, table)
    if table.keyed:
        _draw_keys(sheet, table)
    _draw_page(sheet, table)
    cover = draw_cover(workbook)
    if has_rows:
        _validate(workbook, sheet, table)
    columns = (*table.columns, _KEY) if table.keyed else table.columns
    body, strong = (_looks(workbook, columns, font) for font in (styles.BODY, styles.STRONG))
    line, note = (
        ColumnStyle("A", *styles.register(workbook, styles.Look(font, styles.FLUSH), TEXT))
        for font in (styles.HEADER_LINE, styles.NOTE)
    )
    return Drawn(table, shell_of(workbook, on, f"{mark('unit')} {table.title}"), body, strong, line, note, cover)


def fill_line(template: str, unit: str, on: date) -> str:
    """A line above or below the table with day and unit filled in; braces in a unit's name mean nothing."""
    parts = template.split("{date}")
    day = f"{on.year}年{on.month}月{on.day}日"
    return day.join(part.replace("{unit}", unit) for part in parts)


def _height(table: Table, row: Sequence[Value]) -> float:
    pairs = zip(row, table.columns, strict=False)  # a key takes no room
    deepest = max((lines(value, column.width) for value, column in pairs if isinstance(value, str)), default=1)
    return deepest * LINE + 7


def _draw_top(sheet: Worksheet, table: Table) -> None:
    title = at(sheet, 1, 1)
    write_text(title, table.title)
    styles.dress(title, styles.TITLE, styles.CENTRE)
    sheet.row_dimensions[1].height = 36.0
    for row in (1, 2) if table.header_line else (1,):
        sheet.merge_cells(_across(table, row))


def _across(table: Table, row: int) -> str:
    return f"A{row}:{get_column_letter(len(table.columns))}{row}"


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


def edition_mark(edition: str) -> str:
    """What stands above the keys, and in the note: by it a returned file says what it was made from."""
    return _EDITION + edition


def _draw_keys(sheet: Worksheet, table: Table) -> None:
    column = len(table.columns) + 1
    write_text(at(sheet, table.first_row - 1, column), mark("edition"))
    sheet.column_dimensions[get_column_letter(column)].hidden = True


def _draw_page(sheet: Worksheet, table: Table) -> None:
    styles.page(sheet, landscape=True, left=table.title, right=mark("footer"))
    sheet.print_title_rows = f"1:{table.first_row - 1}"
    # Validations end in the first row, the print area in the second: `Drawn.feed` says where each ends at last.
    sheet.print_area = f"A1:{get_column_letter(len(table.columns))}{table.first_row + 1}"
    kept = max((place for place, column in enumerate(table.columns, start=1) if column.keep), default=0)
    sheet.freeze_panes = f"{get_column_letter(kept + 1)}{table.first_row}"


def _validate(workbook: Workbook, sheet: Worksheet, table: Table) -> None:
    codes = CodeSheet(workbook)
    for number, column in enumerate(table.columns, start=1):
        cell = f"{get_column_letter(number)}{table.first_row}"
        if column.codes is not None:
            codes.attach(sheet, column.codes, cell)
        elif column.limits is not None:
            column.limits.attach(sheet, cell)


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
