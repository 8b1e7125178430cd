"""Somebody who is in the chain leaves: by taking consent back, by having everything deleted, or because the time for
which data are kept is over. The registry's row ends, what is asked for is off, and files that name them are gone."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import clock, outbox, storage
from models.application.tables import Application, Event, new_id
from models.office.chain_tables import RegistryChange, RegistryEntry, ReportItem, ReportPart, UnitReport
from models.office.change_states import DRAFT, OPEN, WITHDRAWN
from models.unit_of_work import after_commit

SENT_BACK_EVENTS = ("report_sent_back", "bundle_sent_back")


def leave(session: Session, application_id: str) -> None:
    """Let the person go, within the caller's transaction; before what tells the reports they were in is erased."""
    today = clock.current().today()
    mine = RegistryEntry.application_id == application_id
    session.execute(update(RegistryEntry).where(mine, RegistryEntry.ended_on.is_(None)).values(ended_on=today))
    session.execute(update(RegistryEntry).where(mine).values(ended_reason=""))  # may name the person
    asked = update(RegistryChange).where(
        RegistryChange.application_id == application_id, RegistryChange.state.in_((DRAFT, *OPEN))
    )
    session.execute(asked.values(state=WITHDRAWN))
    reports = select(ReportItem.report_id).where(ReportItem.application_id == application_id)
    ids = list(session.scalars(reports))
    _unname(session, session.get_one(Application, application_id), ids)
    call_back(session, ids)


def _unname(session: Session, person: Application, report_ids: list[str]) -> None:
    """What was written about these reports as a whole, and copied to everybody in them, goes where it names the person:
    a note, or why one was sent back."""
    marks = [mark for mark in (person.name, person.receipt) if mark]
    for report in session.scalars(select(UnitReport).where(UnitReport.id.in_(report_ids))):
        report.note, report.answer = (_without(text, marks) for text in (report.note, report.answer))
    others = select(ReportItem.application_id).where(ReportItem.report_id.in_(report_ids))
    told = select(Event).where(Event.application_id.in_(others), Event.type.in_(SENT_BACK_EVENTS))
    for event in session.scalars(told):
        reason = str(event.data.get("reason", ""))
        if _without(reason, marks) != reason:
            event.data = {**event.data, "reason": ""}


def _without(text: str, marks: list[str]) -> str:
    return "" if any(mark in text for mark in marks) else text


def call_back(session: Session, report_ids: list[str]) -> None:
    """The files of these reports are in nobody's reach any more, and go with the commit; they are made again without
    whoever has left."""
    held = select(ReportPart).where(ReportPart.report_id.in_(report_ids), ReportPart.storage_key != "")
    files = storage.current()
    for part in session.scalars(held.with_for_update().execution_options(populate_existing=True)):
        after_commit(lambda key=part.storage_key: files.delete(key))  # type: ignore[misc]
        part.storage_key = ""
    session.flush()
    for report_id in report_ids:
        outbox.promise(session, "assemble_report", report_id, f"report:{report_id}:{new_id()}")
