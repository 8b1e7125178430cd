"""Which colleagues a member of staff may give cases to; built on `scope` alone."""

from __future__ import annotations

from sqlalchemy import Select, false, select

from models.office import scope
from models.office.tables import Role, Staff, UnitRow


def colleagues(staff: Staff) -> Select[Staff]:
    """Who may be given a case, oneself included: for the office everybody of the programme who decides, else those of
    the own unit."""
    held = scope.roles(staff)
    if staff.unit is None or not held & {scope.REVIEWER, scope.OFFICE}:
        return select(Staff).where(false())
    deciding = Staff.roles.any(Role.name.in_((scope.REVIEWER, scope.OFFICE)))
    query = select(Staff).join(UnitRow, UnitRow.id == Staff.unit_id).where(Staff.active, deciding)
    if scope.OFFICE in held:
        return query.where(UnitRow.programme == staff.unit.programme)
    return query.where(Staff.unit_id == staff.unit_id)


def get_colleague(staff: Staff, member_id: int) -> Staff:
    """The colleague, if there is such a one to give cases to. Raises NotFound otherwise."""
    return scope.one(colleagues(staff).where(Staff.id == member_id))
