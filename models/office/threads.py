"""The thread of a question: everything said and done since it was asked, sealed line by line.

The first question stands in `Enquiry.question`; of a question answered before there were threads, `Enquiry.answer` is
all there is, and shown as if it were a line.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import clock
from models.application.tables import new_id
from models.crypto import ring
from models.office import sealing
from models.office.enquiry_states import ANSWERED
from models.office.inbox_tables import EnquiryMessage
from models.office.tables import Enquiry

QUESTION, ANSWER, ASK_BACK, REPLY, NOTE = "question", "answer", "ask_back", "reply", "note"
PASSED, TAKEN, RELEASED, CLOSED, REOPENED = "passed", "taken", "released", "closed", "reopened"
SHARED = (QUESTION, ANSWER, ASK_BACK, REPLY, CLOSED, REOPENED)  # what the person sees of it
OURS = "asked:"  # how the effect of a thread begins that staff began
THEIRS = (QUESTION, REPLY, REOPENED)  # what the person has said


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `staff_id` None: the person."""

    kind: str
    at: datetime
    staff_id: int | None = None
    text: str = field(default="", repr=False)


def add(
    session: Session, enquiry: Enquiry, kind: str, text: str = "", *, staff_id: int | None = None, key: str = ""
) -> EnquiryMessage | None:
    """Write a line within the caller's transaction. `key` tells a line that is sent twice: None, it is there."""
    ident = hashlib.sha256(f"{enquiry.id}:{key}".encode()).hexdigest()[:32] if key else new_id()
    if key and session.get(EnquiryMessage, ident) is not None:
        return None
    last = select(func.max(EnquiryMessage.position)).where(EnquiryMessage.enquiry_id == enquiry.id)
    line = EnquiryMessage(
        id=ident,
        enquiry_id=enquiry.id,
        position=(session.scalar(last) or 0) + 1,
        kind=kind,
        staff_id=staff_id,
        sealed=ring().seal(text.encode(), sealing.thread(ident)) if text else None,
        at=clock.current().now(),
    )
    session.add(line)
    session.flush()
    return line


def read(session: Session, enquiry: Enquiry) -> list[Line]:
    """The whole thread with the first question, oldest first; one that staff began begins with what they asked."""
    query = select(EnquiryMessage).where(EnquiryMessage.enquiry_id == enquiry.id)
    rows = session.scalars(query.order_by(EnquiryMessage.position, EnquiryMessage.at, EnquiryMessage.id)).all()
    lines = [_line(row) for row in rows]
    if not ours(enquiry) and not any(line.kind == QUESTION for line in lines):
        lines.insert(0, Line(QUESTION, enquiry.created_at, None, enquiry.question))
    if enquiry.state == ANSWERED and enquiry.answered_at and not any(line.kind == ANSWER for line in lines):
        lines.append(Line(ANSWER, enquiry.answered_at, enquiry.answered_by, enquiry.answer))
    return lines


def ours(enquiry: Enquiry) -> bool:
    """Whether staff began it: `Enquiry.question` is what they asked, and no question of the person's."""
    return enquiry.effect.startswith(OURS)


def shared(session: Session, enquiry: Enquiry) -> list[Line]:
    """What the person sees: neither notes nor who handed it to whom."""
    return [line for line in read(session, enquiry) if line.kind in SHARED]


def asked_back(session: Session, enquiry: Enquiry) -> str:
    """What the person was asked last; empty where nothing was."""
    return next((line.text for line in reversed(read(session, enquiry)) if line.kind == ASK_BACK), "")


def _line(row: EnquiryMessage) -> Line:
    text = ring().open(row.sealed, sealing.thread(row.id)).decode() if row.sealed else ""
    return Line(row.kind, row.at, row.staff_id, text)
