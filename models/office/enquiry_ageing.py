"""For whoever is responsible: how many questions wait at each desk and with each person, since when, and how long an
answer has taken. A taken one whose time ran out counts as open, so that none is out of sight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import case, func

from models.extensions import db
from models.office import scope
from models.office.enquiry_list import is_late
from models.office.enquiry_states import ANSWERED, ASKED, FOR_US, OPEN, TAKEN, free, held, since
from models.office.tables import Enquiry, Staff

WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Desk:
    """A unit (None: the programme office), or a person. `median` and `answered` of the last 30 days; `oldest`: since
    when the one that has waited longest for us does."""

    key: str | int | None
    open: int
    taken: int
    asked: int
    oldest: datetime | None
    answered: int
    median: timedelta | None


def desks(staff: Staff, now: datetime) -> list[Desk]:
    """The desks in reach, who has let somebody wait longest first."""
    return _grouped(staff, now, by_person=False)


def people(staff: Staff, now: datetime) -> list[Desk]:
    """Those who have a question or have answered one lately: `open` is what waits for them without being taken (passed
    to them, answered back, or out of time)."""
    return _grouped(staff, now, by_person=True)


def overdue(staff: Staff, now: datetime) -> Sequence[Enquiry]:
    """Those that have waited for us for a day, longest first."""
    query = scope.enquiries(staff).where(Enquiry.state.in_(FOR_US), is_late(now))
    return db.session.scalars(query.order_by(since(), Enquiry.id).limit(100)).all()


def _grouped(staff: Staff, now: datetime, *, by_person: bool) -> list[Desk]:
    column = Enquiry.taken_by if by_person else Enquiry.unit_id
    reach = scope.enquiries(staff)
    standing = case((free(now), OPEN), (held(now), TAKEN), else_=Enquiry.state)
    counts = reach.where(Enquiry.state.in_((*FOR_US, ASKED)))
    counted = counts.with_only_columns(column, standing.label("s"), func.count(), func.min(since())).group_by(
        column, "s"
    )
    rows = [(key, state, n, oldest) for key, state, n, oldest in db.session.execute(counted)]
    answerer = Enquiry.answered_by if by_person else Enquiry.unit_id
    done = reach.where(Enquiry.state == ANSWERED, Enquiry.answered_at >= now - WITHIN)
    took: dict[str | int | None, list[float]] = {}
    for key, asked, answered in db.session.execute(
        done.with_only_columns(answerer, since(), Enquiry.answered_at).order_by(Enquiry.answered_at)
    ):
        if answered is not None:
            took.setdefault(key, []).append((answered - asked).total_seconds())
    keys = {key for key, *_rest in rows} | set(took)
    found = [_desk(key, [row[1:] for row in rows if row[0] == key], took.get(key, [])) for key in keys]
    if by_person:
        found = [desk for desk in found if desk.key is not None]
    return sorted(found, key=lambda desk: (desk.oldest is None, desk.oldest or now, str(desk.key)))


def _desk(key: str | int | None, states: Iterable[tuple[str, int, datetime]], took: list[float]) -> Desk:
    found = list(states)
    numbers = {state: sum(n for s, n, _oldest in found if s == state) for state in (OPEN, TAKEN, ASKED)}
    waits = [oldest for state, _n, oldest in found if state in FOR_US]
    usual = timedelta(seconds=median(took)) if took else None
    return Desk(key, numbers[OPEN], numbers[TAKEN], numbers[ASKED], min(waits, default=None), len(took), usual)
