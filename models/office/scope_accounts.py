"""Whose accounts an administrator keeps and what they may give; built on `scope` alone."""

from __future__ import annotations

from sqlalchemy import Select, false, or_, select

from models.office import scope
from models.office.tables import Role, Staff, UnitRow
from models.office.units import within

KEEPERS = (scope.ADMIN, scope.UNIT_ADMIN)


def units(staff: Staff) -> Select[UnitRow]:
    """Units that an administrator may put somebody into: all of the programme, or the own one and those below."""
    held = scope.roles(staff)
    if scope.ADMIN in held and staff.unit:
        return select(UnitRow).where(UnitRow.programme == staff.unit.programme)
    if scope.UNIT_ADMIN in held and staff.unit_id:
        return select(UnitRow).where(UnitRow.id.in_(within(staff.unit_id)), ~UnitRow.office)
    return select(UnitRow).where(false())


def get_unit(staff: Staff, unit_id: str) -> UnitRow:
    """The unit, if somebody may be put into it. Raises NotFound otherwise."""
    return scope.one(units(staff).where(UnitRow.id == unit_id))


def grantable(staff: Staff, unit: UnitRow | None = None) -> tuple[str, ...]:
    """Roles that an administrator may give (in this unit): nobody gives more than they reach, and what reaches the
    whole programme belongs to its office alone."""
    held = scope.roles(staff)
    if not held & {*KEEPERS}:
        return ()
    whole = scope.ADMIN in held and (unit is None or unit.office)
    return tuple(role for role in scope.ROLES if whole or role != scope.OFFICE)


def found(staff: Staff, words: str = "", unit_id: str = "", role: str = "") -> Select[Staff]:
    """Accounts that an administrator keeps, by a part of a name or an address, a unit, a role; those in use first."""
    query = scope.members(staff)
    if words:
        like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        named = (column.ilike(like, escape="\\") for column in (Staff.display_name, Staff.username, Staff.email))
        query = query.where(or_(*named))
    if unit_id:
        query = query.where(Staff.unit_id == unit_id)
    if role in scope.ROLES:
        query = query.where(Staff.roles.any(Role.name == role))
    return query.order_by(Staff.active.desc(), UnitRow.office.desc(), UnitRow.code, Staff.username, Staff.id)
