"""Whoever decides a case asks its person something, without returning anything: a thread that we begin, and that goes
on as any other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from models import clock
from models.extensions import db
from models.office import audit, scope, threads
from models.office.enquiries import say, worded
from models.office.enquiry_states import ASKED, standing
from models.office.masking import redact
from models.office.tables import Enquiry, Staff
from models.unit_of_work import unit_of_work

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Talk:
    """A thread as it stands beside the case; `said` is what was said last in it."""

    id: str
    question: str = field(repr=False)
    created_at: datetime
    state: str
    said: str = field(repr=False)


def ask_person(staff: Staff, application_id: str, text: str, nonce: str) -> Enquiry:
    """Ask; it is the person's turn, and their answer waits for whoever asked. The same `nonce` asks once. Raises
    InvalidAnswer for an empty or too long text, NotFound for a case that `staff` does not decide."""
    text, staff_id = worded(text), staff.id
    application = scope.get_decidable(staff, application_id)
    unit_id = None if staff.unit is None or staff.unit.office else staff.unit_id
    effect = f"{threads.OURS}{application.id}:{nonce}"[:160]
    with unit_of_work() as session:
        asked = session.scalar(select(Enquiry).where(Enquiry.effect == effect))
        if asked is not None:
            return asked
        now = clock.current().now()
        enquiry = Enquiry(
            programme=application.programme,
            unit_id=unit_id,
            application_id=application.id,
            question=redact(text),
            effect=effect,
            state=ASKED,
            taken_by=staff_id,
            created_at=now,
            asked_at=now,
        )
        session.add(enquiry)
        session.flush()
        say(session, enquiry, threads.ASK_BACK, "office.asked", text, staff_id)
        audit.write(session, staff_id, audit.ASK_PERSON, f"application:{application.id}")
    return enquiry


def of_case(staff: Staff, application_id: str) -> list[Talk]:
    """The threads with the person of a case that `staff` reaches, the last one first."""
    query = scope.enquiries(staff).where(Enquiry.application_id == application_id)
    rows = db.session.scalars(query.order_by(Enquiry.created_at.desc(), Enquiry.id).limit(SHOWN)).all()
    now = clock.current().now()
    return [Talk(one.id, one.question, one.created_at, standing(one, now), _said(one)) for one in rows]


def _said(enquiry: Enquiry) -> str:
    """What was said last, by either side, after the first question; empty where nothing was."""
    lines = threads.shared(db.session(), enquiry)[1:]
    return next((line.text for line in reversed(lines) if line.text), "")
