"""What follows from something read: an age, full years, whether a card had run out, as wording keys with params."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from models.documents.gathering import FOREVER
from models.eligibility.operators import whole_years
from models.errors import InvalidAnswer
from models.interview import wording
from models.programme import idnumber

Derived = tuple[str, dict[str, Any]]


def derived(name: str, value: str, beside: Mapping[str, str], on: date) -> Derived | None:
    """What `value`, read as `name`, says on the day `on`; `beside`: what else was read on the same page. None where
    nothing follows, or the value is no whole date or number."""
    if name == "id_number":
        return _of_number(value)
    day = _day(value)
    if day is None:
        return None
    if name == "birth_date" and day <= on:
        return "derived.age", {"years": whole_years(value, on)}
    if name == "issued_on" and day <= on:
        return "derived.since", {"years": whole_years(value, on)}
    if name == "valid_until":
        return _of_term(value, day, beside.get("valid_from", ""), on)
    return None


def _of_number(value: str) -> Derived | None:
    try:
        number = idnumber.check(value)
    except InvalidAnswer:
        return None
    sex = wording.text(f"read.{idnumber.sex(number)}")
    return "derived.id_number", {"birth": idnumber.birth_date(number), "sex": sex}


def _of_term(value: str, day: date, start: str, on: date) -> Derived | None:
    if value != FOREVER and day < on:
        return "derived.expired", {}
    first = _day(start)
    if first is None or value == FOREVER or day < first:
        return "derived.valid", {}
    return "derived.term", {"years": whole_years(start, day + timedelta(days=1))}


def _day(value: str) -> date | None:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if found.isoformat() == value else None
