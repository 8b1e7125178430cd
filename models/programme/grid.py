"""Where the cells of a form drawn as a grid lie. Pure; every drawer (sheet, page) takes its places from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.programme.official import GridCell


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell with the row and column where it begins, both from 0."""

    cell: GridCell
    row: int
    column: int


def columns(grid: Sequence[Sequence[GridCell]]) -> int:
    """How many columns the grid has: as many as its first row fills."""
    return sum(cell.span for cell in grid[0]) if grid else 0


def place(grid: Sequence[Sequence[GridCell]]) -> tuple[Placed, ...]:
    """Every cell at its place, row by row from the left, around cells that reach down from rows above.

    Raises ValueError where a row has not as many columns as the first, or a cell reaches below the last row.
    """
    width = columns(grid)
    reaching: dict[int, int] = {}  # column → first row in which it is free again
    found: list[Placed] = []
    for number, cells in enumerate(grid):
        free = [column for column in range(width) if reaching.get(column, 0) <= number]
        at = 0
        for cell in cells:
            taken = free[at : at + cell.span]
            if len(taken) != cell.span or taken[-1] - taken[0] != cell.span - 1:
                raise ValueError(f"row {number + 1}: {cell.label or cell.sources!r} has no room")
            if number + cell.rows > len(grid):
                raise ValueError(f"row {number + 1}: {cell.label or cell.sources!r} reaches below the last row")
            found.append(Placed(cell, number, taken[0]))
            reaching.update(dict.fromkeys(taken, number + cell.rows))
            at += cell.span
        if at != len(free):
            raise ValueError(f"row {number + 1} fills {at} of {len(free)} columns")
    return tuple(found)
