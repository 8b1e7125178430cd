"""Small numbers are kept back, and cannot be worked out from those that are shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.office.small_numbers import LIMIT, kept_back, kept_back_in_table, kept_back_of


@pytest.mark.parametrize(
    ("parts", "back"),
    [
        ([60, 40], set()),
        ([LIMIT, LIMIT], set()),
        ([LIMIT - 1, 40, 60], {0, 1}),  # the next smallest goes with it
        ([LIMIT - 1, 1, 60], {0, 1}),  # two that come to the limit together
        ([1, 1, 60, 70], {0, 1, 2}),  # two that do not
        ([0, 3, 50], {1, 2}),  # zeros are shown and protect nothing
        ([0, 3, 0], {1, 3}),  # the total too is small
        ([], set()),
    ],
)
def test_in_a_line(parts, back):
    assert kept_back(parts) == back


def test_who_counts_in_several_places():
    assert kept_back_of([0, 4, 5, 96, 95, 100], 100) == {1, 3}


def test_a_single_small_cell_of_a_table_takes_a_rectangle_with_it():
    assert kept_back_in_table([[3, 30], [40, 50], [60, 70]]) == {(0, 0), (0, 1), (1, 0), (1, 1)}


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 4).flatmap(
        lambda wide: st.lists(st.lists(st.integers(0, 9), min_size=wide, max_size=wide), min_size=2, max_size=5)
    )
)
def test_no_line_tells_one_that_is_kept_back(rows):
    back = kept_back_in_table(rows)
    cells = [[*row, sum(row)] for row in rows]
    cells.append([sum(column) for column in zip(*cells, strict=True)])
    across = [[(r, c) for c in range(len(cells[0]))] for r in range(len(cells))]
    for line in (*across, *zip(*across, strict=True)):
        *parts, total = line
        hidden = [cell for cell in line if cell in back]
        shown = [cells[r][c] for r, c in line if (r, c) not in back]
        assert all(number == 0 or number >= LIMIT for number in shown)
        assert len(hidden) != 1
        if hidden and total not in back:
            assert sum(cells[r][c] for r, c in parts if (r, c) in back) >= LIMIT
