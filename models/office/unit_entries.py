"""What a unit fills in about a person (an employer's rating): sealed, for staff and workbooks alone.

The only reader of the table `unit_entry`. Doors and `models.application` must not import this module, directly or not
(a contract of the import linter), so that no page, chat reply, status or export of an applicant can hold any of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session

from models import clock, crypto
from models.application import answers as kept_answers
from models.application import lifecycle, notices
from models.application.packs import of_version
from models.application.tables import Application, new_id
from models.clock import CHINA
from models.errors import Conflict, InvalidAnswer, NotFound
from models.interview import engine
from models.office import audit, scope
from models.office.tables import Staff, UnitEntry
from models.programme import fields
from models.programme.pack import Pack, UnitField
from models.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from models.application.queries import ApplicationView

Answers = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A field that the unit is asked for about this person, its value (None: not filled in) and that value's version
    (0: none)."""

    field: UnitField
    value: Any
    version: int


def entries(session: Session, view: ApplicationView) -> tuple[Entry, ...]:
    """Everything that the unit is asked for about this person, in the pack's order."""
    held = _held(session, UnitEntry.application_id == view.application.id).get(view.application.id, {})
    application = view.application
    asked = _asked(view.pack, application.categories, application.submitted_at, lambda: view.answers)
    return tuple(Entry(field, *held.get(field.id, (None, 0))) for field in asked)


def may_fill(staff: Staff, application: Application) -> bool:
    """Only the unit that has the application fills in, while it is neither declined nor ended."""
    held = scope.roles(staff) & {scope.REVIEWER, scope.OFFICE}
    return bool(held) and application.unit_id == staff.unit_id and application.status in lifecycle.LIVE


def save(
    staff: Staff, application_id: str, typed: Mapping[str, Any], versions: Mapping[str, int]
) -> dict[str, InvalidAnswer]:
    """Write what has changed, a blank removes; with problems (by field) nothing is written.

    `versions`: which version of each field was on the screen. Raises NotFound out of reach or for another unit's
    person, Conflict where a colleague has changed one of the same fields meanwhile.
    """
    from models.application import queries

    staff_id = staff.id
    with unit_of_work() as session:
        application = scope.get_application(staff, application_id)
        if not may_fill(staff, application):
            raise NotFound("office.not_found")
        session.refresh(application, with_for_update=True)  # one clerk after the other
        known = {entry.field.id: entry for entry in entries(session, queries.view(application_id))}
        wanted, problems = _read(known, typed)
        changed = {key: value for key, value in wanted.items() if value != known[key].value}
        if problems or not changed:
            return problems
        for key in changed:
            if versions.get(key, 0) != known[key].version:
                raise Conflict("office.entry_changed", field=known[key].field.label)
        _write(session, application, changed, {key: entry.version for key, entry in known.items()}, staff_id)
        audit.write(session, staff_id, audit.FILL, f"application:{application_id}", " ".join(sorted(changed)))
    return {}


def put(
    session: Session, application: Application, values: Mapping[str, Any], versions: Mapping[str, int], staff_id: int
) -> None:
    """Write canonical values (None removes) that were read before, within the caller's transaction, which holds the
    application. Raises Conflict where one has changed since (`versions`; 0: was not there)."""
    held = select(UnitEntry.key, UnitEntry.version).where(UnitEntry.application_id == application.id)
    now = {row.key: row.version for row in session.execute(held)}
    if any(now.get(key, 0) != versions.get(key, 0) for key in values):
        raise Conflict("error.conflict")
    _write(session, application, values, now, staff_id)


def fill(session: Session, view: ApplicationView, values: Mapping[str, Any]) -> None:
    """Write canonical values about an invented person, within the caller's transaction: nobody of the staff did."""
    known = {entry.field.id: entry for entry in entries(session, view)}
    versions = {key: entry.version for key, entry in known.items()}
    _write(session, view.application, {key: value for key, value in values.items() if key in known}, versions, None)


def missing(session: Session, slug: str, query: Select[Any]) -> dict[str, tuple[UnitField, ...]]:
    """Required fields that are not filled in yet, by application; whoever lacks nothing is left out.

    `query` selects applications of the programme (see `scope.applications`). Two statements, however many there are,
    as long as the fields depend on nothing but the category.
    """
    found = query.where(Application.status.in_(lifecycle.LIVE))
    rows = session.execute(
        found.with_only_columns(
            Application.id, Application.pack_version, Application.categories, Application.submitted_at
        )
    ).all()
    ids = found.with_only_columns(Application.id).order_by(None)
    keys = select(UnitEntry.application_id, UnitEntry.key).where(UnitEntry.application_id.in_(ids))
    held: dict[str, set[str]] = {}
    for application_id, key in session.execute(keys):
        held.setdefault(application_id, set()).add(key)
    out: dict[str, tuple[UnitField, ...]] = {}
    for row in rows:
        pack = of_version(slug, row.pack_version)
        asked = _asked(pack, row.categories, row.submitted_at, _answers_of(session, row.id, pack))
        if lacking := still_missing(asked, held.get(row.id, ())):
            out[row.id] = lacking
    return out


def of_units(session: Session, round_id: str, unit_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """All values of these units' people in a round, by application and field."""
    people = select(Application.id).where(Application.round_id == round_id, Application.unit_id.in_(unit_ids))
    held = _held(session, UnitEntry.application_id.in_(people))
    return {one: {key: value for key, (value, _version) in values.items()} for one, values in held.items()}


def asked_by(pack: Pack, categories: Iterable[str], answers: Mapping[str, Any], on: date) -> tuple[UnitField, ...]:
    """The fields that a unit is asked for about a person with these categories and answers."""
    held = frozenset(categories)
    return _live(pack, held, lambda: answers, on)


def still_missing(asked: Iterable[UnitField], held: Iterable[str]) -> tuple[UnitField, ...]:
    """The required ones of `asked` that are not among `held`."""
    known = set(held)
    return tuple(field for field in asked if field.required and field.id not in known)


def _asked(
    pack: Pack, categories: Iterable[str] | None, handed_in: datetime | None, answers: Answers
) -> tuple[UnitField, ...]:
    on = handed_in.astimezone(CHINA).date() if handed_in else clock.current().today()
    return _live(pack, frozenset(categories or ()), answers, on)


def _live(pack: Pack, categories: frozenset[str], answers: Answers, on: date) -> tuple[UnitField, ...]:
    """A condition that names categories alone is judged by those that the application was handed in with; anything
    else takes the answers and the form."""
    form = None
    out = []
    for field in pack.form.unit_fields:
        when = field.when
        if when is not None and not (when.condition or when.field or when.fact):
            holds = not categories.isdisjoint(when.category)
        elif when is not None:
            form = form or engine.form_of(pack, answers(), on)
            holds = form.applies(when)
        else:
            holds = True
        if holds:
            out.append(field)
    return tuple(out)


def _answers_of(session: Session, application_id: str, pack: Pack) -> Answers:
    return lambda: kept_answers.load(session, application_id, pack).answers


def _read(known: Mapping[str, Entry], typed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, InvalidAnswer]]:
    """Canonical values (None: blank) of the fields that were sent, and what is wrong."""
    values: dict[str, Any] = {}
    problems: dict[str, InvalidAnswer] = {}
    today = clock.current().today()
    for key, raw in typed.items():
        if key not in known:
            continue
        try:
            blank = isinstance(raw, str) and not raw.strip()
            values[key] = None if blank else fields.parse(known[key].field, raw, today=today)
        except InvalidAnswer as problem:
            problems[key] = problem
    return values, problems


def _write(
    session: Session,
    application: Application,
    values: Mapping[str, Any],
    versions: Mapping[str, int],
    staff_id: int | None,
) -> None:
    now = clock.current().now()
    for key, value in values.items():
        row = session.get(UnitEntry, (application.id, key), populate_existing=True)
        if value is None:
            session.execute(delete(UnitEntry).where(UnitEntry.application_id == application.id, UnitEntry.key == key))
            continue
        sealed = crypto.ring().seal(json.dumps(value, ensure_ascii=False).encode(), place(application.id, key))
        if row is None:
            row = UnitEntry(application_id=application.id, key=key, version=0)
            session.add(row)
        row.sealed, row.version, row.staff_id, row.updated_at = sealed, versions.get(key, 0) + 1, staff_id, now
    session.flush()
    if values:
        notices.promise_workbooks(session, application, new_id(), application.unit_id)


def _held(session: Session, condition: ColumnElement[bool]) -> dict[str, dict[str, tuple[Any, int]]]:
    query = select(UnitEntry.application_id, UnitEntry.key, UnitEntry.sealed, UnitEntry.version).where(condition)
    out: dict[str, dict[str, tuple[Any, int]]] = {}
    for application_id, key, sealed, version in session.execute(query):
        value = json.loads(crypto.ring().open(sealed, place(application_id, key)))
        out.setdefault(application_id, {})[key] = (value, version)
    return out


def place(application_id: str, key: str) -> str:
    """What a sealed value is bound to."""
    return f"unit_entry:{application_id}:{key}"


def versions(session: Session, application_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """The version of every value, by application and key."""
    query = select(UnitEntry.application_id, UnitEntry.key, UnitEntry.version)
    found = session.execute(query.where(UnitEntry.application_id.in_(application_ids)))
    return {(row.application_id, row.key): row.version for row in found}
