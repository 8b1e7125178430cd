"""The shared inbox as a list: what is shown of it, in which order, and how many there are of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, case, func, or_

from models.extensions import db
from models.office import counting, scope
from models.office.enquiry_states import ANSWERED, ASKED, CLOSED, FOR_US, OPEN, TAKEN, free, held, since
from models.office.tables import Enquiry, Staff

LATE, LATER = timedelta(days=1), timedelta(days=3)  # so long a question may wait before its colour changes
PAGE_SIZE = 50
VIEWS = ("", "free", "mine", "asked", "answered", "closed")
Age = Literal["", "late", "later"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of the list. `counts` by view; `units`: how many wait for us at each desk (None: the office)."""

    rows: list[Enquiry]
    counts: dict[str, int]
    units: dict[str | None, int]
    more: bool


@dataclass(frozen=True, slots=True)
class Waits:
    """How many wait for us, and how many of them for a day already."""

    all: int
    late: int


def age(since_: datetime, now: datetime) -> Age:
    """Whether it has waited for a day, or for three; from the moment at which its waiting time reads so."""
    waited = now - since_
    return "later" if waited >= LATER else "late" if waited >= LATE else ""


def is_late(now: datetime) -> ColumnElement[bool]:
    """The same as a condition: it has waited for a day."""
    return since() <= now - LATE


def view(staff: Staff, name: str, now: datetime, *, unit: str = "", page: int = 1) -> Shown:
    """One of `VIEWS` ("" is all that wait for us): who has waited longest first, or what was done last first. `unit`:
    the id of a unit, ``office``, or empty for every desk in reach."""
    reach = scope.enquiries(staff)
    query = reach.where(_in_view(staff, name, now))
    if unit:
        query = query.where(Enquiry.unit_id.is_(None) if unit == "office" else Enquiry.unit_id == unit)
    query = _ordered(query, name, now).limit(PAGE_SIZE + 1).offset((max(page, 1) - 1) * PAGE_SIZE)
    rows = list(db.session.scalars(query))
    return Shown(rows[:PAGE_SIZE], _counts(reach, staff, now), _units(reach), len(rows) > PAGE_SIZE)


def neighbours(staff: Staff, enquiry: Enquiry) -> tuple[str | None, str | None]:
    """The questions that wait for us before and after this one, who has waited longest first."""
    at, reach = enquiry.waiting_since or enquiry.created_at, scope.enquiries(staff).where(Enquiry.state.in_(FOR_US))
    earlier = or_(since() < at, (since() == at) & (Enquiry.id < enquiry.id))
    later = or_(since() > at, (since() == at) & (Enquiry.id > enquiry.id))
    ids = [
        reach.where(earlier).order_by(since().desc(), Enquiry.id.desc()),
        reach.where(later).order_by(since(), Enquiry.id),
    ]
    before, after = (db.session.scalar(query.with_only_columns(Enquiry.id).limit(1)) for query in ids)
    return before, after


def following(staff: Staff, now: datetime) -> str | None:
    """The question to go on with: who has waited longest of those that no colleague is answering."""
    own = Enquiry.state.in_(FOR_US) & (Enquiry.taken_by == staff.id)
    query = scope.enquiries(staff).where(or_(free(now), own)).order_by(since(), Enquiry.id)
    return db.session.scalar(query.with_only_columns(Enquiry.id).limit(1))


def for_us(staff: Staff) -> Select[str]:
    """Ids of the questions in reach that wait for us."""
    return scope.enquiries(staff).where(Enquiry.state.in_(FOR_US)).with_only_columns(Enquiry.id)


def waiting(staff: Staff, now: datetime) -> Waits:
    """How many these are."""
    mine = for_us(staff)
    found = counting.together(db.session(), {"all": mine, "late": mine.where(is_late(now))})
    return Waits(found["all"], found["late"])


def _in_view(staff: Staff, name: str, now: datetime) -> ColumnElement[bool]:
    conditions: dict[str, ColumnElement[bool]] = {
        "": Enquiry.state.in_(FOR_US),
        "free": free(now),
        "mine": Enquiry.state.in_(FOR_US) & (Enquiry.taken_by == staff.id),
        "asked": Enquiry.state == ASKED,
        "answered": Enquiry.state == ANSWERED,
        "closed": Enquiry.state == CLOSED,
    }
    return conditions.get(name, conditions[""])


def _ordered(query: Select[Enquiry], name: str, now: datetime) -> Select[Enquiry]:
    if name == "answered":
        return query.order_by(Enquiry.answered_at.desc(), Enquiry.id)
    if name == "closed":
        return query.order_by(Enquiry.closed_at.desc(), Enquiry.id)
    if name == "asked":
        return query.order_by(Enquiry.asked_at, Enquiry.id)
    return query.order_by(case((held(now), 1), else_=0), since(), Enquiry.id)


def _counts(reach: Select[Enquiry], staff: Staff, now: datetime) -> dict[str, int]:
    standing = case((free(now), OPEN), (held(now), TAKEN), else_=Enquiry.state)
    mine = case((Enquiry.taken_by == staff.id, 1), else_=0)
    found: list[Any] = list(
        db.session.execute(
            reach.with_only_columns(standing.label("s"), mine.label("m"), func.count()).group_by("s", "m")
        )
    )
    of = {state: sum(n for s, _m, n in found if s == state) for state in (OPEN, TAKEN, ASKED, ANSWERED, CLOSED)}
    own = sum(n for s, m, n in found if m and s in FOR_US)
    return {
        **{"": of[OPEN] + of[TAKEN], "free": of[OPEN], "mine": own},
        **{"asked": of[ASKED], "answered": of[ANSWERED], "closed": of[CLOSED]},
    }


def _units(reach: Select[Enquiry]) -> dict[str | None, int]:
    query = reach.where(Enquiry.state.in_(FOR_US)).with_only_columns(Enquiry.unit_id, func.count())
    return dict(list(db.session.execute(query.group_by(Enquiry.unit_id))))
