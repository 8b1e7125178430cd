"""Small numbers by which a person could be recognised, kept back from who does not reach the people themselves.

A number below `LIMIT` is not shown, and so many others with it that it cannot be worked out by subtraction: in each
line that adds up, none or at least two are kept back, and these come to the limit together. Zeros are shown.
"""

from __future__ import annotations

from collections.abc import Sequence

LIMIT = 5

Cell = tuple[int, int]


def small(number: int) -> bool:
    """Whether the number is one to keep back by itself."""
    return 0 < number < LIMIT


def kept_back(parts: Sequence[int]) -> frozenset[int]:
    """Of parts that add up to a total, the places that are kept back; the place after the last is the total's."""
    grid = kept_back_in_table([parts])
    return frozenset(column for row, column in grid if row == 0)


def kept_back_in_table(rows: Sequence[Sequence[int]]) -> frozenset[Cell]:
    """Of a table with totals the cells (row, column) that are kept back; the row and column after the last are those of
    the totals. A single row has no row of totals."""
    cells = _with_totals(rows)
    hidden = {(r, c) for r, line in enumerate(cells) for c, number in enumerate(line) if small(number)}
    lines = [*_across(cells), *(_down(cells) if len(rows) > 1 else ())]
    while True:
        more = {cell for line in lines for cell in _protecting(cells, line, hidden)}
        if not more:
            return frozenset(hidden)
        hidden |= more


def kept_back_of(numbers: Sequence[int], total: int) -> frozenset[int]:
    """Of numbers that do not add up (one person may count in several) the places that are kept back: small ones, and
    those that nearly everybody counts in."""
    return frozenset(place for place, number in enumerate(numbers) if small(number) or small(total - number))


def _with_totals(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    cells = [[*row, sum(row)] for row in rows]
    return cells if len(rows) == 1 else [*cells, [sum(column) for column in zip(*cells, strict=True)]]


def _across(cells: Sequence[Sequence[int]]) -> list[list[Cell]]:
    return [[(r, c) for c in range(len(line))] for r, line in enumerate(cells)]


def _down(cells: Sequence[Sequence[int]]) -> list[list[Cell]]:
    return [[(r, c) for r in range(len(cells))] for c in range(len(cells[0]))]


def _protecting(cells: Sequence[Sequence[int]], line: Sequence[Cell], hidden: set[Cell]) -> list[Cell]:
    """The next cell of the line, its total last, to keep back as well, or none."""
    *parts, total = line
    back = [cell for cell in line if cell in hidden]
    together = sum(cells[r][c] for r, c in parts if (r, c) in hidden)
    if not back or (len(back) > 1 and (total in hidden or together >= LIMIT)):
        return []
    open_ones = sorted((cells[r][c], (r, c)) for r, c in parts if (r, c) not in hidden and cells[r][c])
    if open_ones:
        return [open_ones[0][1]]
    return [] if total in hidden else [total]
