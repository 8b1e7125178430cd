"""Erasing what a unit and the office have said about a person: it goes with the application; what a unit has assessed
stays with no other unit.

Apart from whoever reads it: the applicant's side may erase and never read.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.office import editions
from models.office.batch_tables import BatchRow, Confirmation
from models.office.chain_tables import RegistryChange, ReportItem, UnitOpinion
from models.office.edition_tables import ReturnCell
from models.office.inbox_tables import EnquiryMessage
from models.office.review_tables import Assignment, BulkItem, SearchTerm
from models.office.tables import Enquiry, UnitEntry


def erase(session: Session, application_id: str) -> None:
    """Forget all of it, within the caller's transaction."""
    for table in (UnitEntry, UnitOpinion):
        session.execute(delete(table).where(table.application_id == application_id))
    editions.forget(session, [application_id])  # the tables that were taken out held it as well


# What the office keeps about a person besides. The row in the registry stays: a number, days and a clause, no name.
_KEPT = (RegistryChange, ReportItem, BatchRow, Confirmation, ReturnCell, Assignment, BulkItem, SearchTerm)


def erase_all(session: Session, application_id: str) -> None:
    """Forget everything that the office has written down about the person, within the caller's transaction."""
    erase(session, application_id)
    for table in _KEPT:
        session.execute(delete(table).where(table.application_id == application_id))
    asked = select(Enquiry.id).where(Enquiry.application_id == application_id)
    session.execute(delete(EnquiryMessage).where(EnquiryMessage.enquiry_id.in_(asked)))
