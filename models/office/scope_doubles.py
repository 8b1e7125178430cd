"""Who reaches people named twice: the programme's office the pairs; a unit what became of its own rows, and no more."""

from __future__ import annotations

from sqlalchemy import Select, false, select

from models.application.tables import Application
from models.office import scope, scope_entry
from models.office.batch_tables import Batch, BatchRow, Confirmation, Duplicate
from models.office.tables import Staff


def pairs(staff: Staff) -> Select[Duplicate]:
    """Pairs of the own programme, for its office."""
    query = select(Duplicate)
    if staff.unit and scope.OFFICE in scope.roles(staff):
        return query.where(Duplicate.programme == staff.unit.programme)
    return query.where(false())


def get_pair(staff: Staff, pair_id: str) -> Duplicate:
    """The pair, if it is in reach. Raises NotFound otherwise."""
    return scope.one(pairs(staff).where(Duplicate.id == pair_id))


def to_settle(staff: Staff, pair_id: str) -> Duplicate:
    """The pair, held until the commit. Raises NotFound where it is not in reach."""
    return scope.held(pairs(staff).where(Duplicate.id == pair_id))


def dropped_rows(staff: Staff) -> Select[Duplicate, BatchRow, Batch]:
    """Pairs by which a row of the own unit's lists was dropped, with the row and its list."""
    mine = scope_entry.batches(staff).with_only_columns(Batch.id)
    query = select(Duplicate, BatchRow, Batch).join(BatchRow, BatchRow.id == Duplicate.dropped_id)
    return query.join(Batch, Batch.id == BatchRow.batch_id).where(Batch.id.in_(mine))


def dropped_drafts(staff: Staff) -> Select[Duplicate, Application]:
    """Pairs by which somebody whom the own unit had entered was set aside, with the application."""
    mine = scope_entry.entered(staff).with_only_columns(Confirmation.application_id)
    query = select(Duplicate, Application).join(Application, Application.id == Duplicate.dropped_id)
    return query.where(Application.id.in_(mine))
