"""The list of changes as a sheet (变动清单), ready to be printed: in Chinese, as the tables themselves are.

Every cell is a text that no program takes for a formula; what is masked on the page is masked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, cast
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from models.clock import CHINA
from models.interview.wording import say
from models.office.edition_changes import Compared, Line
from webforms.office_changes import why

_WIDTHS = (6, 10, 12, 17, 22, 18, 32, 32, 34)
_COLUMNS = ("number", "kind", "name", "receipt", "unit", "column", "was", "now", "note")
_THIN = Side(style="thin")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_RISKY = ("=", "+", "-", "@", "\t", "\r")  # a program that is told to edit the cell would take it for a formula
_LINE = 14.5  # points a line takes
_LONGEST = 32_000  # characters; a cell takes 32,767


@dataclass(frozen=True, slots=True)
class Head:
    """Whose list it is, of which table, and of which day."""

    unit: str
    programme: str
    label: str
    round_name: str
    on: date


def written(head: Head, compared: Compared) -> bytes:
    """The sheet as .xlsx bytes."""
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = say("workbook.changes.title", "zh")
    _put(sheet, 1, 1, f"{head.label}{say('workbook.changes.title', 'zh')}", size=16)
    _put(sheet, 2, 1, _line(head, compared), size=10.5)
    for row, high in ((1, 30), (2, 34)):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(_WIDTHS))
        sheet.row_dimensions[row].height = high
    sheet["A1"].alignment = Alignment(horizontal="center", vertical="center")
    for column, (name, wide) in enumerate(zip(_COLUMNS, _WIDTHS, strict=True), start=1):
        cell = _put(sheet, 3, column, say(f"workbook.changes.{name}", "zh"), box=True)
        cell.font = Font(name="宋体", size=10.5, bold=True)
        cell.alignment = Alignment(horizontal="center", vertical="center")
        sheet.column_dimensions[cell.column_letter].width = wide
    for row, texts in enumerate(_rows(compared), start=4):
        for column, text in enumerate((str(row - 3), *texts), start=1):
            _put(sheet, row, column, text, box=True)
        sheet.row_dimensions[row].height = _height(texts)
    _page(sheet)
    book.properties.creator = book.properties.lastModifiedBy = "伯乐 Bole"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _line(head: Head, compared: Compared) -> str:
    taken = compared.base.taken_at.astimezone(CHINA) if compared.base.taken_at else compared.base.made_at
    return say(
        "workbook.changes.line",
        "zh",
        unit=head.unit,
        round=head.round_name,
        old=compared.base.number,
        new=compared.now.number,
        taken=f"{taken:%Y-%m-%d %H:%M}",
        day=head.on,
        added=len(compared.added),
        changed=len(compared.changed),
        gone=len(compared.gone) + compared.left,
    )


def _rows(compared: Compared) -> Iterator[tuple[str, ...]]:
    for line in compared.added:
        yield _row("added", line, "", "", "", say("workbook.changes.see", "zh"))
    for line in compared.changed:
        for cell in line.cells:
            note = say("workbook.changes.veiled", "zh") if cell.veiled else ""
            yield _row("changed", line, cell.header, cell.was, cell.now, note)
    for line in compared.gone:
        yield _row("gone", line, "", "", "", why(line, "zh"))
    if compared.left:
        said = say("workbook.changes.left", "zh", n=compared.left)
        yield (say("workbook.changes.kind_gone", "zh"), "", "", "", "", "", "", said)


def _row(kind: str, line: Line, *rest: str) -> tuple[str, ...]:
    return (say(f"workbook.changes.kind_{kind}", "zh"), line.name, line.receipt, line.unit_name, *rest)


def _put(sheet: Worksheet, row: int, column: int, text: str, *, size: float = 10.5, box: bool = False) -> Cell:
    cell = cast(Cell, sheet.cell(row, column))
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST] or None
    if cell.value is not None:
        cell.data_type = "s"  # never a formula, whatever it begins with
        cell.number_format = "@"
        cell.quotePrefix = text.startswith(_RISKY)
    cell.font = Font(name="宋体", size=size, bold=row == 1)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    if box:
        cell.border = _BOX
    return cell


def _height(texts: tuple[str, ...]) -> float:
    """Points that a row needs; programs that only look at the file do not work it out themselves."""
    needed = 1
    for text, wide in zip(texts, _WIDTHS[1:], strict=True):
        lines = (sum(2 if east_asian_width(one) in "WFA" else 1 for one in line) for line in text.split("\n"))
        needed = max(needed, sum(max(1, -(-int(taken) // int(wide - 3))) for taken in lines))
    return min(needed * _LINE + 5, 400.0)


def _page(sheet: Worksheet) -> None:
    """A4 across, as wide as the paper, heads on every page, page numbers below."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "3:3"
    sheet.freeze_panes = "D4"
    footer: Any = sheet.oddFooter
    footer.center.text = "第 &P 页，共 &N 页"
    sheet.page_margins.left = sheet.page_margins.right = 0.5
