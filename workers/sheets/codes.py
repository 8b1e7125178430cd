"""Drop-downs from the notice's code lists, kept on a hidden sheet: a list in the cell itself holds 255 characters."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from workers.sheets.text import at, write_text
from workers.sheets.values import CodeList

SHEET = "代码"


class CodeSheet:
    """The hidden sheet of a workbook; each list is written once and referred to by its range."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._sheet: Worksheet | None = None
        self._ranges: dict[tuple[str, tuple[str, ...]], str] = {}

    def attach(self, sheet: Worksheet, codes: CodeList, cells: str) -> None:
        """Offer `codes` in `cells` (an A1 range) of `sheet`. A multiple-choice list advises, the others refuse."""
        validation = DataValidation(
            type="list",
            formula1=self._range(codes),
            allow_blank=True,
            showErrorMessage=True,
            errorStyle="stop" if codes.strict else "information",
            errorTitle="不在代码表中" if codes.strict else "请核对",
            error="请从下拉列表中选择。" if codes.strict else "可以多选，各项用“、”隔开，用语与下拉列表一致。",
        )
        validation.add(cells)
        sheet.add_data_validation(validation)

    def _range(self, codes: CodeList) -> str:
        key = (codes.name, codes.values)
        if key not in self._ranges:
            self._ranges[key] = self._write(codes)
        return self._ranges[key]

    def _write(self, codes: CodeList) -> str:
        if self._sheet is None:
            self._sheet = self._workbook.create_sheet(SHEET)
            self._sheet.sheet_state = "hidden"
        column = len(self._ranges) + 1
        for row, value in enumerate(codes.values, start=1):
            write_text(at(self._sheet, row, column), value)
        letter = get_column_letter(column)
        return f"{quote_sheetname(SHEET)}!${letter}$1:${letter}${len(codes.values)}"
