"""Which decisions about many a member of staff reaches, built on `models.office.scope`."""

from __future__ import annotations

from sqlalchemy import Select, false, select

from models.office import scope
from models.office.review_tables import BulkAction
from models.office.tables import Staff


def bulks(staff: Staff) -> Select[BulkAction]:
    """One's own; for the office everybody's of its programme."""
    held = scope.roles(staff)
    if staff.unit is None or not held & {scope.REVIEWER, scope.OFFICE}:
        return select(BulkAction).where(false())
    query = select(BulkAction).where(BulkAction.programme == staff.unit.programme)
    return query if scope.OFFICE in held else query.where(BulkAction.staff_id == staff.id)


def get_bulk(staff: Staff, bulk_id: str) -> BulkAction:
    """The one, if it is in reach. Raises NotFound otherwise."""
    return scope.one(bulks(staff).where(BulkAction.id == bulk_id))
