"""What was read goes into JSON and comes back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.documents.reading import NOT_CHECKED, UNREADABLE, Found, PageReading

shares = st.floats(0, 1)
boxes = st.none() | st.tuples(shares, shares, shares, shares)
founds = st.builds(Found, st.text(), st.none() | st.text(), st.booleans(), shares, boxes)
readings = st.builds(
    PageReading,
    st.sampled_from(["read", "unreadable", "not_checked"]),
    st.text(max_size=20),
    st.dictionaries(st.text(max_size=20), founds),
    st.integers(0, 3),
)


@given(readings)
def test_it_comes_back_as_it_was(reading: PageReading) -> None:
    assert PageReading.from_json(json.loads(json.dumps(reading.to_json()))) == reading


@pytest.mark.parametrize("reading", [NOT_CHECKED, UNREADABLE])
def test_nothing_found_is_nothing(reading: PageReading) -> None:
    assert not reading.found


def test_another_state_is_refused() -> None:
    with pytest.raises(ValueError, match="no such state"):
        PageReading.from_json({**NOT_CHECKED.to_json(), "state": "refused"})


def test_what_was_read_stays_out_of_a_log() -> None:
    assert "110101" not in repr(PageReading("read", "id_front", {"id_number": Found("110101199001011237")}))
