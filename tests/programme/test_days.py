from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.programme import days


@pytest.mark.parametrize(
    ("day", "year", "found"),
    [
        ("06-30", 2026, date(2026, 6, 30)),
        ("02-29", 2024, date(2024, 2, 29)),
        ("02-29", 2026, date(2026, 2, 28)),
    ],
)
def test_a_day_of_a_year(day, year, found):
    assert days.in_year(day, year) == found


@pytest.mark.parametrize(
    ("day", "on", "found"),
    [
        ("06-30", date(2026, 6, 29), date(2026, 6, 30)),
        ("06-30", date(2026, 6, 30), date(2026, 6, 30)),
        ("06-30", date(2026, 7, 1), date(2027, 6, 30)),
        ("02-29", date(2027, 3, 1), date(2028, 2, 29)),
        ("02-29", date(2027, 2, 28), date(2027, 2, 28)),
    ],
)
def test_the_first_such_day_on_or_after_another(day, on, found):
    assert days.first_on_or_after(day, on) == found


@given(on=st.dates(date(1990, 1, 1), date(2100, 1, 1)), day=st.sampled_from(["06-30", "02-29", "01-01", "12-31"]))
def test_years_follow_one_another_without_a_gap(on, day):
    first, last = days.year_until(day, on)
    assert first <= on <= last
    assert 365 <= (last - first).days + 1 <= 366
    assert days.year_until(day, last + timedelta(days=1))[0] == last + timedelta(days=1)
