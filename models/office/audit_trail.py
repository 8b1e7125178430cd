"""Lines of the audit by who did it, what was done, to whose application and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, or_
from sqlalchemy.orm import Session

from models.application import looks, receipt
from models.application.tables import Application
from models.clock import CHINA
from models.errors import InvalidAnswer
from models.office import audit, scope, scope_audit
from models.office.tables import Audit, Staff


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty is everything. `since` and `until` are days in China, both included."""

    action: str = ""
    staff_id: int | None = None
    receipt: str = ""
    since: date | None = None
    until: date | None = None


def lines(session: Session, staff: Staff, wanted: Wanted) -> Select[Audit]:
    """The lines in reach of `staff`, the last first. Raises InvalidAnswer for a number that no application of the
    programme has, and for days that are turned round."""
    query = scope.audit(staff)
    if wanted.action in audit.ACTIONS:
        query = query.where(Audit.action == wanted.action)
    if wanted.staff_id is not None:
        query = query.where(Audit.staff_id == wanted.staff_id)
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise InvalidAnswer("audit.days_turned")
    if wanted.since is not None:
        query = query.where(Audit.at >= _begins(wanted.since))
    if wanted.until is not None:
        query = query.where(Audit.at < _begins(wanted.until + timedelta(days=1)))
    if wanted.receipt.strip():
        query = query.where(or_(*looks.about(session, _application(session, staff, wanted.receipt))))
    return query.order_by(Audit.at.desc(), Audit.id)


def people(session: Session, staff: Staff) -> Sequence[Staff]:
    """Whose lines are in reach, by their names."""
    return session.scalars(scope_audit.people(staff).order_by(Staff.display_name, Staff.id)).all()


def _application(session: Session, staff: Staff, typed: str) -> Application:
    code = receipt.normalise(typed)
    found = session.scalar(scope_audit.application(staff, code)) if code else None
    if found is None:
        raise InvalidAnswer("audit.no_receipt")
    return found


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
