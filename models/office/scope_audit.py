"""By what lines of the audit are found: whose they are, and whose application they are about."""

from __future__ import annotations

from sqlalchemy import Select, or_, select

from models.application.tables import Application
from models.office import scope
from models.office.tables import Staff, UnitRow


def people(staff: Staff) -> Select[Staff]:
    """Whose lines `scope.audit` gives."""
    if scope.roles(staff) & {scope.OFFICE, scope.ADMIN}:
        own = UnitRow.programme == scope.programme(staff)
        return select(Staff).join(UnitRow, UnitRow.id == Staff.unit_id).where(own)
    kept = scope.members(staff).with_only_columns(Staff.id)
    return select(Staff).where(or_(Staff.id == staff.id, Staff.id.in_(kept)))


def application(staff: Staff, code: str) -> Select[Application]:
    """The application of the own programme with this number. Only to find lines that are in reach anyway:
    administrators reach no application."""
    return select(Application).where(Application.receipt == code, Application.programme == scope.programme(staff))
