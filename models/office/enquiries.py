"""The question queue: an applicant's free question, taken and answered by a person. open → taken → answered; what else
may become of it is in `enquiry_moves`, what the person does in `enquiry_replies`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import clock, outbox
from models.application import others
from models.application.tables import Application, Notice
from models.errors import Conflict, InvalidAnswer
from models.office import audit, scope, scope_inbox, threads
from models.office.enquiry_states import ANSWERED, ASKED, CLOSED, DONE, OPEN, TAKEN, holder, lease, standing
from models.office.masking import redact
from models.office.tables import Enquiry, Staff
from models.unit_of_work import unit_of_work

__all__ = ["ANSWERED", "ASKED", "CLOSED", "OPEN", "TAKEN"]
LONGEST = 2000
# What the person is told in a thread that staff began.
_OURS = {"office.asked": "office.asked_ours", "office.answered": "office.answered_ours"}


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
    staff_id, now = staff.id, clock.current().now()
    with unit_of_work() as session:
        enquiry = scope_inbox.to_change(staff, enquiry_id)
        if holder(enquiry, now) != staff_id:
            if standing(enquiry, now) != OPEN or enquiry.version != version:
                raise Conflict("office.enquiry_taken")
            enquiry.state, enquiry.taken_by = TAKEN, staff_id
            threads.add(session, enquiry, threads.TAKEN, staff_id=staff_id)
            audit.write(session, staff_id, audit.TAKE, f"enquiry:{enquiry.id}")
        enquiry.taken_until = now + lease()
    return enquiry


def keep(staff: Staff, enquiry_id: str) -> None:
    """Who has it is still at it (opened it, typed): the lease begins anew. What anybody has open stays in step, since
    no version moves. Nothing for whoever does not have it. Raises NotFound when out of reach."""
    now = clock.current().now()
    if holder(scope.get_enquiry(staff, enquiry_id), now) != staff.id:
        return
    staff_id = staff.id
    with unit_of_work() as session:
        mine = (Enquiry.id == enquiry_id, Enquiry.state == TAKEN, Enquiry.taken_by == staff_id)
        session.execute(update(Enquiry).where(*mine).values(taken_until=now + lease()))


def release(staff: Staff, enquiry_id: str) -> Enquiry:
    """Give a taken question back to the queue; the programme's office may do so for a colleague who is away. Raises
    Conflict unless it is taken by this person."""
    staff_id = staff.id
    with unit_of_work() as session:
        enquiry = scope_inbox.to_change(staff, enquiry_id)
        if enquiry.state != TAKEN or (enquiry.taken_by != staff_id and scope.OFFICE not in scope.roles(staff)):
            raise Conflict("office.enquiry_taken")
        enquiry.state, enquiry.taken_by, enquiry.taken_until = OPEN, None, None
        threads.add(session, enquiry, threads.RELEASED, staff_id=staff_id)
    return enquiry


def answer(enquiry_id: str, staff: Staff, text: str, version: int) -> Enquiry:
    """Answer a question; the answer goes to the person's conversation and status page, once.

    Raises InvalidAnswer for an empty or too long text, Conflict when it was answered or changed meanwhile or a
    colleague is answering it, NotFound when out of reach.
    """
    text = worded(text)
    staff_id, now = staff.id, clock.current().now()
    with unit_of_work() as session:
        enquiry = to_move(staff, enquiry_id, version)
        enquiry.state, enquiry.answer, enquiry.answered_by, enquiry.answered_at = ANSWERED, text, staff_id, now
        enquiry.taken_by, enquiry.taken_until = staff_id, None
        say(session, enquiry, threads.ANSWER, "office.answered", text, staff_id)
        audit.write(session, staff_id, audit.ANSWER, f"enquiry:{enquiry.id}")
    return enquiry


def worded(text: str) -> str:
    """What is to be sent. Raises InvalidAnswer for an empty or too long text."""
    text = text.strip()
    if not text:
        raise InvalidAnswer("office.answer_empty")
    if len(text) > LONGEST:
        raise InvalidAnswer("office.too_long", limit=LONGEST)
    return text


def to_move(staff: Staff, enquiry_id: str, version: int) -> Enquiry:
    """The question that somebody has open, held, if it is as they see it and theirs to do something with. Raises
    Conflict when it was settled or changed meanwhile or a colleague is answering it, NotFound when out of reach."""
    enquiry = scope_inbox.to_change(staff, enquiry_id)
    if enquiry.state in DONE or enquiry.version != version:
        raise Conflict("office.enquiry_changed")
    if holder(enquiry, clock.current().now()) not in (None, staff.id):
        raise Conflict("office.enquiry_taken")
    return enquiry


def say(session: Session, enquiry: Enquiry, kind: str, code: str, text: str, staff_id: int, **params: Any) -> None:
    """A line of the thread, and the same as a notice: to the conversation that asked, else to the one that carries the
    application."""
    line = threads.add(session, enquiry, kind, text, staff_id=staff_id)
    conversation_id = enquiry.conversation_id
    if conversation_id is None and enquiry.application_id is not None:
        conversation_id = others.latest(session, enquiry.application_id)
    effect = f"enquiry:{enquiry.id}:{line.id if line else kind}"
    notice = Notice(
        application_id=enquiry.application_id,
        conversation_id=conversation_id,
        effect=effect,
        code=_OURS.get(code, "office.closed_ours") if threads.ours(enquiry) else code,
        params={"question": short(enquiry.question), **params},
        text=text,
        created_at=clock.current().now(),
    )
    session.add(notice)
    session.flush()
    outbox.promise(session, "deliver_notice", notice.id, effect)


def short(text: str, longest: int = 60) -> str:
    """A question as it is named in a line: its beginning."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
