"""Lists that are thrown away: by whoever began them, or because nobody has gone on with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from models import clock, storage
from models.extensions import db, reading
from models.office import audit
from models.office.batch_tables import Batch, BatchRow, Duplicate
from models.office.batches import DROPPED, READ, READING, REFUSED, changed
from models.office.tables import Staff
from models.unit_of_work import after_commit, unit_of_work

# Then a list that nobody has entered goes: a forgotten one is a copy of everybody in it.
KEPT: Final = timedelta(days=30)


def drop(staff: Staff, batch_id: str, version: int) -> None:
    """Throw the batch away: its rows and its file go at once. Raises NotFound, Conflict."""
    with unit_of_work() as session:
        _end(session, changed(session, staff, batch_id, version, READ, REFUSED))
        audit.write(session, staff.id, audit.DROP_BATCH, f"batch:{batch_id}")


def sweep() -> int:
    """Throw away what nobody has entered within `KEPT`; how many. Needs an app context."""
    late = (Batch.state.in_((READING, READ, REFUSED)), Batch.created_at < clock.current().now() - KEPT)
    with reading():
        found = list(db.session.scalars(select(Batch.id).where(*late)))
        db.session.rollback()
    for batch_id in found:
        with unit_of_work() as session:
            batch = session.scalar(select(Batch).where(Batch.id == batch_id, *late).with_for_update())
            if batch is not None:
                _end(session, batch)
    return len(found)


def _end(session: Session, batch: Batch) -> None:
    rows = select(BatchRow.id).where(BatchRow.batch_id == batch.id)
    session.execute(delete(Duplicate).where(or_(Duplicate.first_id.in_(rows), Duplicate.second_id.in_(rows))))
    session.execute(delete(BatchRow).where(BatchRow.batch_id == batch.id))
    if batch.storage_key:
        key, files = batch.storage_key, storage.current()
        batch.storage_key = ""
        after_commit(lambda: files.delete(key))
    batch.state = DROPPED
