"""The registry (入库): the office admits whom it has chosen, with a running number and a day, and ends it by a clause.

Numbers are counted a programme and never given twice, also not after somebody has left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models import clock
from models.application import events, notices, record
from models.application.packs import pack_of
from models.application.tables import Application
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import audit, scope, scope_chain
from models.office.chain_tables import RegistryEntry
from models.office.tables import Staff, UnitRow
from models.programme.loader import load_pack
from models.programme.pack import Pack
from models.programme.retention import add_months
from models.unit_of_work import unit_of_work

LONGEST = 300
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Leaving:
    """A reason to leave that can be chosen: an exit of the programme, or, where its notice names none, a clause."""

    id: str
    clause: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list shows: ``in`` (in the registry now), ``ended``, ``expired`` (the term is over) or all."""

    state: str = "in"
    unit_id: str = ""
    category: str = ""
    page: int = 1

    def query(self, **change: object) -> dict[str, object]:
        """The filter, changed, as the query string of a link."""
        plain: dict[str, object] = {"state": self.state, "unit": self.unit_id, "category": self.category}
        plain |= {"page": 1, **change}
        return {key: value for key, value in plain.items() if value and not (key == "page" and value == 1)}


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list, and how many there are in each state under the same other filters."""

    rows: tuple[tuple[RegistryEntry, Application], ...]
    counts: dict[str, int]
    pages: int


def admit(staff: Staff, ids: Iterable[str], day: date | None) -> int:
    """Enter these people, in the order in which they handed in; how many. Who is in already stays as they are.

    Raises InvalidAnswer (nobody, no day or one to come), Conflict where somebody may not be admitted (any more).
    """
    wanted, staff_id, slug = set(ids), staff.id, scope.programme(staff)
    today = clock.current().today()
    if not wanted:
        raise InvalidAnswer("office.nobody_ticked")
    if day is None or day > today:
        raise InvalidAnswer("office.day_wrong")
    with unit_of_work() as session:
        session.get(UnitRow, scope_chain.office_id(staff), with_for_update=True)  # numbers: one after the other
        there = select(RegistryEntry.application_id).where(RegistryEntry.application_id.in_(wanted))
        wanted -= set(session.scalars(there))
        query = scope_chain.admissible(staff).where(Application.id.in_(wanted)).order_by(Application.id)
        people = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
        if len(people) != len(wanted):
            raise Conflict("office.admit_changed")
        number = session.scalar(select(func.max(RegistryEntry.number)).where(RegistryEntry.programme == slug)) or 0
        for one in sorted(people, key=lambda one: (one.submitted_at or one.created_at, one.id)):
            number += 1
            _enter(session, one, number, day, staff_id)
        return len(people)


def _enter(session: Session, one: Application, number: int, day: date, staff_id: int) -> None:
    years = pack_of(one).afterwards.term_years
    until = add_months(day, 12 * years) if years else None
    entry = RegistryEntry(application_id=one.id, programme=one.programme, number=number, admitted_on=day)
    entry.category, entry.admitted_by, entry.expires_on = next(iter(one.categories or ()), ""), staff_id, until
    session.add(entry)
    about = {"number": number, "day": day.isoformat(), "until": until.isoformat() if until else ""}
    event = events.append(session, one, "admitted", events.staff_actor(staff_id), **about)
    notices.promise_workbooks(session, one, str(event.seq), one.unit_id)
    effect = f"admitted:{one.id}:{event.seq}"
    notices.tell(session, one, effect, "notice.admitted", receipt=one.receipt, number=number)
    audit.write(session, staff_id, audit.ADMIT, f"application:{one.id}", f"{number}")


def leavings(pack: Pack) -> tuple[Leaving, ...]:
    """By what somebody may leave."""
    exits = pack.afterwards.exits
    if exits:
        return tuple(Leaving(one.id, one.clause, one.reason.zh, one.reason.en) for one in exits)
    return tuple(Leaving(one.ref, one.ref, one.heading, one.heading) for one in pack.clauses)


def remove(staff: Staff, entry_id: str, version: int, leaving: str, reason: str, day: date | None) -> RegistryEntry:
    """End somebody's place by one of `leavings`. People have established it; the software never does.

    Raises NotFound, Conflict, InvalidAnswer (no such reason, no words, no day, one to come or before the admission).
    """
    staff_id, words = staff.id, reason.strip()[:LONGEST]
    with unit_of_work() as session:
        entry = scope_chain.get_entry(staff, entry_id)
        if scope.OFFICE not in scope.roles(staff):
            raise NotFound("office.not_found")
        application = record.locked(session, entry.application_id)
        session.refresh(entry, with_for_update=True)
        if entry.version != version or entry.ended_on is not None:
            raise Conflict("office.registry_changed")
        by = next((one for one in leavings(pack_of(application)) if one.id == leaving), None)
        if by is None:
            raise InvalidAnswer("office.exit_unknown")
        if not words:
            raise InvalidAnswer("office.reason_missing")
        if day is None or not entry.admitted_on <= day <= clock.current().today():
            raise InvalidAnswer("office.day_wrong")
        event = events.append(
            session, application, "removed", events.staff_actor(staff_id), clause=by.clause, leaving=by.id, reason=words
        )
        entry.ended_on, entry.ended_clause, entry.ended_reason = day, by.clause[:40], words
        application.person_index = None  # the place is free; whether anew, people decide
        notices.promise_workbooks(session, application, str(event.seq), application.unit_id)
        effect = f"removed:{application.id}:{event.seq}"
        told = {"receipt": application.receipt, "clause": by.clause}
        notices.tell(session, application, effect, "notice.removed", words, **told)
        # The audit is never erased: why stands in the event.
        audit.write(session, staff_id, audit.REMOVE, f"application:{application.id}", by.clause)
        return entry


def entries(staff: Staff, wanted: Filter) -> Found:
    """The list, by number."""
    session, today = db.session(), clock.current().today()
    query = scope_chain.registry(staff)
    if wanted.unit_id:
        query = query.where(Application.unit_id == wanted.unit_id)
    if wanted.category:
        query = query.where(RegistryEntry.category == wanted.category)
    there = RegistryEntry.ended_on.is_(None)
    states = {
        "in": there,
        "expired": there & (RegistryEntry.expires_on < today),
        "ended": RegistryEntry.ended_on.is_not(None),
        "all": or_(there, RegistryEntry.ended_on.is_not(None)),
    }
    counts = {
        name: session.scalar(select(func.count()).select_from(query.where(state).subquery("found"))) or 0
        for name, state in states.items()
    }
    state = wanted.state if wanted.state in states else "in"
    pages = max(1, -(-counts[state] // PAGE_SIZE))
    page = min(max(1, wanted.page), pages)
    shown = query.where(states[state]).order_by(RegistryEntry.number).offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return Found(tuple((row[0], row[1]) for row in session.execute(shown)), counts, pages)


def entry_of(session: Session, application_id: str) -> RegistryEntry | None:
    """The registry's row of an application, if it has one."""
    return session.scalar(select(RegistryEntry).where(RegistryEntry.application_id == application_id))


def is_kept(slug: str) -> bool:
    """Whether this programme keeps a registry."""
    return bool(slug) and bool(load_pack(slug).afterwards.admitted_clause)
