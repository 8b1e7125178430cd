"""The list to fill in, as an empty workbook: the official heads, everything as text, choices to pick from."""

from __future__ import annotations

from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from models.office.batches import MOST_ROWS
from models.programme.entry_columns import EntryColumn, entry_columns, usual
from models.programme.pack import Pack

_SHEET, _CHOICES = "名单", "选项"
_HINTS = {"date": "如 1985-03-02", "month": "如 2010-09", "yes_no": "是 或 否", "number": "数字", "id_number": "18 位"}


def make(pack: Pack) -> bytes:
    """The workbook. Every cell is text, so that no ID number is rounded and `01` stays what it is."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = _SHEET
    choices = book.create_sheet(_CHOICES)
    heads: set[str] = set()
    for place, column in enumerate(usual(entry_columns(pack)), start=1):
        head = next((one for one in column.heads if one not in heads), column.head)
        heads.add(head)
        _column(sheet, choices, place, column, head)
    sheet.freeze_panes = "A2"
    choices.sheet_state = "hidden"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _column(sheet: Worksheet, choices: Worksheet, place: int, column: EntryColumn, head: str) -> None:
    letter = get_column_letter(place)
    top = sheet.cell(1, place, head)
    top.font = Font(bold=True, color="000000" if column.required else "5F6B7A")
    top.fill = PatternFill("solid", fgColor="DCE6F5")
    top.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    sheet.column_dimensions[letter].width = 22 if column.identity else max(10, min(30, 2 * len(head) + 4))
    for row in range(2, MOST_ROWS + 2):
        sheet.cell(row, place).number_format = "@"
    hint = _HINTS.get(column.kind, "")
    labels = [option.label.zh for option in column.options] or (["是", "否"] if column.kind == "yes_no" else [])
    if column.kind == "choices":
        hint, labels = "；".join(labels)[:200], []
    rule = _rule(choices, place, labels) if labels else DataValidation(allow_blank=True)
    rule.promptTitle, rule.prompt = head[:30], ("必填。" if column.required else "可空。") + hint
    rule.showInputMessage = True
    rule.add(f"{letter}2:{letter}{MOST_ROWS + 1}")
    sheet.add_data_validation(rule)


def _rule(choices: Worksheet, place: int, labels: list[str]) -> DataValidation:
    letter = get_column_letter(place)
    for row, label in enumerate(labels, start=1):
        choices.cell(row, place, label).data_type = "s"
    where = f"'{_CHOICES}'!${letter}$1:${letter}${len(labels)}"
    return DataValidation(type="list", formula1=where, allow_blank=True, showErrorMessage=False)
