"""Which values an operator may be given for which kind of fact or field."""

from __future__ import annotations

from datetime import date
from typing import Any

_TEXT_KINDS = frozenset({"text", "long_text", "place", "id_number", "passport_number", "phone", "month"})
_KINDS: dict[str, frozenset[str]] = {
    "is": frozenset({"yes_no", "choice", "number", "date"}) | _TEXT_KINDS,
    "is_not": frozenset({"yes_no", "choice", "number", "date"}) | _TEXT_KINDS,
    "one_of": frozenset({"choice"}),
    "any_of": frozenset({"choices"}),
    "none_of": frozenset({"choices"}),
    "at_least": frozenset({"number", "choice"}),
    "at_most": frozenset({"number", "choice"}),
    "on_or_before": frozenset({"date"}),
    "on_or_after": frozenset({"date"}),
    "years_at_least": frozenset({"date"}),
    "years_at_most": frozenset({"date"}),
    "years_more_than": frozenset({"date"}),
}


def problem(op: str, value: Any, spec: Any) -> str:
    """Why `op` with `value` makes no sense for this fact or form field; empty when it does."""
    if op == "answered":
        return "answered takes no value" if value is not None else ""
    if spec.kind not in _KINDS[op]:
        return f"{op} does not fit a {spec.kind}"
    if op in ("at_least", "at_most") and spec.kind == "choice" and not getattr(spec, "ordered", False):
        return f"{op} needs a choice that is ordered"
    if op in ("one_of", "any_of", "none_of"):
        if not isinstance(value, tuple) or not value:
            return f"{op} takes a list of options"
        return next((found for item in value if (found := _wrong_value(op, item, spec))), "")
    return _wrong_value(op, value, spec)


def _wrong_value(op: str, value: Any, spec: Any) -> str:
    if op.startswith("years_") or spec.kind == "number":
        ok = isinstance(value, int) and not isinstance(value, bool)
        return "" if ok else f"{op} takes a whole number here"
    if spec.kind == "date":
        return "" if isinstance(value, date) else f"{op} takes a date here"
    if spec.kind == "yes_no":
        return "" if isinstance(value, bool) else f"{op} takes true or false here"
    if spec.kind in ("choice", "choices"):
        known = any(option.value == value for option in spec.options)
        return "" if known else f"{value!r} is not among the options of {spec.id}"
    return "" if isinstance(value, str) else f"{op} takes a text here"
