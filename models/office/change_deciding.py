"""A change on its way up: the unit says what it thinks, the office accepts, refuses by a clause or asks for more. Only
an acceptance touches the record; what stood there before stays in the request."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from models import clock
from models.application import answers, events, notices, record
from models.application.tables import Application, Event
from models.errors import Conflict, InvalidAnswer, NotFound
from models.office import (
    audit,
    change_lines,
    changes,
    figure_facts,
    opinions,
    reviews,
    scope,
    scope_chain,
    search_terms,
    volumes,
)
from models.office.chain_tables import RegistryChange
from models.office.change_states import ACCEPTED, ASKED, OFFICE, REFUSED, UNIT
from models.office.tables import Staff
from models.unit_of_work import unit_of_work

NAME = "field:name"


def may_opine(staff: Staff, change: RegistryChange) -> bool:
    """Whether the request waits for an opinion of this person's unit."""
    return change.state == UNIT and scope.REVIEWER in scope.roles(staff) and change.unit_id == staff.unit_id


def may_settle(staff: Staff, change: RegistryChange) -> bool:
    """Whether the request waits for this person's decision; the office need not wait for the unit."""
    return change.state in (UNIT, OFFICE) and scope.OFFICE in scope.roles(staff)


def opine(staff: Staff, change_id: str, version: int, words: str, signer: str, day: date | None) -> None:
    """The unit's opinion, signed; the request goes on to the office.

    Raises NotFound, Conflict, InvalidAnswer (no words, too long, no signer, no day or one to come).
    """
    words, signer, staff_id, unit_id = words.strip(), signer.strip(), staff.id, staff.unit_id or ""
    if not words:
        raise InvalidAnswer("office.reason_missing")
    signed_on = opinions.check(words, signer, day)
    with unit_of_work() as session:
        found, application = _held(session, staff, change_id, version)
        if not may_opine(staff, found):
            raise Conflict("office.change_changed")
        held = changes.dossier(found)
        held.opinion = {"unit": unit_id, "words": words, "signer": signer, "day": signed_on.isoformat()}
        changes.seal(found, held)
        found.state = OFFICE
        event = _happened(session, application, found, "change_endorsed", staff_id, unit=unit_id)
        _tell(session, application, found, event, "notice.change_endorsed")
        audit.write(session, staff_id, audit.OPINION, f"application:{application.id}", found.kind)


def ask(staff: Staff, change_id: str, version: int, words: str) -> None:
    """Ask whoever asked for the change for more. Raises NotFound, Conflict, InvalidAnswer without words."""
    words, staff_id = reviews.check_reason(words), staff.id
    with unit_of_work() as session:
        found, application = _held(session, staff, change_id, version)
        if not (may_opine(staff, found) or may_settle(staff, found)):
            raise Conflict("office.change_changed")
        held = changes.dossier(found)
        held.back = found.state
        changes.seal(found, held)
        found.state, found.answer = ASKED, words
        event = _happened(session, application, found, "change_more", staff_id, reason=words)
        if found.asked_by is None:  # a clerk reads it on the request
            _tell(session, application, found, event, "notice.change_more", words)
        audit.write(session, staff_id, audit.SETTLE_CHANGE, f"application:{application.id}", ASKED)


def refuse(staff: Staff, change_id: str, version: int, clause: str, words: str) -> None:
    """Refuse by a clause of the notice. Raises NotFound, Conflict, InvalidAnswer (no clause, no words)."""
    words, staff_id = reviews.check_reason(words), staff.id
    with unit_of_work() as session:
        found, application = _held(session, staff, change_id, version)
        if not may_settle(staff, found):
            raise Conflict("office.change_changed")
        if clause not in reviews.clauses(record.loaded(session, application).pack):
            raise InvalidAnswer("office.change_clause")
        _settle(found, REFUSED, staff_id)
        found.answer, found.clause = words, clause[:40]
        event = _happened(session, application, found, "change_refused", staff_id, clause=clause, reason=words)
        _tell(session, application, found, event, "notice.change_refused", words)
        audit.write(session, staff_id, audit.SETTLE_CHANGE, f"application:{application.id}", REFUSED)


def accept(staff: Staff, change_id: str, version: int, seen: int) -> None:
    """Take the new answers into the record, from today. `seen`: the application's version that was on the screen beside
    them. Raises NotFound, Conflict where anything has changed since, or the person is not in the registry any more."""
    staff_id = staff.id
    with unit_of_work() as session:
        found, application = _held(session, staff, change_id, version)
        if not may_settle(staff, found) or application.version != seen:
            raise Conflict("office.change_changed")
        if not changes.is_open_to(session, application):
            raise Conflict("office.change_changed")
        subject = record.loaded(session, application)
        held, kind = changes.dossier(found), changes.kind_of(subject.pack, found.kind)
        held.old = {key: subject.held.answers.get(key) for key in held.new}
        changes.seal(found, held)
        if NAME in held.new:
            application.name = str(held.new[NAME])[:100]
        answers.save(session, application.id, subject.pack, held.new, "staff")
        record.mark_changed(application)
        _settle(found, ACCEPTED, staff_id)
        found.clause = kind.clause[:40]
        session.flush()
        now = answers.load(session, application.id, subject.pack).answers
        search_terms.write(session, application, subject.pack, now)
        figure_facts.keep(session, application.id, subject.pack, now)
        event = _happened(session, application, found, "changed", staff_id, clause=kind.clause, keys=sorted(held.new))
        notices.promise_workbooks(session, application, str(event.seq), application.unit_id)
        volumes.promise(session, application, f"changed-{found.id}")
        _tell(session, application, found, event, "notice.changed")
        audit.write(session, staff_id, audit.SETTLE_CHANGE, f"application:{application.id}", ACCEPTED)


def _held(session: Session, staff: Staff, change_id: str, version: int) -> tuple[RegistryChange, Application]:
    found = scope_chain.get_change(staff, change_id)
    application = record.locked(session, found.application_id)
    session.refresh(found, with_for_update=True)
    if found.version != version:
        raise Conflict("office.change_changed")
    return found, application


def _settle(found: RegistryChange, state: str, staff_id: int) -> None:
    found.state, found.settled_by, found.settled_at = state, staff_id, clock.current().now()


def _happened(
    session: Session, application: Application, found: RegistryChange, kind: str, staff_id: int, **data: object
) -> Event:
    about = {"change": found.id, "what": found.kind, **data}
    return events.append(session, application, kind, events.staff_actor(staff_id), **about)


def _tell(
    session: Session, application: Application, found: RegistryChange, event: Event, code: str, words: str = ""
) -> None:
    told = {"receipt": application.receipt}
    notices.tell(session, application, f"change:{found.id}:{event.seq}", code, words, **told)


def reveal(staff: Staff, change_id: str, key: str, reason: str, lang: str) -> tuple[str, str]:
    """What stood there and what is asked for, in plain. The reveal is committed to the audit before they are given.

    Raises NotFound out of reach or for what is not part of it, InvalidAnswer without a good reason.
    """
    reason, staff_id = reviews.check_reason(reason), staff.id
    with unit_of_work() as session:
        found = scope_chain.get_change(staff, change_id)
        line = next((one for one in change_lines.lines(found, lang, plain=True) if one.key == key), None)
        if line is None or not line.hidden:
            raise NotFound("office.not_found")
        audit.write(session, staff_id, audit.REVEAL, f"application:{found.application_id}:{key}"[:120], reason)
        return "\n".join(line.old), "\n".join(line.new)
