"""Who looked at an application, as its person is told: the office and what it did, never which clerk, never why.

Read from the audit (`models.office.audit`), which staff cannot change. A look at the same thing by the same unit on the
same day is told once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from models import clock
from models.application.tables import Application, DocumentPage
from models.office import audit, units
from models.office.tables import Audit, Staff, UnitRow, Workbook

# What is told, by the audit's actions; the words are the doors'.
OPENED, PHOTO, FULL_PHOTO, REVEALED, TAKEN_OUT = "opened", "photo", "full_photo", "revealed", "taken_out"
_TOLD = {
    audit.VIEW: OPENED,
    audit.VIEW_PAGE: PHOTO,
    audit.FULL_PAGE: FULL_PHOTO,
    audit.REVEAL: REVEALED,
    audit.EXPORT: TAKEN_OUT,
    audit.EXPORT_VOLUME: TAKEN_OUT,
}


@dataclass(frozen=True, slots=True)
class Look:
    """`at`: the last time that day. `unit`: None where nobody's account stood behind it (the console). `key`: what was
    revealed, an answer's key; "" for the rest."""

    at: datetime
    what: str
    unit: UnitRow | None
    key: str = ""


def looks(session: Session, application: Application) -> list[Look]:
    """What was seen and taken out, the last first."""
    query = (
        select(Audit.at, Audit.action, Audit.subject, UnitRow)
        .outerjoin(Staff, Staff.id == Audit.staff_id)
        .outerjoin(UnitRow, UnitRow.id == Staff.unit_id)
        .where(Audit.action.in_(_TOLD), or_(*_about(session, application)))
        .order_by(Audit.at.desc(), Audit.id)
    )
    return _once_a_day(
        Look(at, _TOLD[action], unit, _key(subject)) for at, action, subject, unit in session.execute(query)
    )


def _about(session: Session, application: Application) -> list[ColumnElement[bool]]:
    """The lines about this application: itself, its answers, its photos; and what its units took out with it inside."""
    app_id = application.id
    pages = select("page:" + DocumentPage.id).where(DocumentPage.application_id == app_id)
    own = f"application:{app_id}"
    found = [
        Audit.subject == own,
        and_(Audit.subject >= f"{own}:", Audit.subject < f"{own};"),  # a range of the index; ";" follows ":"
        Audit.subject.in_(pages),
    ]
    page_ids = session.scalars(select(DocumentPage.id).where(DocumentPage.application_id == app_id))
    found += [and_(Audit.subject >= f"page:{one}:", Audit.subject < f"page:{one};") for one in page_ids]
    if application.unit_id is not None and application.submitted_at is not None:
        above = units.upwards(session, [application.unit_id])
        books = select("workbook:" + Workbook.id).where(
            Workbook.round_id == application.round_id, Workbook.unit_id.in_(above)
        )
        taken = or_(Audit.subject.in_(books), Audit.subject.in_([f"unit:{unit_id}" for unit_id in above]))
        found.append(and_(taken, Audit.at >= application.submitted_at))
    return found


def _key(subject: str) -> str:
    return subject.partition(":")[2].partition(":")[2] if subject.startswith("application:") else ""


def _once_a_day(found: Iterable[Look]) -> list[Look]:
    kept: dict[tuple[object, ...], Look] = {}
    for look in found:
        day = look.at.astimezone(clock.CHINA).date()
        kept.setdefault((day, look.what, look.unit.id if look.unit else "", look.key), look)
    return list(kept.values())
