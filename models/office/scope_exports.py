"""Which exports a member of staff reaches, and who may decide on them; built on `models.office.scope`."""

from __future__ import annotations

from sqlalchemy import Select, false, select

from models.office import scope
from models.office.review_tables import ExportRequest
from models.office.tables import Staff

MAY = (scope.REVIEWER, scope.OFFICE)


def exports(staff: Staff) -> Select[ExportRequest]:
    """One's own and those of one's own unit's members, who are asked to approve them."""
    if staff.unit is None or not scope.roles(staff) & {*MAY}:
        return select(ExportRequest).where(false())
    query = select(ExportRequest).join(Staff, Staff.id == ExportRequest.staff_id)
    return query.where(ExportRequest.programme == staff.unit.programme, Staff.unit_id == staff.unit_id)


def get_export(staff: Staff, export_id: str) -> ExportRequest:
    """The export, if it is in reach. Raises NotFound otherwise."""
    return scope.one(exports(staff).where(ExportRequest.id == export_id))


def to_change(staff: Staff, export_id: str) -> ExportRequest:
    """The same held until the caller's transaction ends."""
    query = exports(staff).where(ExportRequest.id == export_id)
    return scope.one(query.with_for_update(of=ExportRequest).execution_options(populate_existing=True))


def seconds(staff: Staff, role: str) -> Select[Staff]:
    """Who could approve an export of this person, made with this role: colleagues of the same unit who have it."""
    query = select(Staff).where(Staff.unit_id == (staff.unit_id or ""), Staff.active, Staff.id != staff.id)
    return query.where(Staff.roles.any(name=role))
