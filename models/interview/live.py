"""Which sections, fields and documents are live under these answers, and with which options and suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from models.eligibility import operators
from models.eligibility.compiled import compiled
from models.eligibility.reach import MET, STAFF
from models.eligibility.verdict import UNSURE, Assessment, Status
from models.errors import InvalidAnswer
from models.interview.prepared import Prepared
from models.interview.steps import Ask
from models.programme import idnumber
from models.programme.pack import FormField, Option, When


@dataclass(slots=True)
class Form:
    """The form stage of one plan."""

    prepared: Prepared
    answers: Mapping[str, Any]
    facts: Mapping[str, Any]
    assessment: Assessment
    conditions: Mapping[str, int]  # condition id → status as the compiled pack counts
    on: date
    live: dict[str, Ask] = field(default_factory=dict)  # field id → ask
    _derived: dict[str, str | None] = field(default_factory=dict)  # field id → what the ID number says

    def ask(self, spec: FormField) -> Ask | None:
        """The ask of a field with its options and suggestion; None if it does not apply now."""
        if not self.applies(spec.when):
            return None
        ask = self.prepared.fields[spec.id]
        if spec.parent:
            options = self.options(spec)
            if not options:
                return None
            ask = replace(ask, options=options)
        suggestion = self.suggestion(spec, ask.options)
        return ask if suggestion is None else replace(ask, suggestion=suggestion)

    def options(self, spec: FormField) -> tuple[Option, ...]:
        """The options under the parent's answer; all of them while the parent is unanswered."""
        if spec.parent not in self.live:
            return ()
        chosen = self.answers.get(f"field:{spec.parent}")
        if not chosen:
            return spec.options
        return tuple(option for option in spec.options if option.parent in ("", chosen))

    def suggestion(self, spec: FormField, options: tuple[Option, ...]) -> Any:
        """What can be offered: from the ID number, or from an eligibility answer."""
        from_id = self.from_id(spec)
        if from_id is not None:
            return from_id
        value = self.facts.get(spec.from_fact) if spec.from_fact else None
        if value is None or value == UNSURE:
            return None
        known = {option.value for option in options}
        if spec.kind == "choice":
            return value if value in known else None
        if spec.kind == "choices":
            return [item for item in value if item in known] or None
        return value

    def from_id(self, spec: FormField) -> str | None:
        """What the ID number says, where one is asked for and given."""
        if not spec.derive or not self.applies(self.prepared.field_specs[spec.id_field].when):
            return None
        number = self.answers.get(f"field:{spec.id_field}")
        if not isinstance(number, str) or not number:
            return None
        if spec.id not in self._derived:
            self._derived[spec.id] = derived(spec, number)
        return self._derived[spec.id]

    def answered(self, spec: FormField, ask: Ask) -> bool:
        """Answered, and still fitting: within the narrowed options, and in agreement with the ID number."""
        key = f"field:{spec.id}"
        if key not in self.answers:
            return False
        value = self.answers[key]
        if value is None or value in ("", []) or value == ():
            return not spec.required
        if self.from_id(spec) not in (None, value):
            return False
        if spec.binding and self.facts.get(spec.from_fact) not in (None, UNSURE, value):
            return False
        if spec.kind == "rows":
            return spec.min_rows <= len(value) <= spec.max_rows and all(_whole(spec, row) for row in value)
        if isinstance(value, str) and ask.max_length and len(value) > ask.max_length:
            return False  # kept from a version that left more room
        if spec.kind in ("choice", "choices"):
            known = {option.value for option in ask.options}
            return known.issuperset([value] if isinstance(value, str) else value)
        return True

    def applies(self, when: When | None) -> bool:
        """Whether all given parts of a `When` hold; what is unanswered does not match."""
        if when is None:
            return True
        if when.category and not any(self._category(name) for name in when.category):
            return False
        if when.condition and not any(self._condition(name) for name in when.condition):
            return False
        if when.fact and not self._matches(when, self.facts.get(when.fact), when.fact):
            return False
        if when.field:
            if when.field not in self.live:
                return False
            spec = self.prepared.field_specs[when.field]
            return _fits(when, self.answers.get(f"field:{when.field}"), spec, self.on)
        return True

    def may_apply(self, when: When | None) -> bool:
        """Whether only a field that is not asked yet stands between this and applying."""
        if when is None or not when.field or when.field in self.live:
            return False
        return self.applies(when.model_copy(update={"field": ""}))

    def _category(self, name: str) -> bool:
        assessment = self.assessment
        return name in assessment.claimed and assessment.categories[name].status is not Status.NOT_MET

    def _condition(self, name: str) -> bool:
        return self.conditions[name] in (MET, STAFF)

    def _matches(self, when: When, value: Any, fact: str) -> bool:
        return _fits(when, value, compiled(self.prepared.pack).facts[fact], self.on)


def _whole(spec: FormField, row: Mapping[str, Any]) -> bool:
    """Whether a row has every required column; one kept from another version may lack a new one."""
    return all(row.get(column.id) not in (None, "") for column in spec.columns if column.required)


def _fits(when: When, value: Any, spec: Any, on: date) -> bool:
    if value is None or value == "" or value == UNSURE:
        return False
    try:
        return operators.holds(when.op, value, when.value, spec, on)
    except ValueError:  # an answer kept from another version of the list does not match
        return False


def derived(spec: FormField, number: str) -> str | None:
    """The birth date or sex that an ID number gives; None for a number kept from before it could be checked."""
    try:
        number = idnumber.check(number)
    except InvalidAnswer:
        return None
    if spec.derive == "birth_date_from_id":
        return idnumber.birth_date(number).isoformat()
    return idnumber.sex(number)
