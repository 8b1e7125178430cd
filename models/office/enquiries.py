"""The question queue: an applicant's free question, taken and answered by a person. open → taken → answered."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock, outbox
from models.application.tables import Application, Conversation, Notice
from models.errors import Conflict, InvalidAnswer
from models.office import audit, scope
from models.office.masking import redact
from models.office.tables import Enquiry, Staff
from models.unit_of_work import unit_of_work

OPEN, TAKEN, ANSWERED = "open", "taken", "answered"
LONGEST = 2000


def ask(
    session: Session,
    *,
    programme: str,
    question: str,
    effect: str,
    conversation_id: str | None = None,
    application_id: str | None = None,
    unit_id: str | None = None,
    step_key: str = "",
) -> Enquiry:
    """Put a question into the queue, within the caller's transaction; the same `effect` gives the same one again.

    Without `unit_id` it goes to the unit of the application, if that has one, else to the programme office.
    ID and mobile numbers are masked before it is kept.
    """
    asked = session.scalar(select(Enquiry).where(Enquiry.effect == effect))
    if asked is not None:
        return asked
    if unit_id is None and application_id is not None:
        unit_id = session.scalar(select(Application.unit_id).where(Application.id == application_id))
    enquiry = Enquiry(
        programme=programme,
        question=redact(question.strip())[:LONGEST],
        effect=effect,
        conversation_id=conversation_id,
        application_id=application_id,
        unit_id=unit_id,
        step_key=step_key,
        created_at=clock.current().now(),
    )
    session.add(enquiry)
    session.flush()
    return enquiry


def take(staff: Staff, enquiry_id: str, version: int) -> Enquiry:
    """Say that one is answering it. Raises Conflict when a colleague was faster, NotFound when out of reach."""
    staff_id = staff.id
    with unit_of_work() as session:
        enquiry = scope.get_enquiry(staff, enquiry_id)
        if enquiry.state == TAKEN and enquiry.taken_by == staff_id:
            return enquiry
        if enquiry.state != OPEN or enquiry.version != version:
            raise Conflict("office.enquiry_taken")
        enquiry.state, enquiry.taken_by = TAKEN, staff_id
        audit.write(session, staff_id, audit.TAKE, f"enquiry:{enquiry.id}")
    return enquiry


def release(staff: Staff, enquiry_id: str) -> Enquiry:
    """Give a taken question back to the queue. Raises Conflict unless it is taken by this person."""
    staff_id = staff.id
    with unit_of_work():
        enquiry = scope.get_enquiry(staff, enquiry_id)
        if enquiry.state != TAKEN or enquiry.taken_by != staff_id:
            raise Conflict("office.enquiry_taken")
        enquiry.state, enquiry.taken_by = OPEN, None
    return enquiry


def answer(enquiry_id: str, staff: Staff, text: str, version: int) -> Enquiry:
    """Answer a question; the answer goes to the person's conversation and status page, once.

    Raises InvalidAnswer for an empty or too long text, Conflict when it was answered or changed meanwhile,
    NotFound when out of reach.
    """
    text = text.strip()
    if not text:
        raise InvalidAnswer("office.answer_empty")
    if len(text) > LONGEST:
        raise InvalidAnswer("office.too_long", limit=LONGEST)
    staff_id, now = staff.id, clock.current().now()
    with unit_of_work() as session:
        enquiry = scope.get_enquiry(staff, enquiry_id)
        if enquiry.state == ANSWERED or enquiry.version != version:
            raise Conflict("office.enquiry_changed")
        enquiry.state, enquiry.answer, enquiry.answered_by, enquiry.answered_at = ANSWERED, text, staff_id, now
        enquiry.taken_by = enquiry.taken_by or staff_id
        _tell(session, enquiry, text)
        audit.write(session, staff_id, audit.ANSWER, f"enquiry:{enquiry.id}")
    return enquiry


def _tell(session: Session, enquiry: Enquiry, text: str) -> None:
    """The answer as a notice: to the conversation that asked, else to the one that carries the application."""
    conversation_id = enquiry.conversation_id
    if conversation_id is None and enquiry.application_id is not None:
        conversation_id = session.scalar(
            select(Conversation.id)
            .where(Conversation.application_id == enquiry.application_id)
            .order_by(Conversation.updated_at.desc())
        )
    effect = f"enquiry:{enquiry.id}:answer"
    notice = Notice(
        application_id=enquiry.application_id,
        conversation_id=conversation_id,
        effect=effect,
        code="office.answered",
        params={"question": short(enquiry.question)},
        text=text,
        created_at=clock.current().now(),
    )
    session.add(notice)
    session.flush()
    outbox.promise(session, "deliver_notice", notice.id, effect)


def short(text: str, longest: int = 60) -> str:
    """A question as it is named in a line: its beginning."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
