"""Rules between two fields, checked on the one entered later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from models.eligibility.verdict import UNSURE
from models.errors import InvalidAnswer
from models.interview.live import derived
from models.interview.prepared import Prepared
from models.interview.steps import Answers, Ask, Plan
from models.programme.pack import Column, FormField, Text
from models.programme.showing import display


def check(ready: Prepared, now: Plan, answers: Answers, field: str, value: Any, on: date) -> None:
    """Raise InvalidAnswer if the new `value` of a field is at odds with an answer already given, or with the day."""
    spec = ready.field_specs[field]
    _has_come(spec, value, on)
    if spec.derive and now.ask(f"field:{spec.id_field}") is not None:
        _agrees_with_id(spec, answers, value)
    if spec.binding:
        _agrees_with_fact(ready, now, answers, spec, value)
    if spec.kind == "id_number" and not answers.get(f"field:{field}"):
        # A number that replaces another one may disagree: the plan then asks again for what was derived.
        for follower in ready.followers[field]:
            _id_agrees(follower, answers, str(value))
    if spec.kind in ("month", "date"):
        _period(ready, now, answers, spec, str(value))


def _has_come(spec: FormField, value: Any, on: date) -> None:
    """What is told is past, unless the pack says that it may lie ahead; the end of a period in a row always may."""
    if spec.kind in ("month", "date") and not spec.may_be_future and _after(value, on):
        raise InvalidAnswer("error.in_future")
    if spec.kind != "rows":
        return
    past = _past_columns(spec.columns)
    for number, row in enumerate(value, start=1):
        for column in past:
            if _after(row[column.id], on):
                problem = InvalidAnswer("error.in_future")
                raise InvalidAnswer(
                    "error.row", row=number, column=column.label, column_id=column.id, problem=problem
                ) from problem


def _past_columns(columns: Sequence[Column]) -> list[Column]:
    past: list[Column] = []
    for kind in ("month", "date"):
        dated = [column for column in columns if column.kind == kind]
        past += dated[:1] if len(dated) == 2 else dated  # two are a period, the first its start
    return [column for column in past if not column.may_be_future]


def _after(value: str, on: date) -> bool:
    """Whether a canonical date or month lies after the day; the present month does not."""
    return value > on.isoformat()[: len(value)]


def _agrees_with_id(spec: FormField, answers: Answers, value: object) -> None:
    number = answers.get(f"field:{spec.id_field}")
    wanted = derived(spec, number) if isinstance(number, str) and number else None
    if wanted is not None and wanted != value:
        key = "error.birth_differs_from_id" if spec.derive == "birth_date_from_id" else "error.sex_differs_from_id"
        raise InvalidAnswer(key, from_id=_shown(spec, wanted))


def at_odds_with_id(ready: Prepared, answers: Answers) -> Iterator[tuple[str, InvalidAnswer]]:
    """Among answers that no plan has asked for yet, those that say otherwise than the ID number beside them, and why
    not."""
    for spec in ready.field_specs.values():
        key = f"field:{spec.id}"
        if spec.derive and key in answers:
            try:
                _agrees_with_id(spec, answers, answers[key])
            except InvalidAnswer as refusal:
                yield key, refusal


def _agrees_with_fact(ready: Prepared, now: Plan, answers: Answers, spec: FormField, value: object) -> None:
    key = f"fact:{spec.from_fact}"
    given = answers.get(key) if now.ask(key) is not None else None
    if given not in (None, UNSURE, value):
        asked = ready.facts[spec.from_fact]
        shown = _shown(asked, given)
        raise InvalidAnswer("error.differs_from_fact", earlier=shown, question=asked.label, earlier_key=key)


def _id_agrees(follower: FormField, answers: Answers, number: str) -> None:
    given = answers.get(f"field:{follower.id}")
    wanted = derived(follower, number)
    if given and wanted is not None and given != wanted:
        key = "error.id_differs_from_birth" if follower.derive == "birth_date_from_id" else "error.id_differs_from_sex"
        raise InvalidAnswer(key, from_id=_shown(follower, wanted), given=_shown(follower, given))


def _shown(spec: FormField | Ask, value: object) -> Text:
    return Text(zh=display(spec, value, "zh"), en=display(spec, value, "en"))


_ENDS = (("_start", "_end"), ("_from", "_to"), ("_since", "_until"))


def _period(ready: Prepared, now: Plan, answers: Answers, spec: FormField, value: str) -> None:
    """Fields ``x_start`` and ``x_end`` (or from/to, since/until) hold a period that must not end before it starts."""
    for first, last in _ENDS:
        if spec.id.endswith(last):
            other, is_end = spec.id.removesuffix(last) + first, True
        elif spec.id.endswith(first):
            other, is_end = spec.id.removesuffix(first) + last, False
        else:
            continue
        given = answers.get(f"field:{other}")
        partner = ready.field_specs.get(other)
        if partner is None or partner.kind != spec.kind or not given or now.ask(f"field:{other}") is None:
            return
        start, end = (str(given), value) if is_end else (value, str(given))
        if start > end:
            raise InvalidAnswer("error.range_order", start=_shown(spec, start), end=_shown(spec, end))
