"""The cover note 说明: when built, whether the numbers add up, what is left out and why, what is still open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from models.interview.wording import say
from models.office.workbook_data import UnitRecords
from models.programme.pack import Pack
from workers.sheets import styles
from workers.sheets.text import at, lines, write_text

SHEET = "说明"
_WIDTHS = (6.0, 24.0, 66.0)
INFERRED = "列次序由办公室确认"


def add_cover(
    workbook: Workbook,
    pack: Pack,
    unit: UnitRecords,
    on: date,
    table: str,
    *,
    inferred: bool,
    rows: int | None = None,
    people: bool = True,
) -> Worksheet:
    """Append the sheet to `workbook` and return it. `rows`: how many of the people stand in the table,
    if not all; `people`: whether it is about people at all."""
    sheet: Worksheet = workbook.create_sheet(SHEET)
    note = _Note(sheet)
    note.heading(f"{table}　说明")
    for label, text in _facts(pack, unit, on):
        note.pair(label, text)
    if people:
        _check(note, unit, rows)
    if inferred:
        note.section(INFERRED)
        note.paragraph(
            "通知正文没有给出本表的栏目样式；本表的栏目按填写说明推出，栏目与列次序由办公室确认后使用。", warn=True
        )
    _open_points(note, pack)
    note.finish()
    return sheet


def _check(note: _Note, unit: UnitRecords, rows: int | None) -> None:
    note.section("核对：收到＝列入＋未列入")
    note.pair("收到", f"{unit.records_in} 份")
    note.pair("列入", f"{len(unit.records)} 份{_by_status(unit)}")
    if rows is not None and rows < len(unit.records):
        note.pair("其中本表", f"{rows} 人（其余 {len(unit.records) - rows} 人不属于本表）")
    note.pair("未列入", f"{len(unit.exclusions)} 份（逐份列于下）" if unit.exclusions else "0 份")
    for number, exclusion in enumerate(unit.exclusions, start=1):
        note.numbered(number, exclusion.receipt, say(f"workbook.out.{exclusion.reason}", "zh"))


def _facts(pack: Pack, unit: UnitRecords, on: date) -> Iterable[tuple[str, str]]:
    programme = pack.programme
    yield "项目", programme.title.zh
    if programme.document_number:
        yield "文号", programme.document_number
    yield "批次", unit.round_name
    yield "报送单位", unit.unit_name
    yield "生成日期", f"{on.year}年{on.month}月{on.day}日"
    yield "方案版本", programme.version
    older = sum(1 for r in unit.records if r.pack_version and r.pack_version != programme.version)
    if older:
        yield "旧版方案", f"有 {older} 份按较早的方案版本审定"


def _by_status(unit: UnitRecords) -> str:
    approved = sum(1 for r in unit.records if r.status == "approved")
    return f"（已审核通过 {approved} 份，待审核 {len(unit.records) - approved} 份）" if unit.records else ""


def _open_points(note: _Note, pack: Pack) -> None:
    points = pack.programme.open_points
    if not points:
        return
    note.section("通知未明确、待办公室确定的事项")
    for number, point in enumerate(points, start=1):
        default = f"\n目前的处理：{point.default.zh}" if point.default else ""
        note.numbered(number, point.clause, point.reason.zh + default)


class _Note:
    """Writes downwards."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._row = 0
        for letter, width in zip("ABC", _WIDTHS, strict=True):
            sheet.column_dimensions[letter].width = width

    def heading(self, text: str) -> None:
        cell = self._merged(text, 30.0)
        cell.font, cell.alignment = styles.HEADING, styles.CENTRE

    def section(self, text: str) -> None:
        cell = self._merged(text, 24.0)
        styles.dress(cell, styles.STRONG, styles.LEFT, fill=styles.SHADE)

    def paragraph(self, text: str, *, warn: bool = False) -> None:
        cell = self._merged(text, lines(text, sum(_WIDTHS)) * 15.0 + 4)
        styles.dress(cell, styles.WARNING if warn else styles.NOTE, styles.LEFT)

    def pair(self, label: str, text: str) -> None:
        self._line(None, label, text)

    def numbered(self, number: int, label: str, text: str) -> None:
        self._line(number, label, text)

    def finish(self) -> None:
        styles.page(self._sheet, landscape=False)
        self._sheet.print_area = f"A1:C{self._row}"
        self._sheet.sheet_view.showGridLines = False

    def _line(self, number: int | None, label: str, text: str) -> None:
        self._row += 1
        first, second, third = (at(self._sheet, self._row, column) for column in (1, 2, 3))
        if number is not None:
            first.value = number
        write_text(second, label)
        write_text(third, text)
        for cell, align in ((first, styles.CENTRE), (second, styles.LEFT), (third, styles.LEFT)):
            styles.dress(cell, styles.NOTE, align, styles.SOFT_BOX)
        needed = max(lines(text, _WIDTHS[2]), lines(label, _WIDTHS[1]))
        self._sheet.row_dimensions[self._row].height = needed * 15.0 + 5

    def _merged(self, text: str, height: float) -> Cell:
        self._row += 1
        self._sheet.merge_cells(start_row=self._row, start_column=1, end_row=self._row, end_column=3)
        self._sheet.row_dimensions[self._row].height = height
        cell = at(self._sheet, self._row, 1)
        write_text(cell, text)
        return cell
