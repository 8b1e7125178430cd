"""Which letters and links a member of staff reaches, built on `models.office.scope`."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import ColumnElement, Select, false, or_, select

from models.extensions import db
from models.office import scope
from models.office.edition_tables import Letter, OfficeLink
from models.office.tables import Staff, UnitRow
from models.office.units import within


def letters(staff: Staff) -> Select[Letter]:
    """Letters to the own programme's units and staff, for administrators (for a unit's: to that unit and those below);
    in a demo, where nothing is sent, also what came to oneself or to a unit in reach."""
    return select(Letter).where(_in_reach(staff))


def _in_reach(staff: Staff) -> ColumnElement[bool]:
    if scope.ADMIN in scope.roles(staff) and staff.unit:
        units = select(UnitRow.id).where(UnitRow.programme == staff.unit.programme)
        members = select(Staff.id).where(Staff.unit_id.in_(units))
        return or_(Letter.unit_id.in_(units), Letter.staff_id.in_(members))
    if scope.UNIT_ADMIN in scope.roles(staff) and staff.unit_id:
        members = scope.members(staff).with_only_columns(Staff.id)
        to_unit = Letter.staff_id.is_(None) & Letter.unit_id.in_(within(staff.unit_id))
        return or_(to_unit, Letter.staff_id.in_(members))
    if current_app.config["BOLE"].demo and scope.roles(staff):
        units = scope.units(staff).with_only_columns(UnitRow.id)
        return or_(Letter.unit_id.in_(units), Letter.staff_id == staff.id)
    return false()


def get_letter(staff: Staff, letter_id: str) -> Letter:
    """The letter, if it is in reach. Raises NotFound otherwise."""
    return scope.one(letters(staff).where(Letter.id == letter_id))


def is_for(staff: Staff, link: OfficeLink) -> bool:
    """Whether a link is for this person: one's own, or a unit's whose people are in reach."""
    if link.staff_id is not None:
        return link.staff_id == staff.id and staff.active
    if link.unit_id is None:
        return False
    unit = db.session.scalar(scope.units(staff).where(UnitRow.id == link.unit_id).with_only_columns(UnitRow.id))
    return unit is not None
