"""What the applications say about a table of numbers: counted as a suggestion, which the unit takes over or not.

The numbers are a lower limit: a unit counts all its people, and not all of them apply.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock
from models.application import answers as kept_answers
from models.application.lifecycle import COUNTED
from models.application.tables import Answer, Application
from models.eligibility import operators
from models.eligibility.verdict import UNSURE
from models.interview import engine
from models.office.tables import UnitRow
from models.office.unit_tables import Place
from models.programme.pack import Fact, When

Suggestion = dict[str, int]


def suggested(session: Session, place: Place) -> tuple[Suggestion, ...]:
    """For each row that the notice names, the unit's own applicants by column; for the programme office those of the
    unit that the row stands for. Empty where the table counts nobody."""
    columns = {column.id: column.count_of for column in place.table.columns if column.count_of is not None}
    if not columns:
        return ()
    units = {row.code: row.id for row in session.scalars(_units(place))}
    found: list[Suggestion] = []
    for code in place.table.row_units:
        mine = code == place.unit.code or place.unit.office
        people = list(_people(session, place, units[code])) if mine and code in units else []
        counts = {name: sum(_holds(session, place, when, *one) for one in people) for name, when in columns.items()}
        found.append({name: number for name, number in counts.items() if number})
    return tuple(found)


def _units(place: Place) -> Any:
    return select(UnitRow).where(UnitRow.programme == place.unit.programme)


def _people(session: Session, place: Place, unit_id: str) -> Iterator[tuple[str, list[str], Mapping[str, Any]]]:
    """Id, categories and answers to the questions that count of everybody whom the unit has in this round and part."""
    wanted = {place.table.each, *(c.count_of.fact for c in place.table.columns if c.count_of is not None)} - {""}
    people = select(Application.id, Application.categories).where(
        Application.round_id == place.intake.id, Application.unit_id == unit_id, Application.status.in_(COUNTED)
    )
    ids = people.with_only_columns(Application.id)
    keys = [f"fact:{name}" for name in wanted]
    told: dict[str, dict[str, Any]] = {}
    query = select(Answer.application_id, Answer.key, Answer.value)
    for application_id, key, value in session.execute(
        query.where(Answer.application_id.in_(ids), Answer.key.in_(keys))
    ):
        told.setdefault(application_id, {})[key] = value
    for application_id, categories in session.execute(people):
        answers = told.get(application_id, {})
        if not place.table.each or answers.get(f"fact:{place.table.each}") == place.part:
            yield application_id, categories or [], answers


def _holds(
    session: Session, place: Place, when: When, application_id: str, categories: list[str], answers: Mapping[str, Any]
) -> bool:
    if when.condition or when.field:
        held = kept_answers.load(session, application_id, place.pack).answers
        return engine.form_of(place.pack, held, clock.current().today()).applies(when)
    if when.category and not set(when.category) & set(categories):
        return False
    return not when.fact or _matches(_facts(place)[when.fact], when, answers.get(f"fact:{when.fact}"))


def _facts(place: Place) -> dict[str, Fact]:
    return {fact.id: fact for fact in (*place.pack.eligibility.facts, *place.pack.routing.facts)}


def _matches(fact: Fact, when: When, value: Any) -> bool:
    if value is None or value in ("", UNSURE):
        return False
    if isinstance(value, list):
        value = tuple(value)
    return operators.holds(when.op, value, when.value, fact, clock.current().today())
