"""Hashes that mean the same photo: exactly those with one bit set and one cleared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.documents.alike import neighbours


@given(st.sets(st.integers(0, 63), min_size=32, max_size=32))
def test_all_that_differ_in_two_places_and_no_other(places: set[int]) -> None:
    value = sum(1 << place for place in places)
    near = neighbours(f"{value:016x}")
    assert near[0] == f"{value:016x}"
    assert len(set(near)) == len(near) == 1 + 32 * 32
    assert {(int(one, 16) ^ value).bit_count() for one in near[1:]} == {2}
    assert {int(one, 16).bit_count() for one in near} == {32}


@pytest.mark.parametrize("text", ["", "abc", "g" * 16, "0" * 17])
def test_what_is_no_hash(text: str) -> None:
    with pytest.raises(ValueError):
        neighbours(text)
