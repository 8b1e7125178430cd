"""The figures: how many people there are (总量), how they are made up (结构), what they apply for, how far they are.

One statement brings what is counted of everybody, from codes made with handing in; nothing sealed is opened. Counting
itself is plain Python over these rows: 10,000 people take a tenth of a second.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import String, cast

from models.application.lifecycle import ADMITTED, PASSED
from models.application.tables import Application
from models.extensions import db
from models.office import scope_figures, small_numbers
from models.office.figure_filter import STEPS, FigureFilter
from models.office.figure_tables import FigureFact
from models.office.tables import Staff
from models.programme import figuring
from models.programme.figuring import Dimension
from models.programme.pack import Pack

_ALL_UNITS = 20  # up to so many units are listed whether or not they have people
UNTOLD = ""  # the code of who has not said


@dataclass(frozen=True, slots=True)
class Person:
    """What is counted of one person; `codes` is None where they have not been made yet."""

    id: str
    unit_id: str | None
    status: str
    categories: tuple[str, ...]
    submitted_at: datetime | None
    codes: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Line:
    """A number with its code; None where it is kept back. `share`: of the table's total, 0 to 1."""

    code: str
    number: int | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Table:
    """People by one thing. `total` is None where it is kept back."""

    id: str
    lines: tuple[Line, ...]
    total: int | None
    several: bool = False
    dimension: Dimension | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """总量: units by rows, what stands across by columns (none: the totals alone), totals after the last of each."""

    units: tuple[str | None, ...]
    across: Dimension | None
    codes: tuple[str, ...]
    rows: tuple[tuple[int | None, ...], ...]

    @property
    def total(self) -> int | None:
        """Everybody."""
        return self.rows[-1][-1] if self.rows else 0


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it. `passed`, `admitted`: how many of the total are so far; None for who sees no small numbers, since the
    steps of the funnel say it as far as may be. `uncoded`: how many people's codes have still to be made."""

    totals: Totals
    passed: int | None
    admitted: int | None
    structure: tuple[Table, ...]
    categories: Table
    uncoded: int


def people(staff: Staff, wanted: FigureFilter) -> list[Person]:
    """Everybody in reach whom the filter counts, at whatever step."""
    query = wanted.where(scope_figures.counted(staff)).outerjoin(FigureFact)
    columns: tuple[Any, ...] = (Application.id, Application.unit_id, Application.status)
    read = query.with_only_columns(
        *columns, cast(Application.categories, String), Application.submitted_at, cast(FigureFact.codes, String)
    )
    rows = db.session.execute(read.order_by(None))
    return [Person(row[0], row[1], row[2], _categories(row[3] or "[]"), row[4], _codes(row[5])) for row in rows]


@lru_cache(maxsize=2000)
def _categories(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _codes(text: str | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(text) if text else None
    return found


def narrowed(
    pack: Pack, among: Iterable[Person], wanted: FigureFilter, on: date, *, every_step: bool = False
) -> list[Person]:
    """Those of the people who are at the wanted step, or at whichever, and of whom every `by` holds."""
    known = {each.id: each for each in figuring.dimensions(pack)}
    by = [(_reader(known[name], on), code) for name, code in wanted.by if name in known]
    return [
        person
        for person in among
        if (every_step or person.status in STEPS[wanted.step]) and all(code in read(person) for read, code in by)
    ]


def figures(pack: Pack, counted: Sequence[Person], on: date, units: Sequence[str], exact: bool) -> Figures:
    """What is shown of these people on that day, `units` in this order. Without `exact` small numbers are kept
    back, and so is what would be another count of the units' people."""
    by = [each for each in figuring.dimensions(pack) if exact or not figuring.tells_unit(pack, each)]
    across = next((each for each in by if each.across), None)
    totals = _totals(counted, across, on, units, exact)
    passed = sum(person.status in PASSED for person in counted)
    admitted = sum(person.status == ADMITTED for person in counted)
    return Figures(
        totals,
        passed if exact else None,
        admitted if exact else None,
        tuple(_structure(each, counted, on, exact, totals) for each in by),
        _by_category(pack, counted, exact),
        sum(person.codes is None for person in counted),
    )


def _reader(dimension: Dimension, on: date) -> Callable[[Person], tuple[str, ...]]:
    """What tells the codes of one person in one thing that is counted; `UNTOLD` alone where there is none."""
    known = {code for code, _label in dimension.codes}
    name, aged = dimension.id, dimension.kind == "age"
    band = lru_cache(maxsize=2000)(figuring.age_band)

    def read(person: Person) -> tuple[str, ...]:
        found = (person.codes or {}).get(name, UNTOLD)
        if isinstance(found, list):
            return tuple(code for code in found if code in known) or (figuring.NONE,)
        code = band(found, on) if aged else found
        return (code if code in known else UNTOLD,)

    return read


def _counts(dimension: Dimension, counted: Sequence[Person], on: date) -> tuple[tuple[str, ...], Counter[str]]:
    """The codes to show, in order, and how many there are of each; `UNTOLD` only where somebody has not said, `NONE`
    where somebody has none of several things."""
    numbers: Counter[str] = Counter(chain.from_iterable(map(_reader(dimension, on), counted)))
    codes = [code for code, _label in dimension.codes]
    return (*codes, *(code for code in (figuring.NONE, UNTOLD) if numbers[code] and code not in codes)), numbers


def _structure(dimension: Dimension, counted: Sequence[Person], on: date, exact: bool, totals: Totals) -> Table:
    codes, numbers = _counts(dimension, counted, on)
    if dimension.across:  # the same numbers as the last row of the totals, so the same are kept back
        shown: list[int | None] = list(totals.rows[-1])
    else:
        plain = [numbers[code] for code in codes]
        back = frozenset[int]() if exact else _back(plain, len(counted), dimension.several)
        total: int | None = len(counted)
        if totals.total is None:  # kept back: nothing that adds up to it is shown either
            back, total = frozenset(range(len(plain))), None
        shown = [*(None if place in back else number for place, number in enumerate(plain)), total]
    return _table(dimension.id, codes, shown, dimension.several, dimension)


def _back(plain: Sequence[int], total: int, several: bool) -> frozenset[int]:
    return small_numbers.kept_back_of(plain, total) if several else small_numbers.kept_back(plain)


def _table(
    name: str, codes: Sequence[str], shown: Sequence[int | None], several: bool, dimension: Dimension | None = None
) -> Table:
    *parts, total = shown
    lines = [
        Line(code, number, number / total if number is not None and total else None)
        for code, number in zip(codes, parts, strict=True)
    ]
    return Table(name, tuple(lines), total, several, dimension)


def _by_category(pack: Pack, counted: Sequence[Person], exact: bool) -> Table:
    numbers = Counter(category for person in counted for category in person.categories)
    codes = [category.id for category in pack.eligibility.categories]
    plain = [numbers[code] for code in codes]
    back = frozenset[int]() if exact else small_numbers.kept_back_of(plain, len(counted))
    total = None if not exact and small_numbers.small(len(counted)) else len(counted)
    return _table("categories", codes, [*(None if n in back else x for n, x in enumerate(plain)), total], True)


def _totals(counted: Sequence[Person], across: Dimension | None, on: date, order: Sequence[str], exact: bool) -> Totals:
    codes: tuple[str, ...] = _counts(across, counted, on)[0] if across else ()
    read = _reader(across, on) if across else None
    numbers: Counter[tuple[str | None, str]] = Counter(
        (person.unit_id, read(person)[0] if read else "all") for person in counted
    )
    there = {person.unit_id for person in counted}
    listed: list[str | None] = [unit_id for unit_id in order if unit_id in there or len(order) <= _ALL_UNITS]
    units = (*listed, *sorted((one for one in there if one not in listed), key=str))
    plain = [[numbers[unit, code] for code in codes or ("all",)] for unit in units] or [[0] * (len(codes) or 1)]
    back = frozenset[small_numbers.Cell]() if exact else small_numbers.kept_back_in_table(plain)
    full = [[*row, sum(row)] for row in plain]
    full.append([sum(column) for column in zip(*full, strict=True)])
    if len(plain) == 1 and not exact:  # one unit alone: its row is the total
        back |= {(1, column) for row, column in back if row == 0}
    shown = [[None if (r, c) in back else number for c, number in enumerate(row)] for r, row in enumerate(full)]
    if not codes:
        shown = [row[-1:] for row in shown]
    return Totals(units, across, codes, tuple(tuple(row) for row in shown))
