"""Nobody is applied for behind their back: whom a unit has entered confirms by a link, or the unit records where the
signed consent is kept. Until then the application stays a draft, which nothing counts.

The link's token is worked out from the application and `serial` by the key ring, so that a sheet can be printed again;
only its digest is kept. The person proves with the last four characters of the ID number, few times a link.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock, crypto
from models.application import drafting, events, lifecycle, queries, record, service
from models.application.tables import Application
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.interview import entering
from models.interview.steps import Stage
from models.office import audit, scope_entry
from models.office.batch_tables import Confirmation
from models.office.tables import Staff
from models.programme.form import IDENTITY_KINDS
from models.programme.mentions import form_fields
from models.programme.typed import fold
from models.unit_of_work import unit_of_work

DOOR = "staff"
ASKED, CONFIRMED, OBJECTED, RECORDED = "asked", "confirmed", "objected", "recorded"
AGREED = (CONFIRMED, RECORDED)
LINK_DAYS = 14
MOST_TRIES = 5
_LEAST, _MOST = 4, 300  # characters that say where a paper is kept


def token(confirmation: Confirmation) -> str:
    """The link's token, while the link leads anywhere; empty otherwise."""
    made = _token(confirmation.application_id, confirmation.serial)
    return made if confirmation.digest == _digest(made) and not is_over(confirmation) else ""


def is_over(confirmation: Confirmation) -> bool:
    """Whether the link has expired, or too many wrong numbers were given."""
    until = confirmation.expires_at
    return until is None or until <= clock.current().now() or confirmation.tries >= MOST_TRIES


def _token(application_id: str, serial: int) -> str:
    return crypto.ring().blind_index(f"{application_id}:{serial}", "confirmation")[:32]


def _digest(made: str) -> str:
    return hashlib.sha256(made.encode()).hexdigest()


def ask(session: Session, application_id: str, unit_id: str, staff_id: int) -> Confirmation:
    """Begin to wait for the person, within the transaction in which the application is entered."""
    now = clock.current().now()
    row = Confirmation(application_id=application_id, unit_id=unit_id, state=ASKED, staff_id=staff_id, created_at=now)
    row.serial, row.tries = 1, 0
    row.digest, row.expires_at = _digest(_token(application_id, 1)), now + timedelta(days=LINK_DAYS)
    session.add(row)
    return row


def renew(staff: Staff, application_id: str) -> None:
    """Give a new link; the one before leads nowhere from now on. Raises Conflict where nothing is waited for."""
    with unit_of_work() as session:
        row = _locked(session, scope_entry.get_entered(staff, application_id).application_id)
        if row.state not in (ASKED, RECORDED):
            raise Conflict("entry.settled")
        row.serial, row.tries = row.serial + 1, 0
        row.digest = _digest(_token(application_id, row.serial))
        row.expires_at = clock.current().now() + timedelta(days=LINK_DAYS)
        audit.write(session, staff.id, audit.RENEW_LINK, f"application:{application_id}")


def by_token(given: str) -> Confirmation:
    """The confirmation that this link is for, though it may be over. Raises NotFound."""
    row = db.session.scalar(select(Confirmation).where(Confirmation.digest == _digest(given)))
    if row is None:
        raise NotFound("error.not_found")
    return row


def prove(given: str, last4: str) -> bool:
    """Whether these are the last four of the person's number; each wrong one counts. Raises NotFound."""
    with unit_of_work() as session:
        row = _locked(session, by_token(given).application_id)
        if is_over(row):
            return False
        right = knows(row.application_id, last4)
        if not right:
            row.tries += 1
        return right


def knows(application_id: str, last4: str) -> bool:
    """Whether somebody knows the number in this application."""
    view = queries.view(application_id)
    numbers = [view.answers.get(f"field:{f.id}") for f in form_fields(view.pack) if f.kind in IDENTITY_KINDS]
    guess = fold(last4).upper().encode()
    given = [number for number in numbers if isinstance(number, str) and number]
    return any(hmac.compare_digest(number[-4:].upper().encode(), guess) for number in given)


def agree(application_id: str, wanted: Mapping[str, Any], door: str) -> dict[str, InvalidAnswer]:
    """Keep what the person alone can give (consents, then declarations), and be confirmed where every required consent
    is among it; what is refused comes back by key. What was withdrawn or has ended is not theirs to confirm."""
    with unit_of_work() as session:
        row = _locked(session, application_id)
        given = {key: value for key, value in wanted.items() if key.startswith("consent:")}
        refused = service.save_partial(application_id, given, door)
        said = {key: True for key, value in wanted.items() if key.startswith("declaration:") and value}
        if not refused and said:
            later = service.save_partial(application_id, said, door)
            refused = {key: error for key, error in later.items() if error.key != "error.not_asked"}
        if not refused and row.state == ASKED:
            row.state, row.settled_at = CONFIRMED, clock.current().now()
        return refused


def object_to(application_id: str) -> None:
    """The person does not want it: the application is withdrawn, and the unit sees that. Raises IllegalTransition where
    it has been decided."""
    with unit_of_work() as session:
        row = _locked(session, application_id)
        if row.state == OBJECTED:
            return
        service.withdraw(application_id)
        row.state, row.settled_at = OBJECTED, clock.current().now()


def record_paper(staff: Staff, application_id: str, paper: str, consents: Collection[str]) -> None:
    """The unit holds the signed consent on paper: where it is kept, which consents it has, by whom it was noted.

    InvalidAnswer: not said where, or a required consent is not among them; Conflict: settled meanwhile.
    """
    paper = paper.strip()
    if not _LEAST <= len(paper) <= _MOST:
        raise InvalidAnswer("entry.paper_where", least=_LEAST, most=_MOST)
    with unit_of_work() as session:
        row = _locked(session, scope_entry.get_entered(staff, application_id).application_id)
        if row.state != ASKED:
            raise Conflict("entry.settled")
        subject = record.draft(session, application_id)
        plan = entering.plan(subject.pack, subject.held.answers, clock.current().today())
        asks = [ask for ask in plan.asks if ask.stage is Stage.CONSENT]
        if any(ask.required and ask.key not in consents for ask in asks):
            raise InvalidAnswer("entry.paper_consents")
        signed: dict[str, Any] = {ask.key: ask.key in consents for ask in asks}
        signed |= {f"declaration:{one.id}": True for one in subject.pack.programme.declarations}
        drafting.keep(session, subject, signed, DOOR)
        row.state, row.paper, row.staff_id, row.settled_at = RECORDED, paper, staff.id, clock.current().now()
        audit.write(session, staff.id, audit.RECORD_CONSENT, f"application:{application_id}", paper)


def hand_in(staff: Staff, application_id: str) -> Application:
    """The unit hands in what the person has agreed to. Conflict: they have not, or have it back to correct themselves;
    else as `service.submit`."""
    with unit_of_work() as session:
        row = scope_entry.get_entered(staff, application_id)
        if row.state not in AGREED:
            raise Conflict("entry.not_agreed")
        if session.get_one(Application, application_id).status == lifecycle.RETURNED:
            raise Conflict("entry.theirs_now")
        audit.write(session, staff.id, audit.HAND_IN, f"application:{application_id}")
        return service.submit(application_id, DOOR, (events.staff_actor(staff.id), row.unit_id))


def standing(row: Confirmation, application: Application) -> str:
    """How far it is, in one word: handed_in, objected, confirmed, recorded, asked; ended where it was withdrawn."""
    if row.state == OBJECTED:
        return OBJECTED
    if application.status in (lifecycle.WITHDRAWN, lifecycle.DELETED):
        return "ended"
    if application.status != lifecycle.DRAFT:
        return "handed_in"
    return row.state


def of_application(application_id: str) -> Confirmation | None:
    """What is known of somebody's consent to what a unit has entered; None for who has applied alone."""
    return db.session.get(Confirmation, application_id)


def _locked(session: Session, application_id: str) -> Confirmation:
    row = session.get(Confirmation, application_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("error.not_found")
    return row
