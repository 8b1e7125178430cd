"""What the person says in the thread of their own question: the answer to what they were asked back, a word more while
it waits, and that an answer has not helped. All within the caller's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from models import clock
from models.errors import NotFound
from models.office import threads
from models.office.enquiries import LONGEST
from models.office.enquiry_states import ANSWERED, ASKED, DONE, FOR_US, OPEN
from models.office.masking import redact
from models.office.tables import Enquiry

REOPENS = timedelta(days=14)  # so long after its answer a question goes on; later it is another one


def of_person(conversation_id: str | None, application_id: str | None) -> ColumnElement[bool] | None:
    """Whose questions: this conversation's and this application's; None of nobody."""
    of = [Enquiry.conversation_id == conversation_id] if conversation_id else []
    of += [Enquiry.application_id == application_id] if application_id else []
    return or_(*of) if of else None


def own(session: Session, application_id: str) -> list[Enquiry]:
    """The questions of an application, the last one first."""
    query = select(Enquiry).where(Enquiry.application_id == application_id)
    return list(session.scalars(query.order_by(Enquiry.created_at.desc(), Enquiry.id).limit(50)))


def get_own(session: Session, application_id: str, enquiry_id: str, *, held: bool = False) -> Enquiry:
    """A question of this application. Raises NotFound for any other. `held`: until the caller's transaction ends, as a
    member of staff may do something with it at the same time."""
    query = select(Enquiry).where(Enquiry.application_id == application_id, Enquiry.id == enquiry_id)
    if held:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound("error.not_found")
    return found


def awaited(session: Session, conversation_id: str | None, application_id: str | None) -> list[Enquiry]:
    """The questions of which the person is asked something back, the one asked last first."""
    mine = of_person(conversation_id, application_id)
    if mine is None:
        return []
    query = select(Enquiry).where(mine, Enquiry.state == ASKED)
    return list(session.scalars(query.order_by(Enquiry.asked_at.desc(), Enquiry.id)))


def settled(session: Session, conversation_id: str | None, application_id: str | None) -> Enquiry | None:
    """The question that was answered or closed last, while it may still go on."""
    mine = of_person(conversation_id, application_id)
    if mine is None:
        return None
    query = select(Enquiry).where(mine, Enquiry.state.in_(DONE))
    done = [row for row in session.scalars(query) if may_reopen(row)]
    return max(done, key=lambda row: (done_at(row) or row.created_at, row.id), default=None)


def waiting_last(session: Session, conversation_id: str | None, application_id: str | None) -> Enquiry | None:
    """The question asked last that waits for us."""
    mine = of_person(conversation_id, application_id)
    if mine is None:
        return None
    query = select(Enquiry).where(mine, Enquiry.state.in_(FOR_US))
    return session.scalar(query.order_by(Enquiry.created_at.desc(), Enquiry.id).limit(1))


def may_reopen(enquiry: Enquiry) -> bool:
    """Whether a question that is done may still go on."""
    at = done_at(enquiry)
    return enquiry.state in DONE and at is not None and clock.current().now() - at <= REOPENS


def done_at(enquiry: Enquiry) -> datetime | None:
    """When it was answered or closed."""
    return enquiry.answered_at if enquiry.state == ANSWERED else enquiry.closed_at


def write(session: Session, enquiry: Enquiry, text: str, *, key: str = "") -> bool:
    """The person writes in the thread: a question that was asked back or is done waits for us again, since now; one
    that waits anyway has a word more, and whoever has it open is told. ID and mobile numbers are masked. `key` tells a
    message that is sent twice: False, it is there."""
    kind = threads.REOPENED if enquiry.state in DONE else threads.REPLY
    if threads.add(session, enquiry, kind, redact(text.strip())[:LONGEST], key=key) is None:
        return False
    if enquiry.state in FOR_US:
        flag_modified(enquiry, "state")  # another version, although no column says more
    else:
        enquiry.state, enquiry.waiting_since = OPEN, clock.current().now()
        enquiry.closed_at, enquiry.taken_until = None, None
    session.flush()
    return True
