"""Somebody who is in the chain leaves: by taking consent back, by having everything deleted, or because the time for
which data are kept is over. The registry's row ends, what is asked for is off, and files that name them are gone."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import clock, storage
from models.office.chain_tables import RegistryChange, RegistryEntry, ReportItem, ReportPart
from models.unit_of_work import after_commit


def leave(session: Session, application_id: str) -> None:
    """Let the person go, within the caller's transaction; before what tells the reports they were in is erased."""
    today = clock.current().today()
    mine = RegistryEntry.application_id == application_id
    session.execute(update(RegistryEntry).where(mine, RegistryEntry.ended_on.is_(None)).values(ended_on=today))
    session.execute(update(RegistryEntry).where(mine).values(ended_reason=""))  # may name the person
    asked = update(RegistryChange).where(
        RegistryChange.application_id == application_id, RegistryChange.state == "open"
    )
    session.execute(asked.values(state="withdrawn"))
    reports = select(ReportItem.report_id).where(ReportItem.application_id == application_id)
    call_back(session, list(session.scalars(reports)))


def call_back(session: Session, report_ids: list[str]) -> None:
    """The files of these reports are in nobody's reach any more, and go with the commit; their names stay."""
    held = select(ReportPart).where(ReportPart.report_id.in_(report_ids), ReportPart.storage_key != "")
    files = storage.current()
    for part in session.scalars(held.with_for_update().execution_options(populate_existing=True)):
        after_commit(lambda key=part.storage_key: files.delete(key))  # type: ignore[misc]
        part.storage_key = ""
    session.flush()
