"""A returned workbook read in a process of its own, with little memory and time and an empty environment.

Started by `workers.returned_file`: bytes on the standard input, one JSON object on the output.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from openpyxl.utils import range_boundaries

from models.errors import BoleError
from workers.imaging.limits import limit
from workers.limited import READY
from workers.sheets.cells import Value
from workers.sheets.guard import Formulas, Limits
from workers.sheets.guard import inspect as formulas_of
from workers.sheets.reading import Sheet, read
from workers.sheets.shell import Shell

LIMITS = Limits(size=10 << 20, parts=500, unpacked=128 << 20, rows=20_000, columns=256, cells=1_000_000, text=16 << 20)
_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")


def work(data: bytes) -> dict[str, Any]:
    """The sheets as rows of texts, and where a formula or an error stands. Raises guard.Refused."""
    found = formulas_of(data, LIMITS)
    sheets, parts = read(data, LIMITS), Shell(data).parts
    return {"sheets": [_sheet(sheet, found, parts.get(sheet.title, "")) for sheet in sheets]}


def _sheet(sheet: Sheet, found: Formulas, part: str) -> dict[str, Any]:
    rows = [[text_of(value) for value in row] for row in sheet.rows]
    wrong = {(row, column) for row, column in _calculated(found.get(part, []), len(rows))}
    wrong |= {
        (number, place)
        for number, row in enumerate(rows, start=1)
        for place, text in enumerate(row, start=1)
        if text.startswith("#") and text.upper() in _ERRORS
    }
    return {"title": sheet.title, "hidden": sheet.hidden, "rows": rows, "calculated": sorted(wrong)}


def _calculated(places: list[tuple[int, int, str]], last: int) -> set[tuple[int, int]]:
    """Every cell that a formula fills: one may fill a whole range."""
    cells = {(row, column) for row, column, _ in places}
    for _, _, area in places:
        if area:
            left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(area))
            cells |= {(row, column) for row in range(top, min(bottom, last) + 1) for column in range(left, right + 1)}
    return cells


def text_of(value: Value) -> str:
    """A cell as its text. A number of more than fifteen digits says that it has been rounded."""
    if isinstance(value, float) and abs(value) >= 1e15:
        return f"{value:.2E}"
    return "" if value is None else str(value)


def answer(data: bytes) -> bytes:
    """What the parent reads, whatever the file does."""
    try:
        found = work(data)
    except BoleError as refused:
        found = {"refused": refused.key}
    except MemoryError:
        found = {"refused": "workbook.refused.too_many_cells"}
    except Exception as error:
        # Readers fail in every way on hostile bytes; the type (never the message) goes to the log.
        found = {"refused": "workbook.refused.damaged", "error": type(error).__name__}
    return json.dumps(found).encode()


def main() -> None:
    """Limit, say so, read all, answer once."""
    limit(int(sys.argv[1]))
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read()))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
