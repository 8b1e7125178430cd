"""Working days in China: `chinesecalendar` for the years it knows, corrected by ``packs/_shared/workdays.csv``.

The State Council says each autumn which weekdays of the next year are off and which weekend days are worked instead.
For a year that nobody has said yet, weekends count as the only days off and the result is *provisional* (「暂定」).

The file has the columns ``date,kind,name``; an office adds a line for a day that differs where it is, or for next year:
``off`` and ``work`` say what the day is, ``whole`` (on any day of a year) that this year's days are in the file whole,
so that its results are no longer provisional. `name` says why, for whoever reads the file.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import chinese_calendar
from chinese_calendar.constants import Holiday

from models.errors import PackError

FILE = Path(__file__).resolve().parent.parent / "packs" / "_shared" / "workdays.csv"
_COLUMNS = ["date", "kind", "name"]
_OFF, _WORK, _WHOLE = "off", "work", "whole"
_YEARS = frozenset(day.year for day in chinese_calendar.holidays)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the file says: days that are worked (True) or off (False), and the years that it holds whole."""

    days: Mapping[date, bool] = field(default_factory=dict)
    whole: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Workday:
    """A working day that was counted to. `provisional`: a year was counted over whose days off are not known yet."""

    day: date
    provisional: bool


def add_working_days(day: date, count: int, overrides: Overrides | None = None) -> Workday:
    """The last of `count` working days that follow `day`; 0 gives `day` itself, whatever it is.

    The day something happens is not counted (民法典 第二百零一条). ValueError for a negative count.
    """
    if count < 0:
        raise ValueError("working days are counted forwards")
    rules = overrides if overrides is not None else shared()
    provisional = False
    while count:
        day += _DAY
        provisional = provisional or not _is_known(day, rules)
        count -= is_working_day(day, rules)
    return Workday(day, provisional)


def is_working_day(day: date, overrides: Overrides | None = None) -> bool:
    """Whether people work on that day; in a year that is not known yet, on every weekday."""
    rules = overrides if overrides is not None else shared()
    if day in rules.days:
        return rules.days[day]
    if day.year in _YEARS:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5


def _is_known(day: date, rules: Overrides) -> bool:
    return day.year in _YEARS or day.year in rules.whole or day in rules.days


@dataclass(frozen=True, slots=True)
class Announced:
    """A day that the State Council has said something about: whether it is worked, and which holiday it belongs to."""

    works: bool
    zh: str
    en: str


def announced(day: date) -> Announced | None:
    """What the country was told about this day; None for an ordinary one, and in a year that is not known."""
    name = chinese_calendar.holidays.get(day) or chinese_calendar.workdays.get(day)
    if name is None:
        return None
    zh = next((one.chinese for one in Holiday if one.value == name), name)
    return Announced(day in chinese_calendar.workdays, zh, name)


def is_known(year: int, overrides: Overrides | None = None) -> bool:
    """Whether the days off of this year have been said, so that what is counted over it is sure."""
    return year in _YEARS or year in (overrides if overrides is not None else shared()).whole


def merged(base: Overrides, over: Overrides) -> Overrides:
    """Both, `over` deciding where they differ."""
    return Overrides({**base.days, **over.days}, base.whole | over.whole)


@cache
def shared() -> Overrides:
    """The project's own file, read once."""
    return read_overrides(FILE)


def read_overrides(file: Path) -> Overrides:
    """The overrides in a CSV file; PackError naming file, line and reason where it is wrong."""
    days: dict[date, bool] = {}
    whole: set[int] = set()
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            if reader.fieldnames != _COLUMNS:
                raise PackError(file.name, "line 1", f"the columns are {','.join(_COLUMNS)}")
            for row in reader:
                _take(file.name, f"line {reader.line_num}", row, days, whole)
    except (UnicodeDecodeError, csv.Error) as exc:
        raise PackError(file.name, "", f"not a valid CSV file: {exc}") from exc
    return Overrides(days, frozenset(whole))


def _take(name: str, line: str, row: Mapping[str | None, object], days: dict[date, bool], whole: set[int]) -> None:
    if None in row or any(not isinstance(value, str) for value in row.values()):
        raise PackError(name, line, "the line does not have as many values as the header")
    try:
        day = date.fromisoformat(str(row["date"]))
    except ValueError as exc:
        raise PackError(name, line, f"{row['date']!r} is not a date such as 2027-02-05") from exc
    kind = row["kind"]
    if kind == _WHOLE:
        whole.add(day.year)
    elif kind not in (_OFF, _WORK):
        raise PackError(name, line, f"the kind is {_OFF}, {_WORK} or {_WHOLE}, not {kind!r}")
    elif day in days:
        raise PackError(name, line, f"{day} is there more than once")
    else:
        days[day] = kind == _WORK
