"""Who looked at an application, as its person is told: the office and what it did, never which clerk, never why.

Read from the audit (`models.office.audit`), which staff cannot change. A look at the same thing by the same unit on the
same day is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
COMPARED = "compared"
_TOLD = {
    audit.VIEW: OPENED,
    audit.VIEW_PAGE: PHOTO,
    audit.FULL_PAGE: FULL_PHOTO,
    audit.REVEAL: REVEALED,
    audit.EXPORT: TAKEN_OUT,
    audit.EXPORT_VOLUME: TAKEN_OUT,
    audit.VIEW_ELSEWHERE: COMPARED,
}


@dataclass(frozen=True, slots=True)
class Look:
    """`at`: the last time that day. `unit`: None where nobody's account stood behind it (the console). `key`: what was
    revealed, an answer's or a document's key; "" for the rest."""

    at: datetime
    what: str
    unit: UnitRow | None
    key: str = ""


def looks(session: Session, application: Application) -> list[Look]:
    """What was seen and taken out, the last first."""
    documents = _documents(session, application)
    query = (
        select(Audit.at, Audit.action, Audit.subject, UnitRow)
        .outerjoin(Staff, Staff.id == Audit.staff_id)
        .outerjoin(UnitRow, UnitRow.id == Staff.unit_id)
        .where(Audit.action.in_(_TOLD), or_(*_about(session, application, documents)))
        .order_by(Audit.at.desc(), Audit.id)
    )
    return _once_a_day(
        Look(at, _TOLD[action], unit, _key(subject, documents)) for at, action, subject, unit in session.execute(query)
    )


def about(session: Session, application: Application) -> list[ColumnElement[bool]]:
    """The lines of the audit about this application, any of the conditions holding."""
    return _about(session, application, _documents(session, application))


def _documents(session: Session, application: Application) -> dict[str, str]:
    pages = select(DocumentPage.id, DocumentPage.document).where(DocumentPage.application_id == application.id)
    return {row.id: row.document for row in session.execute(pages)}


def _about(session: Session, application: Application, pages: Iterable[str]) -> list[ColumnElement[bool]]:
    """The lines about this application: itself, its answers, its photos; and what its units took out with it inside."""
    subjects = [f"application:{application.id}", *(f"page:{page_id}" for page_id in pages)]
    found: list[ColumnElement[bool]] = [Audit.subject.in_(subjects)]
    # What is part of one: a range of the index, since ";" follows ":".
    found += [and_(Audit.subject >= f"{one}:", Audit.subject < f"{one};") for one in subjects]
    if application.unit_id is not None and application.submitted_at is not None:
        above = units.upwards(session, [application.unit_id])
        books = select("workbook:" + Workbook.id).where(
            Workbook.round_id == application.round_id, Workbook.unit_id.in_(above)
        )
        taken = or_(Audit.subject.in_(books), Audit.subject.in_([f"unit:{unit_id}" for unit_id in above]))
        found.append(and_(taken, Audit.at >= application.submitted_at))
    return found


def _key(subject: str, documents: Mapping[str, str]) -> str:
    kind, _, rest = subject.partition(":")
    ident, _, part = rest.partition(":")
    if kind == "page" and part:  # something read on a page: told by the document that it stands on
        return f"document:{documents[ident]}"
    return part if kind == "application" else ""


def _once_a_day(found: Iterable[Look]) -> list[Look]:
    kept: dict[tuple[object, ...], Look] = {}
    for look in found:
        day = look.at.astimezone(clock.CHINA).date()
        kept.setdefault((day, look.what, look.unit.id if look.unit else "", look.key), look)
    return list(kept.values())
