"""When an office is there, as a pack says it: ``09:00-12:00`` and ``14:30-17:30`` on working days, in China's time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time

from models.programme import workdays

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
Span = tuple[time, time]


def spans(written: Iterable[str]) -> tuple[Span, ...]:
    """The spans of a day, in order. ValueError for what is no span, ends before it begins, or overlaps another."""
    found: list[Span] = []
    for text in written:
        match = _SPAN.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a span such as 09:00-12:00")
        hours = [int(part) for part in match.groups()]
        span = time(hours[0], hours[1]), time(hours[2], hours[3])
        if span[0] >= span[1] or (found and span[0] < found[-1][1]):
            raise ValueError(f"{text!r} ends before it begins, or before the one before it")
        found.append(span)
    return tuple(found)


def back_on(local: datetime, hours: Iterable[Span], days: workdays.Overrides | None = None) -> workdays.Workday | None:
    """The day on which people are back, `local` being the time at the office; None while they are there. `days`: where
    the office works otherwise than the country does."""
    today, at = local.date(), local.time()
    if workdays.is_working_day(today, days):
        for opens, closes in hours:
            if opens <= at < closes:
                return None
            if at < opens:
                return workdays.Workday(today, provisional=False)
    return workdays.add_working_days(today, 1, days)
