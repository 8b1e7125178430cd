"""Which units somebody keeps, and who stands at each, in numbers; built on `scope` alone."""

from __future__ import annotations

from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import Session

from models.application.tables import Application
from models.office import scope
from models.office.tables import Staff, UnitRow

KEEPERS = (scope.OFFICE, scope.ADMIN, scope.UNIT_ADMIN)


def kept(staff: Staff) -> Select[UnitRow]:
    """Units that `staff` may add to: those of the own programme for its office and administrators, the own one and
    those below for an administrator of a unit."""
    query = scope.units(staff)
    return query if scope.roles(staff) & {*KEEPERS} else query.where(false())


def changeable(staff: Staff, unit: UnitRow) -> bool:
    """Whether a kept unit may be renamed, moved or closed by `staff`: one's own is the business of whoever is above."""
    return bool(scope.roles(staff) & {scope.OFFICE, scope.ADMIN}) or unit.id != staff.unit_id


def get_kept(staff: Staff, unit_id: str) -> UnitRow:
    """The unit, if `staff` keeps it. Raises NotFound otherwise."""
    return scope.one(kept(staff).where(UnitRow.id == unit_id))


def people(session: Session, staff: Staff) -> dict[tuple[str, str], int]:
    """How many applications stand at each kept unit in each status: (unit id, status). Numbers only, since
    administrators see no people."""
    ids = kept(staff).with_only_columns(UnitRow.id)
    query = select(Application.unit_id, Application.status, func.count()).where(
        Application.unit_id.in_(ids), Application.status.in_(scope.VISIBLE)
    )
    rows = session.execute(query.group_by(Application.unit_id, Application.status)).all()
    return {(str(unit_id), status): count for unit_id, status, count in rows}


def accounts(session: Session, staff: Staff) -> dict[str, int]:
    """How many active accounts stand at each kept unit."""
    ids = kept(staff).with_only_columns(UnitRow.id)
    query = select(Staff.unit_id, func.count()).where(Staff.unit_id.in_(ids), Staff.active).group_by(Staff.unit_id)
    return {str(unit_id): count for unit_id, count in session.execute(query).all()}
