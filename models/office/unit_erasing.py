"""Erasing what a unit and the office have said about a person: it goes with the application; what a unit has assessed
stays with no other unit.

Apart from whoever reads it: the applicant's side may erase and never read.
"""

from __future__ import annotations

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from models import storage
from models.application.tables import Application
from models.office import editions, export_erasing
from models.office.batch_tables import BatchRow, Confirmation, Duplicate, Elsewhere
from models.office.chain_tables import RegistryChange, ReportItem, UnitOpinion
from models.office.edition_tables import Edition, ReturnCell, WorkbookReturn
from models.office.figure_tables import FigureFact
from models.office.inbox_tables import EnquiryMessage
from models.office.review_tables import Assignment, BulkItem, SearchTerm
from models.office.tables import Enquiry, UnitEntry, UnitRow
from models.unit_of_work import after_commit


def erase(session: Session, application_id: str) -> None:
    """Forget all of it, within the caller's transaction."""
    for table in (UnitEntry, UnitOpinion):
        session.execute(delete(table).where(table.application_id == application_id))
    session.execute(delete(ReturnCell).where(ReturnCell.application_id == application_id))
    export_erasing.forget(session, application_id)
    editions.forget(session, [application_id])  # the tables that were taken out held it as well


# What the office keeps about a person besides. The row in the registry stays: a number, days and a clause, no name.
_KEPT = (RegistryChange, ReportItem, BatchRow, Confirmation, Assignment, BulkItem, SearchTerm, FigureFact)


def erase_all(session: Session, application_id: str) -> None:
    """Forget everything that the office has written down about the person, within the caller's transaction."""
    _drop_returns(session, application_id)
    erase(session, application_id)
    pairs = or_(Duplicate.first_id == application_id, Duplicate.second_id == application_id)
    session.execute(delete(Duplicate).where(pairs))
    forget_elsewhere(session, application_id)
    for table in _KEPT:
        session.execute(delete(table).where(table.application_id == application_id))
    asked = select(Enquiry.id).where(Enquiry.application_id == application_id)
    session.execute(delete(EnquiryMessage).where(EnquiryMessage.enquiry_id.in_(asked)))


def forget_elsewhere(session: Session, application_id: str) -> None:
    """Neither office is told any more that the person has applied in both programmes."""
    either = or_(Elsewhere.application_id == application_id, Elsewhere.other_id == application_id)
    session.execute(delete(Elsewhere).where(either))


def _drop_returns(session: Session, application_id: str) -> None:
    """Files that units have sent back and that may hold the person go, with what was found in them: those that were
    made from a table with the person in it and, while nobody knows yet what is in a file, those of whoever may have had
    such a table."""
    held = select(Edition.id).where(Edition.people.contains(application_id))
    unread = WorkbookReturn.edition_id.is_(None) & WorkbookReturn.unit_id.in_(_readers(session, application_id))
    query = select(WorkbookReturn).where(
        WorkbookReturn.storage_key != "", or_(WorkbookReturn.edition_id.in_(held), unread)
    )
    files = storage.current()
    for row in session.scalars(query.with_for_update()).all():
        after_commit(lambda key=row.storage_key: files.delete(key))  # type: ignore[misc]  # binds the loop's value
        session.execute(delete(ReturnCell).where(ReturnCell.return_id == row.id))
        row.state, row.storage_key, row.problem = "dropped", "", "return.person_left"
    session.flush()


def _readers(session: Session, application_id: str) -> set[str]:
    """The units that the person is or was with, those that they report through, and the programme's offices."""
    now = select(Application.unit_id).where(Application.id == application_id, Application.unit_id.is_not(None))
    then = select(Edition.unit_id).where(Edition.people.contains(application_id))
    own = {*session.scalars(now), *session.scalars(then)}
    programmes = select(UnitRow.programme).where(UnitRow.id.in_(own))
    found = session.scalars(select(UnitRow).where(UnitRow.programme.in_(programmes))).all()
    parents = {unit.id: unit.parent_id for unit in found}
    readers = {unit.id for unit in found if unit.office}
    for unit_id in own:
        above: str | None = unit_id
        while above is not None and above not in readers:
            readers.add(above)
            above = parents.get(above)
    return readers
