"""Which editions of workbooks a member of staff reaches: those of the workbooks in reach, built on `scope`."""

from __future__ import annotations

from sqlalchemy import Select, select

from models.errors import NotFound
from models.extensions import db
from models.office import scope
from models.office.edition_tables import Edition
from models.office.tables import Staff, UnitRow, Workbook


def get_book(staff: Staff, workbook_id: str) -> Workbook:
    """The workbook, also one that waits to be built again after somebody has left. Raises NotFound otherwise."""
    if not scope.roles(staff) & {scope.REVIEWER, scope.OFFICE}:
        raise NotFound("office.not_found")
    reached = scope.units(staff).with_only_columns(UnitRow.id)
    return scope.one(select(Workbook).where(Workbook.id == workbook_id, Workbook.unit_id.in_(reached)))


def siblings(book: Workbook) -> list[Workbook]:
    """The workbooks of the same unit and round, in no order."""
    query = select(Workbook).where(Workbook.round_id == book.round_id, Workbook.unit_id == book.unit_id)
    return list(db.session.scalars(query))


def taken(book: Workbook) -> Select[Edition]:
    """The editions of this workbook that somebody took out, the last one first. Only of a workbook in reach."""
    query = select(Edition).where(
        Edition.round_id == book.round_id,
        Edition.unit_id == book.unit_id,
        Edition.kind == book.kind,
        Edition.taken_at.is_not(None),
    )
    return query.order_by(Edition.taken_at.desc(), Edition.number.desc())


def get_taken(book: Workbook, edition_id: str) -> Edition:
    """One of them. Raises NotFound otherwise."""
    return scope.one(taken(book).where(Edition.id == edition_id))


def last_taken(staff: Staff) -> dict[tuple[str, str, str], str]:
    """The fingerprint (`Workbook.content_hash`) of what was taken out last, by round, unit and kind; for whoever
    reaches workbooks."""
    reached = scope.units(staff).with_only_columns(UnitRow.id)
    query = select(Edition.round_id, Edition.unit_id, Edition.kind, Edition.content_hash)
    query = query.where(Edition.unit_id.in_(reached), Edition.taken_at.is_not(None)).order_by(Edition.taken_at)
    return {(row.round_id, row.unit_id, row.kind): row.content_hash for row in db.session.execute(query)}
