"""Bulk rows as XML text, put into a sheet that openpyxl has drawn: about twenty times its speed.

openpyxl makes everything else (styles, page, validations); only `<row>` elements are written here, from numbers and
strings alone, so there is no way for a cell to become a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter

from workers.sheets.text import clean, encode, is_risky

_MAX_HEIGHT = 409.0  # points; Excel's limit
_END = "</sheetData>"
_EMPTY = "<sheetData />"


@dataclass(frozen=True, slots=True)
class ColumnStyle:
    """Style ids of a column's cells: as usual, and with the quote prefix for a risky beginning."""

    letter: str
    plain: int
    quoted: int


def row_xml(number: int, height: float, columns: Sequence[ColumnStyle], values: Sequence[str | int | None]) -> str:
    """One `<row>`; text as inline strings with white space kept, numbers as numbers, None as an empty cell."""
    cells = "".join(
        _cell(f"{column.letter}{number}", column, value) for column, value in zip(columns, values, strict=True)
    )
    return f'<row r="{number}" ht="{min(height, _MAX_HEIGHT):g}" customHeight="1">{cells}</row>'


def _cell(reference: str, column: ColumnStyle, value: str | int | None) -> str:
    if value is None or value == "":
        return f'<c r="{reference}" s="{column.plain}"/>'
    if isinstance(value, int) and not isinstance(value, bool):
        return f'<c r="{reference}" s="{column.plain}"><v>{value}</v></c>'
    text = clean(str(value))
    style = column.quoted if is_risky(text) else column.plain
    body = escape(encode(text))
    return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{body}</t></is></c>'


def splice(sheet_xml: str, rows: Iterable[str], last_row: int, last_column: int) -> str:
    """`sheet_xml` with `rows` after those it has, and its dimension saying so. ValueError if it has no sheet data."""
    if _EMPTY in sheet_xml:
        sheet_xml = sheet_xml.replace(_EMPTY, "<sheetData>" + _END, 1)
    before, end, after = sheet_xml.rpartition(_END)
    if not end:
        raise ValueError("no sheetData element")
    before = re.sub(
        r'<dimension ref="[^"]*"', f'<dimension ref="A1:{get_column_letter(last_column)}{last_row}"', before, count=1
    )
    return "".join((before, *rows, end, after))
