"""Workbooks read back: sheets as rows of texts and numbers, whatever was uploaded looked at by `guard` first."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from workers.sheets.cells import EXACT, Value
from workers.sheets.guard import Limits, Refused, inspect


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet: `rows` from A1 on, all of one length; None is an empty cell. `hidden` from a person's eyes."""

    title: str
    rows: Sequence[Sequence[Value]]
    hidden: bool


def read(data: bytes, limits: Limits | None = None) -> list[Sheet]:
    """The worksheets of a workbook, in its order. Raises guard.Refused, nothing else of the file's making.

    Numbers are int where they are whole; one of more than fifteen digits, which the program that wrote it has already
    rounded, stays a float. Days are ISO 8601 text, truth values TRUE and FALSE, as cells show them.
    """
    inspect(data, limits)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as workbook:
            sheets = [
                _sheet(workbook, number, each.name, each.visible != SheetVisibleEnum.Visible)
                for number, each in enumerate(workbook.sheets_metadata)
                if each.typ == SheetTypeEnum.WorkSheet
            ]
    except CalamineError as error:
        raise Refused("damaged") from error
    except BaseException as error:
        # A parser in Rust that meets what its authors held impossible raises this one, which is no Exception.
        if type(error).__name__ == "PanicException":
            raise Refused("damaged") from error
        raise
    if not sheets:
        raise Refused("not_a_workbook")
    return sheets


def _sheet(workbook: CalamineWorkbook, number: int, title: str, hidden: bool) -> Sheet:
    rows = workbook.get_sheet_by_index(number).to_python(skip_empty_area=False)
    return Sheet(title, [[_value(cell) for cell in row] for row in rows], hidden)


def _value(cell: object) -> Value:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < EXACT else cell
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    if isinstance(cell, int):
        return cell
    return str(cell) or None
