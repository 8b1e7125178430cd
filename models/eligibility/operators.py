"""The closed vocabulary of operators: whether one answer fits one condition."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from models.eligibility.verdict import UNSURE
from models.programme import days

Predicate = Callable[[Any, date], bool]


def holds(op: str, fact_value: Any, wanted: Any, fact: Any, on: date, as_of: str | None = None) -> bool:
    """Whether a known answer fits. `fact` gives kind and options; `on` is the day of assessment, `as_of` the day of the
    year up to which years are counted.

    Raises ValueError for an unknown operator, an answer that is not among the options, or `UNSURE` (which no operator
    judges: it is unknown, not an answer).
    """
    if fact_value == UNSURE:
        raise ValueError("an unsure answer is unknown and cannot be judged")
    return predicate(op, wanted, fact, as_of)(fact_value, on)


def reference_day(as_of: str | None, on: date) -> date:
    """The day up to which years are counted: `on` itself, or the first `as_of` (``MM-DD``) on or after it."""
    return days.first_on_or_after(as_of, on) if as_of else on


def predicate(op: str, wanted: Any, fact: Any, as_of: str | None = None) -> Predicate:
    """The operator made ready for many answers: `predicate(op, wanted, fact)(value, on)`."""
    if as_of:
        plain = predicate(op, wanted, fact)
        return lambda v, on: plain(v, reference_day(as_of, on))
    if op in ("at_least", "at_most"):
        return _ordering(op, wanted, fact)
    if op in ("on_or_before", "on_or_after"):
        limit = wanted.isoformat()
        return (lambda v, on: v <= limit) if op == "on_or_before" else (lambda v, on: v >= limit)
    if op == "years_at_least":
        return lambda v, on: whole_years(v, on) >= wanted
    if op == "years_at_most":
        return lambda v, on: whole_years(v, on) <= wanted
    if op == "years_more_than":
        return lambda v, on: whole_years(v, on) > wanted
    if op == "answered":
        return lambda v, on: v not in ((), [], "", None)
    return _equality(op, wanted)


def _equality(op: str, wanted: Any) -> Predicate:
    if op in ("is", "is_not"):
        same = wanted.isoformat() if isinstance(wanted, date) else wanted
        return (lambda v, on: v == same) if op == "is" else (lambda v, on: v != same)
    among = frozenset(wanted)
    if op == "one_of":
        return lambda v, on: v in among
    if op == "any_of":
        return lambda v, on: not among.isdisjoint(v)
    if op == "none_of":
        return lambda v, on: among.isdisjoint(v)
    raise ValueError(f"no operator {op!r}")


def _ordering(op: str, wanted: Any, fact: Any) -> Predicate:
    """By size for a number, by position among the options for an ordered choice."""
    if fact.kind == "number":
        return (lambda v, on: v >= wanted) if op == "at_least" else (lambda v, on: v <= wanted)
    place = {option.value: index for index, option in enumerate(fact.options)}
    limit = place[wanted]

    def compare(value: Any, on: date) -> bool:
        if value not in place:
            raise ValueError(f"{value!r} is not among the options of {fact.id}")
        return place[value] >= limit if op == "at_least" else place[value] <= limit

    return compare


def whole_years(since: str, on: date) -> int:
    """Completed years from an ISO date to `on`, as ages are counted (born on 29 February: a year older on 1 March)."""
    start = date.fromisoformat(since)
    return on.year - start.year - ((on.month, on.day) < (start.month, start.day))
