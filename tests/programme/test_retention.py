"""Periods in whole months, to the day."""

from datetime import date

import pytest

from models.programme.loader import load_pack, pack_slugs
from models.programme.retention import ENDINGS, Retention, add_months


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 21), 12, date(2027, 11, 21)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),  # there is no 30 February
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 1, 31), 1200, date(2126, 1, 31)),
    ],
)
def test_months_are_added_to_the_day(day, months, then):
    assert add_months(day, months) == then


def test_each_ending_has_its_own_period():
    periods = Retention(approved=1, declined=2, withdrawn=3, draft=4, removed=5)
    assert [periods.months(ending) for ending in ENDINGS] == [1, 2, 3, 4, 5]
    assert periods.ends("draft", date(2026, 11, 21)) == date(2027, 3, 21)


@pytest.mark.parametrize("slug", pack_slugs())
def test_a_programme_says_a_period_of_its_own_only_by_a_clause(slug):
    """None of the notices that ship says how long; what we chose is said to be ours."""
    assert load_pack(slug).programme.retention == Retention()
