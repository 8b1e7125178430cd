"""Days that come every year (``MM-DD``). Where a year has no 29 February, the 28th stands for it."""

from __future__ import annotations

from datetime import date, timedelta


def in_year(day: str, year: int) -> date:
    """The day in that year."""
    if day == "02-29":
        return date(year, 3, 1) - timedelta(days=1)
    return date.fromisoformat(f"{year:04d}-{day}")


def first_on_or_after(day: str, on: date) -> date:
    """The first such day that is not before `on`."""
    this_year = in_year(day, on.year)
    return this_year if this_year >= on else in_year(day, on.year + 1)


def year_until(day: str, on: date) -> tuple[date, date]:
    """The year that ends with the first such day on or after `on`: from the day after the one before to that day."""
    last = first_on_or_after(day, on)
    return in_year(day, last.year - 1) + timedelta(days=1), last
