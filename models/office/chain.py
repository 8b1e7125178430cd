"""How a programme's chain goes: to whom a unit reports, and with whom a person is who has been reported.

A person who has passed is with the unit that collected them; reported and taken in, with the unit that took them in,
until it reports them upward with its own. Without a reporting step (`Routing.reports_clause`) whoever has passed is
before the office at once, as are those that the office has collected itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from models.application.lifecycle import APPROVED, REPORTED
from models.application.tables import Application
from models.office.chain_tables import ReportItem, ReportPart, UnitReport
from models.office.tables import UnitRow
from models.programme.pack import Pack

SENT, RECEIVED, SENT_BACK = "reported", "received", "sent_back"  # states of a report


def reports(pack: Pack) -> bool:
    """Whether units hand people upward in this programme."""
    return bool(pack.routing.reports_clause)


def admits(pack: Pack) -> bool:
    """Whether the office keeps a registry."""
    return bool(pack.afterwards.admitted_clause)


def target(session: Session, unit: UnitRow) -> UnitRow | None:
    """To whom the unit reports: the unit above it, else the programme office; None for the office itself."""
    if unit.office:
        return None
    if unit.parent_id is not None:
        return session.get(UnitRow, unit.parent_id)
    return session.scalar(select(UnitRow).where(UnitRow.programme == unit.programme, UnitRow.office.is_(True)))


def with_unit(unit_id: str) -> ColumnElement[bool]:
    """Reported people whose report this unit has taken in and not passed on."""
    came, onward = aliased(UnitReport), aliased(UnitReport)
    taken, passed = aliased(ReportItem), aliased(ReportItem)
    held = (
        select(taken.application_id)
        .join(came, came.id == taken.report_id)
        .where(came.to_unit_id == unit_id, came.state == RECEIVED, taken.sent_back.is_(False))
    )
    gone = (
        select(passed.application_id)
        .join(onward, onward.id == passed.report_id)
        .where(onward.unit_id == unit_id, onward.state.in_((SENT, RECEIVED)), passed.sent_back.is_(False))
    )
    return and_(Application.status == REPORTED, Application.id.in_(held), Application.id.not_in(gone))


def reportable(unit_id: str) -> ColumnElement[bool]:
    """Whom this unit may hand upward now: its own who have passed, and those it has taken in."""
    own = and_(Application.unit_id == unit_id, Application.status == APPROVED)
    return or_(own, with_unit(unit_id))


def before_office(pack: Pack, office_id: str) -> ColumnElement[bool]:
    """Who waits for the office's decision to admit."""
    passed = Application.status == APPROVED
    if not reports(pack):
        return passed
    return or_(and_(passed, Application.unit_id == office_id), with_unit(office_id))


def is_complete(parts: Sequence[ReportPart]) -> bool:
    """Whether all files of a report have been made and none was called back."""
    return bool(parts) and all(part.storage_key for part in parts)
