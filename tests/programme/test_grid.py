"""Where the cells of a grid lie, and which grids are refused."""

import pytest

from models.programme import grid
from models.programme.pack import GridCell


def cell(label, span=1, rows=1):
    return GridCell(label=label, span=span, rows=rows)


def places(rows):
    return {placed.cell.label: (placed.row, placed.column) for placed in grid.place(rows)}


def test_cells_go_round_what_reaches_down_from_above():
    rows = [[cell("a", 2), cell("photo", 1, 2)], [cell("b"), cell("c")], [cell("d", 3)]]
    assert places(rows) == {"a": (0, 0), "photo": (0, 2), "b": (1, 0), "c": (1, 1), "d": (2, 0)}
    assert grid.columns(rows) == 3


def test_a_tall_cell_in_the_middle_parts_the_row_below():
    rows = [[cell("a"), cell("tall", 1, 2), cell("b")], [cell("c"), cell("d")]]
    assert places(rows)["d"] == (1, 2)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([[cell("a", 2)], [cell("b")]], "row 2 fills 1 of 2"),
        ([[cell("a")], [cell("b", 2)]], "'b' has no room"),
        ([[cell("a"), cell("t", 1, 2), cell("b")], [cell("wide", 2)]], "'wide' has no room"),
        ([[cell("a", 1, 2)]], "below the last row"),
    ],
)
def test_a_grid_that_does_not_close_is_refused(rows, problem):
    with pytest.raises(ValueError, match=problem):
        grid.place(rows)


def test_no_grid_has_no_cells():
    assert grid.place([]) == () and grid.columns([]) == 0
