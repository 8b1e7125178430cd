"""Text into cells, so that what a person typed stays exactly that: never a formula, never broken XML."""

from __future__ import annotations

import re
import unicodedata

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

CELL_LIMIT = 32_767  # characters a cell holds, counted as Excel does: in UTF-16 units
TEXT = "@"
CUT = "…（内容过长，已截断）"

# What XML 1.0 cannot carry at all, lone surrogates included.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel reads `_x0041_` in a string as the character A; escaping the underscore keeps it as typed.
ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
RISKY_START = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")


def clean(text: str) -> str:
    """`text` as a cell can hold it: no character XML refuses, line ends as LF, at most 32,767 UTF-16 units."""
    text = _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if _units(text) <= CELL_LIMIT:
        return text
    keep = text[: CELL_LIMIT - len(CUT)]
    while _units(keep) > CELL_LIMIT - len(CUT):
        keep = keep[: len(keep) - max(1, (_units(keep) - CELL_LIMIT + len(CUT)) // 2)]
    return keep + CUT


def encode(text: str) -> str:
    """The string to write for `text` (cleaned): Excel's own `_xHHHH_` escapes are made literal."""
    return ESCAPED.sub("_x005F_", text)


def is_risky(text: str) -> bool:
    """Whether a spreadsheet could take `text` for something else when a clerk edits or re-imports the cell."""
    return text.startswith(RISKY_START)


def at(sheet: Worksheet, row: int, column: int) -> Cell:
    """The cell at `row`, `column` (1-based). ValueError where it has been merged into another."""
    cell = sheet.cell(row, column)
    if not isinstance(cell, Cell):
        raise ValueError(f"{cell.coordinate} is part of a merged cell")
    return cell


def write_text(cell: Cell, text: str) -> None:
    """Put `text` into `cell` as a string, formatted as text; a risky start also gets the quote prefix."""
    value = clean(text)
    cell.value = encode(value)
    cell.data_type = "s"  # after the value: openpyxl takes "=…" for a formula and "#N/A" for an error
    cell.number_format = TEXT
    if is_risky(value):
        cell.quotePrefix = True


def write_value(cell: Cell, value: str | int | None) -> None:
    """A number as a number, text as text, nothing as an empty text cell."""
    if isinstance(value, int) and not isinstance(value, bool):
        cell.value = value
    elif value is None:
        cell.number_format = TEXT
    else:
        write_text(cell, str(value))


class _Widths(dict[str, float]):
    """A character's width, looked up once: a table of a thousand people has a hundred thousand characters."""

    def __missing__(self, character: str) -> float:
        found = 2.0 if unicodedata.east_asian_width(character) in "WFA" else 1.0
        if character <= "\uffff":  # the rare rest is not worth a megabyte
            self[character] = found
        return found


_width_of = _Widths().__getitem__


def width(text: str) -> float:
    """The widest line of `text` in Excel's column units: a Chinese character takes two."""
    return max([sum(map(_width_of, line)) for line in text.split("\n")])


def lines(text: str, columns: float) -> int:
    """How many lines `text` takes when wrapped to `columns` units (a little generous: fonts differ)."""
    room = max(columns - 3.0, 2.0)  # cell padding and the indent
    if 2 * len(text) <= room and "\n" not in text:
        return 1
    return sum([max(1, -(-int(width(line) * 10) // int(room * 10))) for line in text.split("\n")])


def sheet_title(wanted: str, taken: set[str]) -> str:
    """A legal sheet name for `wanted`, unlike any of `taken` (compared as Excel does, without case); added to it."""
    base = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "", clean(wanted)).strip("' ")[:31].strip("' ") or "表"
    title, number = base, 2
    while title.casefold() in taken or title.casefold() == "history":
        suffix = f" ({number})"
        title, number = base[: 31 - len(suffix)] + suffix, number + 1
    taken.add(title.casefold())
    return title


def _units(text: str) -> int:
    return len(text) + sum(1 for c in text if ord(c) > 0xFFFF)
