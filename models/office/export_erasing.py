"""Somebody leaves: exports that hold them are taken back and made again without them.

Apart from whoever asks for exports: the applicant's side may erase and never read what units have said.
"""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import crypto, outbox, storage
from models.application.tables import Application
from models.office import sealing
from models.office.review_tables import ExportRequest
from models.unit_of_work import after_commit

JOB = "make_export"
MAKING, READY, TAKEN = "making", "ready", "taken"


def forget(session: Session, application_id: str) -> None:
    """Take back every file with this person in it, within the caller's transaction. Who is still in reach comes into
    the new file, who is not does not."""
    slug = select(Application.programme).where(Application.id == application_id).scalar_subquery()
    held = select(ExportRequest).where(ExportRequest.programme == slug, ExportRequest.state.in_((MAKING, READY, TAKEN)))
    files = storage.current()
    for row in session.scalars(held.with_for_update().execution_options(populate_existing=True)).all():
        kept = json.loads(crypto.ring().open(row.sealed, sealing.export(row.id)))
        if application_id not in kept["people"]:
            continue
        if row.storage_key:
            after_commit(lambda key=row.storage_key: files.delete(key))  # type: ignore[misc]  # binds the loop's value
        row.state, row.storage_key = MAKING, ""
        # The version moves even where nothing else does: what is being made just now comes too late.
        row.sealed = crypto.ring().seal(json.dumps(kept, ensure_ascii=False).encode(), sealing.export(row.id))
        session.flush()
        outbox.promise(session, JOB, row.id, f"export:{row.id}:{row.version}")
