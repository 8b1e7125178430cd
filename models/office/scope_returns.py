"""Which returned workbooks a member of staff reaches: those of the units whose tables they may take out."""

from __future__ import annotations

from sqlalchemy import Select, false, select

from models.office import scope
from models.office.edition_tables import WorkbookReturn
from models.office.tables import Staff, UnitRow


def returns(staff: Staff) -> Select[WorkbookReturn]:
    """Returned workbooks in reach. They hold people, so not administrators'."""
    if not scope.roles(staff) & {scope.REVIEWER, scope.OFFICE}:
        return select(WorkbookReturn).where(false())
    reached = scope.units(staff).with_only_columns(UnitRow.id)
    return select(WorkbookReturn).where(WorkbookReturn.unit_id.in_(reached))


def get_return(staff: Staff, return_id: str) -> WorkbookReturn:
    """The returned workbook, if it is in reach. Raises NotFound otherwise."""
    return scope.one(returns(staff).where(WorkbookReturn.id == return_id))
