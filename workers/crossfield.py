"""Rules between answers: what each field accepts alone but what cannot be true together. Pure.

Which rule applies follows from the pack (kind, `derive`, `min_age`, `may_be_future`), never from a field's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from models.documents.draft import FindingDraft
from models.errors import InvalidAnswer
from models.programme import idnumber
from models.programme.pack import Column, FormField, Pack, Text

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Around:
    """What a rule may look at beside its own field."""

    answers: Answers
    on: date
    id_field: str  # the form's ID number, for fields that name none

    def id_number(self, spec: FormField) -> str | None:
        """The valid ID number that `spec` is held against, if it is answered."""
        number = self.answers.get(f"field:{spec.id_field or self.id_field}")
        if not isinstance(number, str):
            return None
        try:
            return idnumber.check(number)
        except InvalidAnswer:
            return None  # the ID number's own finding, not this field's


def check_fields(pack: Pack, live: Sequence[str], answers: Answers, on: date) -> list[FindingDraft]:
    """Findings between the answers to the live fields (`live`: answer keys) on the day `on`."""
    every = [spec for section in pack.form.sections for spec in section.fields]
    fields = [spec for spec in every if f"field:{spec.id}" in set(live)]
    around = _Around(answers, on, next((spec.id for spec in every if spec.kind == "id_number"), ""))
    found: list[FindingDraft] = []
    for spec in fields:
        value = answers.get(f"field:{spec.id}")
        if value not in (None, "", []):
            for rule in _RULES:
                found.extend(rule(spec, value, around))
    return found


def _draft(spec: FormField, code: str, blocking: bool = True, **params: Any) -> FindingDraft:
    texts = {name: value.model_dump() if isinstance(value, Text) else value for name, value in params.items()}
    return FindingDraft(
        f"field:{spec.id}", f"finding.{code}", {"label": spec.label.model_dump(), **texts}, spec.clause, blocking
    )


def _birth_agrees(spec: FormField, value: Any, around: _Around) -> Iterator[FindingDraft]:
    number = around.id_number(spec) if spec.derive == "birth_date_from_id" else None
    # A month agrees with the day that it begins.
    if number is not None and not idnumber.birth_date(number).isoformat().startswith(str(value)):
        yield _draft(spec, "birth_mismatch")


def _sex_agrees(spec: FormField, value: Any, around: _Around) -> Iterator[FindingDraft]:
    number = around.id_number(spec) if spec.derive == "sex_from_id" else None
    if number is not None and idnumber.sex(number) != value:
        yield _draft(spec, "sex_mismatch")


def _is_past(spec: FormField, value: Any, around: _Around) -> Iterator[FindingDraft]:
    if spec.kind in ("date", "month") and not spec.may_be_future and _after(value, around.on):
        yield _draft(spec, "in_future")


def _old_enough(spec: FormField, value: Any, around: _Around) -> Iterator[FindingDraft]:
    """A question, not an error: some people did begin to work as children."""
    number = around.id_number(spec) if spec.min_age else None
    if number is None or spec.kind not in ("date", "month"):
        return
    birth = idnumber.birth_date(number).isoformat()
    birthday = f"{int(birth[:4]) + spec.min_age}{birth[4:]}"
    if value < birthday[: len(value)]:
        yield _draft(spec, "young_start", blocking=False, age=spec.min_age)


def _rows_in_order(spec: FormField, value: Any, around: _Around) -> Iterator[FindingDraft]:
    if spec.kind != "rows" or not isinstance(value, list):
        return
    for number, row in enumerate(value, start=1):
        for start, end in _periods(spec.columns):
            if row.get(start.id) and row.get(end.id) and row[start.id] > row[end.id]:
                yield _draft(spec, "start_after_end", row=number, start=start.label, end=end.label)
        for column in _past_columns(spec.columns):
            if row.get(column.id) and _after(row[column.id], around.on):
                yield _draft(spec, "row_in_future", row=number, column=column.label)


def _periods(columns: Sequence[Column]) -> list[tuple[Column, Column]]:
    """Exactly two months (or two dates) of a row are a period, the first its start."""
    found: list[tuple[Column, Column]] = []
    for kind in ("month", "date"):
        ends = [column for column in columns if column.kind == kind]
        if len(ends) == 2:
            found.extend(pairwise(ends))
    return found


def _past_columns(columns: Sequence[Column]) -> list[Column]:
    open_ends = {end.id for _, end in _periods(columns)}
    dated = [column for column in columns if column.kind in ("month", "date")]
    return [column for column in dated if not column.may_be_future and column.id not in open_ends]


def _after(value: str, on: date) -> bool:
    """Whether a canonical date or month lies after the day `on`; the present month does not."""
    return value > on.isoformat()[: len(value)]


Rule = Callable[[FormField, Any, _Around], Iterator[FindingDraft]]
_RULES: tuple[Rule, ...] = (_birth_agrees, _sex_agrees, _is_past, _old_enough, _rows_in_order)
