"""Who works on which case. A case is taken by opening it and given by a colleague; what has run out is back in the
queue because everybody who reads looks at the time: nothing has to clean up, and nothing can be forgotten.

It is no lock: a colleague may decide all the same, and the version of the application guards that. It is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import clock
from models.application import lifecycle
from models.application.tables import Application
from models.extensions import db
from models.office import audit, scope, scope_reviews
from models.office.review_tables import Assignment
from models.office.tables import Staff
from models.settings import Settings
from models.unit_of_work import unit_of_work

MOST_DAYS = 30  # for which a case can be given


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody has a case. `given`: a colleague gave it; else it was opened."""

    staff_id: int
    name: str
    given: bool
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Load:
    """How many cases that wait for a decision a colleague has now, and since when the oldest of them."""

    member: Staff
    count: int
    since: datetime | None
    until: datetime | None


def lease() -> timedelta:
    """How long a case stays with who opened it."""
    settings: Settings = current_app.config["BOLE"]
    return timedelta(minutes=settings.lease_minutes)


def workable(application: Application) -> bool:
    """Whether a decision is waited for."""
    return lifecycle.allows(application.status, "approved")


def work(session: Session, staff: Staff, application: Application) -> None:
    """Opened to be worked on, within the caller's transaction: it is theirs for a while unless somebody else has it;
    their own is renewed."""
    if not workable(application):
        return
    now = clock.current().now()
    until = now + lease()
    _put(session, [application.id], staff.id, None, until, only_free=True)
    own = (Assignment.application_id == application.id, Assignment.staff_id == staff.id, Assignment.until < until)
    session.execute(update(Assignment).where(*own).values(until=until).execution_options(synchronize_session=False))


def take(staff: Staff, application_id: str) -> None:
    """Take a case over, whoever has it. Raises NotFound out of reach."""
    staff_id = staff.id
    with unit_of_work() as session:
        application = scope.get_decidable(staff, application_id)
        if not workable(application):
            return
        _put(session, [application.id], staff_id, None, clock.current().now() + lease())
        audit.write(session, staff_id, audit.TAKE_CASE, f"application:{application.id}")


def give_back(staff: Staff, application_id: str) -> None:
    """Put a case of one's own back into the queue; somebody else's stays. Raises NotFound out of reach."""
    staff_id = staff.id
    with unit_of_work() as session:
        application = scope.get_decidable(staff, application_id)
        own = (Assignment.application_id == application.id, Assignment.staff_id == staff_id)
        if session.scalar(delete(Assignment).where(*own).returning(Assignment.application_id)):
            audit.write(session, staff_id, audit.GIVE_BACK, f"application:{application.id}")


def assign(staff: Staff, ids: Sequence[str], member_id: int, days: int) -> list[str]:
    """Give these cases to a colleague for so many days; which of them could be given: those that wait for a decision
    which both may make. Raises NotFound for somebody who is no colleague."""
    staff_id = staff.id
    until = clock.current().now() + timedelta(days=min(max(days, 1), MOST_DAYS))
    with unit_of_work() as session:
        member = scope_reviews.get_colleague(staff, member_id)
        given = assignable(staff, member, ids)
        if given:
            _put(session, given, member.id, staff_id, until)
        for application_id in given:
            audit.write(session, staff_id, audit.ASSIGN, f"application:{application_id}", f"→ {member.username}")
    return given


def assignable(staff: Staff, member: Staff, ids: Iterable[str]) -> list[str]:
    """Those of the cases that wait for a decision which both `staff` and `member` may make, in the given order."""
    wanted = list(ids)
    both = scope.decidable(staff).where(
        Application.id.in_(wanted), Application.id.in_(scope.decidable(member).with_only_columns(Application.id))
    )
    found = {one.id for one in db.session.scalars(both) if workable(one)}
    return [one for one in wanted if one in found]


def recall(staff: Staff, member_id: int) -> int:
    """Put everything that a colleague has, and `staff` may decide, back into the queue; the number."""
    staff_id = staff.id
    with unit_of_work() as session:
        member = scope_reviews.get_colleague(staff, member_id)
        reach = scope.decidable(staff).with_only_columns(Application.id)
        theirs = (Assignment.staff_id == member.id, Assignment.application_id.in_(reach))
        gone = session.scalars(delete(Assignment).where(*theirs).returning(Assignment.application_id)).all()
        if gone:
            audit.write(session, staff_id, audit.RECALL, f"staff:{member.id}")
    return len(gone)


def let_go(session: Session, staff_id: int) -> None:
    """Whoever leaves the desk has no cases any more, within the caller's transaction."""
    session.execute(delete(Assignment).where(Assignment.staff_id == staff_id))


def done(session: Session, application_ids: Sequence[str]) -> None:
    """Decided: nobody has them any more."""
    session.execute(delete(Assignment).where(Assignment.application_id.in_(application_ids)))


def holders(ids: Iterable[str]) -> dict[str, Held]:
    """Who has each of these applications now; none for those that nobody has."""
    query = (
        select(Assignment, Staff.display_name)
        .join(Staff, Staff.id == Assignment.staff_id)
        .where(Assignment.application_id.in_(list(ids)), Assignment.until > clock.current().now())
    )
    return {
        row.application_id: Held(row.staff_id, name, row.given_by is not None, row.at, row.until)
        for row, name in db.session.execute(query)
    }


def loads(staff: Staff) -> list[Load]:
    """What each colleague has, those with most first."""
    waiting = [status for status in lifecycle.STATUSES if lifecycle.allows(status, "approved")]
    reach = scope.decidable(staff).where(Application.status.in_(waiting)).with_only_columns(Application.id)
    query = (
        select(Assignment.staff_id, func.count(), func.min(Assignment.at), func.min(Assignment.until))
        .where(Assignment.until > clock.current().now(), Assignment.application_id.in_(reach))
        .group_by(Assignment.staff_id)
    )
    found = {row[0]: row[1:] for row in db.session.execute(query)}
    members = db.session.scalars(scope_reviews.colleagues(staff).order_by(Staff.id)).all()
    listed = [Load(member, *found.get(member.id, (0, None, None))) for member in members]
    return sorted(listed, key=lambda load: -load.count)


def _put(
    session: Session, ids: Sequence[str], staff_id: int, given_by: int | None, until: datetime, only_free: bool = False
) -> None:
    """Whoever had them, or only those that nobody has: decided by the statement itself, also between two at once."""
    now = clock.current().now()
    dialect = session.get_bind().dialect.name
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(Assignment)
    replaced = {name: insert.excluded[name] for name in ("staff_id", "given_by", "at", "until")}
    put = insert.on_conflict_do_update(
        index_elements=["application_id"], set_=replaced, where=(Assignment.until <= now) if only_free else None
    )
    rows = [
        {"application_id": one, "staff_id": staff_id, "given_by": given_by, "at": now, "until": until} for one in ids
    ]
    session.execute(put.values(rows).execution_options(synchronize_session=False))
