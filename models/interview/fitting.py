"""Answers kept from another version of a pack, as this one reads them: what it cannot read sleeps.

Nothing is changed where it is stored, so an answer wakes when a version can read it again. What the version does not
ask at all is left alone: the plan never comes to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from models.eligibility.compiled import compiled
from models.eligibility.verdict import UNSURE
from models.errors import InvalidAnswer
from models.interview.prepared import Prepared, prepared
from models.programme import idnumber, typed
from models.programme.pack import Column, FormField, Pack

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class Fitted(NamedTuple):
    """The answers that can be read, and the keys of those that sleep."""

    answers: dict[str, Any]
    asleep: frozenset[str]


def fitted(pack: Pack, answers: Mapping[str, Any]) -> Fitted:
    """The answers as `pack` reads them. Rows keep their known columns; a column that is new to them is blank."""
    found: dict[str, Any] = {}
    asleep = []
    for key, value in answers.items():
        value = read(pack, key, value)
        if value is None:
            asleep.append(key)
        else:
            found[key] = value
    return Fitted(found, frozenset(asleep))


def read(pack: Pack, key: str, value: Any) -> Any:
    """One answer as `pack` reads it; None where it sleeps."""
    if key == "claim":
        return _claim(pack, value)
    if not key.startswith("field:"):
        return value
    ready = prepared(pack)
    spec = ready.field_specs.get(key[6:])
    return value if spec is None else _field(ready, spec, value)


def _claim(pack: Pack, value: Any) -> Any:
    """The categories that can still be claimed; None where none of them is left."""
    if value == UNSURE:
        return value
    c = compiled(pack)
    return tuple(name for name in value if name in c.claims or name in c.category) or None


def _field(ready: Prepared, spec: FormField, value: Any) -> Any:
    if spec.kind == "rows":
        return _rows(ready, spec, value)
    return value if value in ("", []) or _readable(spec, ready.options[spec.id, ""], value) else None


def _readable(spec: FormField | Column, options: frozenset[str], value: Any) -> bool:
    """Whether a canonical value is one of this kind: what `fields.parse` would give back as it is."""
    kind = spec.kind
    if kind == "yes_no":
        return isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "choices":
        return isinstance(value, (list, tuple)) and options.issuperset(value)
    if not isinstance(value, str):
        return False
    if kind == "choice":
        return value in options
    return kind not in _WRITTEN or _WRITTEN[kind](value)


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_month(value: str) -> bool:
    return _MONTH.fullmatch(value) is not None


def _is_phone(value: str) -> bool:
    try:
        return typed.phone_number(value) == value
    except InvalidAnswer:
        return False


def _is_id_number(value: str) -> bool:
    try:
        return idnumber.check(value) == value
    except InvalidAnswer:
        return False


_WRITTEN = {"date": _is_date, "month": _is_month, "phone": _is_phone, "id_number": _is_id_number}


def _rows(ready: Prepared, spec: FormField, value: Any) -> list[dict[str, Any]] | None:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        return None
    options = {column.id: ready.options[spec.id, column.id] for column in spec.columns}
    return [
        {column.id: _cell(column, options[column.id], row.get(column.id, "")) for column in spec.columns}
        for row in value
    ]


def _cell(column: Column, options: frozenset[str], value: Any) -> Any:
    return value if value == "" or _readable(column, options, value) else ""
