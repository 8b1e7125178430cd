"""Canonical values as people read them, and as they go into a workbook cell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from models.eligibility.verdict import UNSURE
from models.interview import wording
from models.programme.pack import Column


def display(spec: Any, value: Any, lang: str) -> str:
    """The value in words of `lang`; nothing for what is unanswered or left blank."""
    if spec.kind == "month" and value == "" and isinstance(spec, Column) and not spec.required:
        return wording.say("value.present", lang)
    if value is None or value == "":
        return ""
    if value == UNSURE and getattr(spec, "unsure", False):
        return wording.say("value.unsure", lang)
    return _display_kind(spec, value, lang)


def _display_kind(spec: Any, value: Any, lang: str) -> str:
    kind = spec.kind
    if kind == "choice":
        return label(spec, value, lang)
    if kind == "choices":
        labels = [label(spec, item, lang) for item in value]
        return ("、" if lang == "zh" else ", ").join(labels) if labels else wording.say("value.none", lang)
    if kind in ("yes_no", "consent", "declaration"):
        return wording.say("value.yes" if value else "value.no", lang)
    if kind == "date":
        return wording.spoken_date(date.fromisoformat(value), lang)
    if kind == "month":
        year, month = value.split("-")
        return wording.spoken_month(int(year), int(month), lang)
    if kind == "rows":
        return "\n".join(_display_row(spec, row, lang) for row in value)
    return str(value)


def _display_row(spec: Any, row: Mapping[str, Any], lang: str) -> str:
    shown = [display(column, row.get(column.id), lang) for column in spec.columns]
    return ("，" if lang == "zh" else ", ").join(part for part in shown if part)


def label(spec: Any, value: Any, lang: str) -> str:
    """The label of an option; a value that is no longer among the options shows as it is."""
    for option in spec.options:
        if option.value == value:
            return str(option.label.get(lang))
    return str(value)


def to_cell(spec: Any, value: Any) -> str | int | None:
    """What a workbook holds: Chinese labels, ISO dates and months as text, numbers as numbers; None for a blank."""
    if spec.kind == "month" and value == "":
        return None  # 「至今」不填写时间
    if value is None or value in ("", []) or value == ():
        return None
    if spec.kind == "number" and isinstance(value, int):
        return value
    if spec.kind in ("date", "month") and value != UNSURE:
        return str(value)
    return display(spec, value, "zh")
