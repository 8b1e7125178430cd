"""What else staff do with a question: ask back, note, pass on, close without an answer."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock
from models.errors import InvalidAnswer, NotFound
from models.office import audit, scope, scope_inbox, threads
from models.office.enquiries import say, to_move, worded
from models.office.enquiry_states import ASKED, CLOSED, FOR_US, OPEN, TAKEN
from models.office.tables import Enquiry, Staff
from models.unit_of_work import unit_of_work

# Why a question is closed without an answer, and what the person is told.
REASONS = {
    "elsewhere": "office.closed_elsewhere",
    "same": "office.closed_same",
    "silent": "office.closed_silent",
    "nothing": "office.closed_nothing",
}
# The same of a thread that staff began.
OUR_REASONS = {"known": "office.closed_ours"}
LONGEST_NOTE = 1000


def ask_back(staff: Staff, enquiry_id: str, text: str, version: int) -> Enquiry:
    """Ask the person something first: it is their turn, and nobody's at the desk. Raises as `enquiries.answer`."""
    text = worded(text)
    staff_id, now = staff.id, clock.current().now()
    with unit_of_work() as session:
        enquiry = to_move(staff, enquiry_id, version)
        enquiry.state, enquiry.asked_at, enquiry.taken_by, enquiry.taken_until = ASKED, now, staff_id, None
        say(session, enquiry, threads.ASK_BACK, "office.asked", text, staff_id)
        audit.write(session, staff_id, audit.ASK_BACK, f"enquiry:{enquiry.id}")
    return enquiry


def reasons(enquiry: Enquiry) -> dict[str, str]:
    """Why it may be closed without an answer, and what the person is told."""
    return OUR_REASONS if threads.ours(enquiry) else REASONS


def close(staff: Staff, enquiry_id: str, reason: str, version: int) -> Enquiry:
    """End it without an answer; the person is told why and may write again. Raises InvalidAnswer without one of its
    `reasons`, else as `enquiries.answer`."""
    staff_id, now = staff.id, clock.current().now()
    with unit_of_work() as session:
        enquiry = to_move(staff, enquiry_id, version)
        said = reasons(enquiry)
        if reason not in said:
            raise InvalidAnswer("office.reason_missing")
        enquiry.state, enquiry.closed_at, enquiry.taken_by, enquiry.taken_until = CLOSED, now, staff_id, None
        say(session, enquiry, threads.CLOSED, said[reason], "", staff_id)
        audit.write(session, staff_id, audit.CLOSE_ENQUIRY, f"enquiry:{enquiry.id}", reason)
    return enquiry


def note(staff: Staff, enquiry_id: str, text: str) -> None:
    """A word between colleagues; the person never sees it, and whatever anybody has open stays in step."""
    text = text.strip()
    if not text:
        raise InvalidAnswer("office.note_empty")
    if len(text) > LONGEST_NOTE:
        raise InvalidAnswer("office.too_long", limit=LONGEST_NOTE)
    staff_id = staff.id
    with unit_of_work() as session:
        threads.add(session, scope.get_enquiry(staff, enquiry_id), threads.NOTE, text, staff_id=staff_id)


def pass_on(staff: Staff, enquiry_id: str, to: str, text: str, version: int) -> Enquiry:
    """Hand it to the programme office (``office``), a unit (``unit:<id>``) or a colleague (``staff:<id>``), with a
    note. It waits there as one that nobody has taken; a colleague finds it under what is theirs, and until they take
    it anybody may. Raises NotFound for whom it cannot go to, else as `enquiries.answer`."""
    if len(text) > LONGEST_NOTE:
        raise InvalidAnswer("office.too_long", limit=LONGEST_NOTE)
    if not to:
        raise InvalidAnswer("office.pass_to_missing")
    staff_id = staff.id
    with unit_of_work() as session:
        enquiry = to_move(staff, enquiry_id, version)
        name = _hand_over(staff, enquiry, to)
        if enquiry.state != ASKED:
            enquiry.state = OPEN
        enquiry.taken_until = None
        threads.add(session, enquiry, threads.PASSED, f"→ {name}\n{text.strip()}".strip(), staff_id=staff_id)
        audit.write(session, staff_id, audit.PASS_ENQUIRY, f"enquiry:{enquiry.id}", to)
    return enquiry


def _hand_over(staff: Staff, enquiry: Enquiry, to: str) -> str:
    """Whose it is now; the name of who has it."""
    kind, _colon, ident = to.partition(":")
    if kind == "staff" and ident.isdecimal():
        member = scope_inbox.get_colleague(staff, enquiry, int(ident))
        enquiry.taken_by = member.id
        return member.display_name
    desk = scope_inbox.get_desk(staff, enquiry, ident if kind == "unit" else "")
    if kind not in ("unit", "office"):
        raise NotFound("office.not_found")
    enquiry.unit_id, enquiry.taken_by = None if desk.office else desk.id, None
    return desk.name


def let_go(session: Session, staff_id: int) -> None:
    """Whoever leaves the desk has no questions any more: what they took or were passed waits for anybody, within the
    caller's transaction."""
    mine = select(Enquiry).where(Enquiry.taken_by == staff_id, Enquiry.state.in_((*FOR_US, ASKED)))
    for enquiry in session.scalars(mine.with_for_update()):
        if enquiry.state == TAKEN:
            enquiry.state = OPEN
            threads.add(session, enquiry, threads.RELEASED, staff_id=staff_id)
        enquiry.taken_by, enquiry.taken_until = None, None
    session.flush()
