"""Whole numbers within limits, refused by the workbook itself otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """From `least` to `most`, both included; None: no upper limit."""

    least: int
    most: int | None = None

    def attach(self, sheet: Worksheet, cells: str) -> None:
        """Allow nothing else in `cells` (an A1 range) of `sheet`."""
        said = f"{self.least} 以上的整数" if self.most is None else f"{self.least} 至 {self.most} 的整数"
        validation = DataValidation(
            type="whole",
            operator="greaterThanOrEqual" if self.most is None else "between",
            formula1=str(self.least),
            formula2=None if self.most is None else str(self.most),
            allow_blank=True,
            showErrorMessage=True,
            errorStyle="stop",
            errorTitle="请填整数",
            error=f"这里填{said}。",
        )
        validation.add(cells)
        sheet.add_data_validation(validation)
