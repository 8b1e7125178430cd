"""Answers to try: enough to find every way in which the conditions on a fact can come out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from models.programme.pack import Fact


def candidates(fact: Fact, wanted: Sequence[Any], days: Sequence[date]) -> list[Any]:
    """Answers on every side of what the fact's conditions want (`wanted`: their values), counted up to these days."""
    if fact.kind == "yes_no":
        return [True, False]
    if fact.kind == "choice":
        return [option.value for option in fact.options]
    if fact.kind == "choices":
        values = [option.value for option in fact.options]
        return [(), *((value,) for value in values), tuple(values)]
    if fact.kind == "number":
        around = {int(w) + step for w in wanted if isinstance(w, int) for step in (-1, 0, 1)}
        return sorted(max(0, n) for n in around) or [0]
    return _dates_around(wanted, days)


def _dates_around(wanted: Sequence[Any], counted: Sequence[date]) -> list[str]:
    days = set(counted)
    for limit in wanted:
        if isinstance(limit, date):
            days.add(limit)
        elif isinstance(limit, int):
            days |= {_years_before(on, limit + more) for on in counted for more in (0, 1)}
    around = {day + timedelta(days=step) for day in days for step in (-1, 0, 1)}
    return [day.isoformat() for day in sorted(around)]


def _years_before(on: date, years: int) -> date:
    year = max(date.min.year + 1, on.year - years)
    return date(year, on.month, min(on.day, 28)) if (on.month, on.day) == (2, 29) else on.replace(year=year)
