"""Which prepared answers a member of staff reaches, and to whom they may pass a question on: on `scope`'s terms."""

from __future__ import annotations

from sqlalchemy import Select, false, or_, select

from models.office import scope
from models.office.inbox_tables import PreparedAnswer
from models.office.tables import Enquiry, Role, Staff, UnitRow

ANSWERERS = (scope.ANSWERER, scope.REVIEWER, scope.OFFICE)


def to_change(staff: Staff, enquiry_id: str) -> Enquiry:
    """The question, if it is in reach, held until the caller's transaction ends: whoever comes second sees what the
    first one did, and is told. Raises NotFound otherwise."""
    query = scope.enquiries(staff).where(Enquiry.id == enquiry_id)
    return scope.held(query)


def prepared(staff: Staff) -> Select[PreparedAnswer]:
    """Prepared answers of the own programme, for whoever answers questions."""
    query = select(PreparedAnswer)
    if staff.unit and scope.roles(staff) & {*ANSWERERS}:
        return query.where(PreparedAnswer.programme == staff.unit.programme)
    return query.where(false())


def get_prepared(staff: Staff, prepared_id: str) -> PreparedAnswer:
    """The prepared answer, if it is in reach. Raises NotFound otherwise."""
    return scope.one(prepared(staff).where(PreparedAnswer.id == prepared_id))


def prepared_to_change(staff: Staff, prepared_id: str) -> PreparedAnswer:
    """The same held until the caller's transaction ends, as `to_change`."""
    query = prepared(staff).where(PreparedAnswer.id == prepared_id)
    return scope.held(query)


def desks(staff: Staff, enquiry: Enquiry) -> Select[UnitRow]:
    """Where a question in reach may go: from the office to any unit, from a unit to the office; not where it is."""
    query = select(UnitRow).where(UnitRow.programme == enquiry.programme)
    if staff.unit is None or not staff.unit.office:
        return query.where(UnitRow.office)
    here = UnitRow.office if enquiry.unit_id is None else UnitRow.id == enquiry.unit_id
    return query.where(~here)


def get_desk(staff: Staff, enquiry: Enquiry, unit_id: str) -> UnitRow:
    """The unit, or the office for an empty id. Raises NotFound where it cannot go there."""
    wanted = UnitRow.id == unit_id if unit_id else UnitRow.office.is_(True)
    return scope.one(desks(staff, enquiry).where(wanted))


def colleagues(staff: Staff, enquiry: Enquiry) -> Select[Staff]:
    """Who else could answer it: of the own house, and in reach of it."""
    own_unit = staff.unit_id if staff.unit_id is not None else ""
    reaches = or_(UnitRow.office, UnitRow.id == enquiry.unit_id) if enquiry.unit_id else UnitRow.office
    return (
        select(Staff)
        .join(UnitRow, UnitRow.id == Staff.unit_id)
        .where(UnitRow.programme == enquiry.programme, Staff.active, Staff.id != staff.id, reaches)
        .where(Staff.unit_id == own_unit, Staff.roles.any(Role.name.in_(ANSWERERS)))
        .order_by(Staff.display_name, Staff.id)
    )


def get_colleague(staff: Staff, enquiry: Enquiry, staff_id: int) -> Staff:
    """The colleague. Raises NotFound for anybody whom the question cannot go to."""
    return scope.one(colleagues(staff, enquiry).where(Staff.id == staff_id))
