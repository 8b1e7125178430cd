"""What a person gave in one programme, as another one would take it: matched by profile, accepted by its own rules.

Pure, and never more than the target's own interview would accept one answer at a time. An answer that stands is never
replaced; what does not fit (another list of options, a column that is missing, at odds with an answer given here) is
left to be filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.errors import InvalidAnswer
from models.interview import engine
from models.interview.prepared import Prepared, prepared
from models.interview.steps import Answers, Ask, Plan, Stage
from models.programme.pack import Column, FormField, Option, Pack

_WRITTEN = frozenset({"text", "long_text", "place"})
_NOTHING: tuple[Any, ...] = (None, "", [], ())


@dataclass(frozen=True, slots=True)
class CarriedField:
    """An answer as the target keeps it. `source`: the field it comes from."""

    ask: Ask
    value: Any
    source: FormField


@dataclass(frozen=True, slots=True)
class CarriedDocument:
    """A document of the target that has no page yet, and the source's document of the same profile."""

    ask: Ask
    source: str


@dataclass(frozen=True, slots=True)
class Carried:
    """All that fits, in the target's order."""

    fields: tuple[CarriedField, ...]
    documents: tuple[CarriedDocument, ...]


def carried(source: Pack, given: Answers, target: Pack, present: Answers, on: date) -> Carried:
    """What of the answers `given` to `source` fits into the open questions of `target`; nothing before its form."""
    ready = prepared(target)
    known = _by_profile(source, given)
    values, found, tried = dict(present), [], set(present)
    while True:
        plan = engine.plan(target, values, on)
        ask = next(_open(ready, plan, known, tried), None)
        if ask is None:
            break
        tried.add(ask.key)
        spec, value = known[_profile(ready, ask)]
        taken = _taken(target, values, ask, _translated(spec, value, ask, ready), on)
        if taken not in _NOTHING:
            values[ask.key] = taken
            found.append(CarriedField(ask, taken, spec))
    return Carried(_in_order(plan, found), tuple(_documents(source, given, ready, plan, present)))


def _by_profile(source: Pack, given: Answers) -> dict[str, tuple[FormField, Any]]:
    """Profile → the first field of the form that has it and an answer."""
    known: dict[str, tuple[FormField, Any]] = {}
    for section in source.form.sections:
        for field in section.fields:
            value = given.get(f"field:{field.id}")
            if field.profile and value not in _NOTHING:
                known.setdefault(field.profile, (field, value))
    return known


def _profile(ready: Prepared, ask: Ask) -> str:
    spec = ready.field_specs.get(ask.key.removeprefix("field:"))
    return spec.profile if spec is not None else ""


def _open(ready: Prepared, plan: Plan, known: Mapping[str, Any], tried: set[str]) -> Iterator[Ask]:
    for ask in plan.asks:
        if ask.stage is Stage.FORM and ask.key not in tried and _profile(ready, ask) in known:
            yield ask


def _taken(target: Pack, values: Answers, ask: Ask, raw: Any, on: date) -> Any:
    if raw in _NOTHING:
        return None
    try:
        value = engine.accept(target, values, ask.key, raw, on)
    except InvalidAnswer:
        return None
    # An eligibility answer given here, or the ID number, says something else: people put that right, not we.
    return value if ask.suggestion in (None, value) else None


def _in_order(plan: Plan, found: Sequence[CarriedField]) -> tuple[CarriedField, ...]:
    place = {ask.key: number for number, ask in enumerate(plan.asks)}
    return tuple(sorted(found, key=lambda one: place[one.ask.key]))


def _translated(spec: FormField, value: Any, ask: Ask, ready: Prepared) -> Any:
    """The source's value in the target's terms; None where there is none."""
    kinds = (spec.kind, ask.kind)
    if kinds == ("rows", "rows"):
        target = ready.field_specs[ask.key.removeprefix("field:")]
        return _rows(spec.columns, value, target.columns)
    if ask.kind == "choice" and spec.kind in ("choice", "choices"):
        return _single(_options(spec.options, _listed(value), ask.options))
    if ask.kind == "choices" and spec.kind in ("choice", "choices"):
        return _options(spec.options, _listed(value), ask.options)
    return _plain(spec, value, ask.kind)


def _plain(spec: FormField | Column, value: Any, kind: str) -> Any:
    """What is not chosen from a list on both sides. A label reads as text, a day is in its month, never the reverse."""
    if spec.kind == kind or (spec.kind in _WRITTEN and (kind in _WRITTEN or kind == "choice")):
        return value
    if spec.kind == "choice" and kind in _WRITTEN:
        return next((option.label.zh for option in spec.options if option.value == value), None)
    if (spec.kind, kind) == ("date", "month"):
        return str(value)[:7]
    return None


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _single(values: list[str] | None) -> str | None:
    return values[0] if values and len(values) == 1 else None


def _options(mine: Sequence[Option], chosen: Sequence[str], theirs: Sequence[Option]) -> list[str] | None:
    """The target's options that mean the same, by label or national number: a value is only a list's own code, and
    ``03`` may be something else in another list. None if one of them has no counterpart."""
    out = []
    for value in chosen:
        own = next((option for option in mine if option.value == value), None)
        same = [] if own is None else [other for other in theirs if _same(own, other)]
        if len(same) != 1:
            return None
        out.append(same[0].value)
    return out


def _same(one: Option, other: Option) -> bool:
    return one.label.zh == other.label.zh or (one.gb != "" and one.gb == other.gb)


def _rows(
    mine: Sequence[Column], rows: Sequence[Mapping[str, Any]], theirs: Sequence[Column]
) -> list[dict[str, Any]] | None:
    """Each row by the profiles of its columns; None if a cell has no counterpart, as half a row says something else.

    What the target asks beyond them stays blank, so that a required column refuses the whole."""
    by_profile = {column.profile: column for column in mine if column.profile}
    pairs = [(column, by_profile[column.profile]) for column in theirs if column.profile in by_profile]
    out = [{column.id: _cell(own, row.get(own.id), column) for column, own in pairs} for row in rows]
    return None if any(cell is None for row in out for cell in row.values()) else out


def _cell(own: Column, value: Any, column: Column) -> Any:
    if value in _NOTHING:
        return ""
    if own.kind == column.kind == "choice":
        return _single(_options(own.options, [value], column.options))
    return _plain(own, value, column.kind)


def _documents(
    source: Pack, given: Answers, ready: Prepared, plan: Plan, present: Answers
) -> Iterator[CarriedDocument]:
    """Documents without a page here, whose profile the source has photographed. A portrait is judged as one, so only
    another portrait takes its place; more pages than there is room for are no whole document."""
    specs = {f"document:{document.id}": document for document, _ in ready.documents}
    for ask in plan.documents:
        spec = specs[ask.key]
        if not spec.profile or ask.key in present:
            continue
        for document in source.documents.documents:
            count = given.get(f"document:{document.id}") or 0
            fits = 0 < count <= max(ask.max_pages, 1)
            if document.profile == spec.profile and document.portrait == spec.portrait and fits:
                yield CarriedDocument(ask, document.id)
                break
