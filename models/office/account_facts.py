"""What a page about accounts tells beside the accounts themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from models import clock
from models.extensions import db
from models.office import links
from models.office.edition_tables import OfficeLink
from models.office.enquiry_states import ASKED, FOR_US
from models.office.review_tables import Assignment
from models.office.tables import Enquiry, Staff


@dataclass(frozen=True, slots=True)
class Having:
    """How many cases and questions somebody has now."""

    cases: int
    questions: int


def having(member: Staff) -> Having:
    """What lies with somebody now."""
    cases = (Assignment.staff_id == member.id, Assignment.until > clock.current().now())
    asked = (Enquiry.taken_by == member.id, Enquiry.state.in_((*FOR_US, ASKED)))
    return Having(_count(Assignment, cases), _count(Enquiry, asked))


def _count(table: type[Assignment | Enquiry], where: tuple[ColumnElement[bool], ...]) -> int:
    return db.session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def invited_until(ids: Iterable[int]) -> dict[int, datetime]:
    """How long the invitations of these accounts lead anywhere."""
    query = select(OfficeLink.staff_id, OfficeLink.expires_at).where(
        OfficeLink.purpose == links.INVITATION, OfficeLink.staff_id.in_(list(ids)), OfficeLink.used_at.is_(None)
    )
    return {staff_id: until for staff_id, until in db.session.execute(query) if staff_id}
