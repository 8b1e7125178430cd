"""What Excel or WPS puts on the clipboard, as rows of cells: tabs between cells, line ends between rows, and cells that
hold either of them (or a quotation mark) in quotation marks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from models.errors import InvalidAnswer
from models.programme import idnumber
from models.programme.pack import UnitTable

# 4.4E+17, or fifteen digits and zeros: what a spreadsheet leaves of a long number that was not kept as text.
_ROUNDED = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d{1,3}|\d{15}0{2,3}(?:\.0)?", re.ASCII)
LARGEST = 400_000  # characters


def cells(text: str) -> list[list[str]]:
    """The rows of a pasted text, blanks around each cell taken off, empty rows at the end left out.

    Raises InvalidAnswer where it is too large.
    """
    if len(text) > LARGEST:
        raise InvalidAnswer("error.paste_size")
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    rows = [[cell.strip() for cell in row] for row in _split(text)]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def is_rounded(text: str) -> bool:
    """Whether the cell held a long number (of an ID card) of which a spreadsheet has lost the last digits."""
    text = text.strip()
    if not _ROUNDED.fullmatch(text):
        return False
    try:
        idnumber.check(text)
    except InvalidAnswer:
        return True
    return False  # a number that happens to end in noughts


def _split(text: str) -> list[list[str]]:
    """By the rules of quotation where they hold; a mark that merely begins a cell is one of its characters."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True))
    except csv.Error:
        return [line.split("\t") for line in text.split("\n")]
    return [row or [""] for row in rows]


def placed(table: UnitTable, rows: Sequence[Sequence[str]], first: str, room: int) -> list[dict[str, str]]:
    """Raw values by column for each pasted row, from the column `first` on; sums that came along are left out.

    `room`: how many rows there are, or may be, from the one pasted into. Raises InvalidAnswer where the rows or their
    cells are too many: then nothing is pasted at all.
    """
    names = [column.id for column in table.columns]
    columns = table.columns[names.index(first) :] if first in names else ()
    given = max((_width(row) for row in rows), default=0)
    if given > len(columns):
        raise InvalidAnswer("error.paste_columns", given=given, room=len(columns))
    if len(rows) > room:
        raise InvalidAnswer("error.paste_rows", given=len(rows), room=room)
    return [{c.id: value for c, value in zip(columns, row, strict=False) if not c.sum_of} for row in rows]


def _width(row: Sequence[str]) -> int:
    """How many cells a row has, without empty ones at its end."""
    return max((place for place, value in enumerate(row, start=1) if value), default=0)
