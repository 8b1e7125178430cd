"""Which batches and entered people a member of staff reaches. What a unit enters is its own until the
person has agreed: not even the programme's office looks into it, but for whom two units report (`scope_doubles`)."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select, false, select

from models.application.tables import Application
from models.errors import NotFound
from models.extensions import db
from models.office.batch_tables import Batch, Confirmation
from models.office.scope import OFFICE, REVIEWER, roles
from models.office.tables import Staff

T = TypeVar("T")


def enters(staff: Staff) -> bool:
    """Whether `staff` may enter people for the own unit."""
    return staff.unit_id is not None and bool(roles(staff) & {REVIEWER, OFFICE})


def batches(staff: Staff) -> Select[Batch]:
    """Batches of the own unit."""
    query = select(Batch)
    return query.where(Batch.unit_id == staff.unit_id) if enters(staff) else query.where(false())


def get_batch(staff: Staff, batch_id: str) -> Batch:
    """The batch, if it is the own unit's. Raises NotFound otherwise."""
    return _one(batches(staff).where(Batch.id == batch_id))


def entered(staff: Staff) -> Select[Confirmation]:
    """People whom the own unit has entered, whether or not they have agreed; joined with their applications."""
    query = select(Confirmation).join(Application, Application.id == Confirmation.application_id)
    return query.where(Confirmation.unit_id == staff.unit_id) if enters(staff) else query.where(false())


def get_entered(staff: Staff, application_id: str) -> Confirmation:
    """How somebody stands to what the own unit has entered. Raises NotFound otherwise."""
    return _one(entered(staff).where(Confirmation.application_id == application_id))


def _one(query: Select[T]) -> T:
    found: Any = db.session.scalar(query)
    if found is None:
        raise NotFound("office.not_found")
    record: T = found
    return record
