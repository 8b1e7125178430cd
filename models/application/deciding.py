"""What the office does with an application. Every change names the version that was on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.application import events, labels, notices, packs, record
from models.application.tables import Application, Event
from models.errors import InvalidAnswer
from models.office import unit_erasing, volumes
from models.office.tables import UnitRow
from models.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class ReturnedItem:
    """A field or document sent back, by its answer key, with what to do about it."""

    key: str
    reason: str


def return_items(app_id: str, items: Sequence[ReturnedItem], staff_id: int, version: int) -> Application:
    """Send named items back to the person; only these reopen.

    Raises InvalidAnswer (nothing named, no reason, not asked of this person), Conflict, IllegalTransition.
    """
    with unit_of_work() as session:
        application = record.at_version(session, app_id, version)
        subject = record.loaded(session, application)
        plan = subject.plan()
        if not items:
            raise InvalidAnswer("error.nothing_returned")
        for item in items:
            if plan.ask(item.key) is None:
                raise InvalidAnswer("error.not_asked")
            if not item.reason.strip():
                raise InvalidAnswer("error.reason_needed")
        named = {item.key: item.reason.strip()[:300] for item in items}
        event = _happened(
            session,
            application,
            "items_returned",
            staff_id,
            items=[{"key": key, "reason": reason} for key, reason in named.items()],
        )
        application.returned_keys, application.corrected_keys = list(named), []
        lines = [labels.named(subject.pack, key, reason, application.language) for key, reason in named.items()]
        _tell(session, application, event, text="\n".join(lines), count=len(named))
        return application


def approve(app_id: str, staff_id: int, version: int, opinion: str) -> Application:
    """Approve, with the opinion that goes into the review box. Raises Conflict, IllegalTransition."""
    with unit_of_work() as session:
        application = record.at_version(session, app_id, version)
        volumes.promise(session, application, f"approved-{application.version}")
        event = _happened(session, application, "approved", staff_id, opinion=opinion.strip()[:300])
        _tell(session, application, event)
        return application


def decline(app_id: str, staff_id: int, version: int, clause: str, reason: str) -> Application:
    """Decline by a clause of the notice. The person may apply anew.

    Raises InvalidAnswer (clause the notice does not have, no reason), Conflict, IllegalTransition.
    """
    with unit_of_work() as session:
        application = record.at_version(session, app_id, version)
        if clause not in {c.ref for c in packs.pack_of(application).clauses}:
            raise InvalidAnswer("error.unknown_clause", clause=clause)
        if not reason.strip():
            raise InvalidAnswer("error.reason_needed")
        event = _happened(session, application, "declined", staff_id, clause=clause, reason=reason.strip()[:300])
        application.person_index = None
        _tell(session, application, event, text=reason.strip()[:300], clause=clause)
        return application


def reroute(app_id: str, unit_id: str, staff_id: int, version: int, reason: str) -> Application:
    """Hand over to another unit of the programme. Raises InvalidAnswer, Conflict, IllegalTransition."""
    with unit_of_work() as session:
        application = record.at_version(session, app_id, version)
        unit = session.get(UnitRow, unit_id)
        if unit is None or unit.programme != application.programme or unit.closed_at is not None:
            raise InvalidAnswer("error.unknown_unit")
        if not reason.strip():
            raise InvalidAnswer("error.reason_needed")
        before = application.unit_id
        if before == unit_id:
            return application
        application.unit_id = unit_id
        unit_erasing.erase(session, app_id)  # one unit's assessment is not another's to read
        event = events.append(
            session,
            application,
            "rerouted",
            events.staff_actor(staff_id),
            **{"from": before, "to": unit_id, "reason": reason.strip()[:300]},
        )
        notices.promise_workbooks(session, application, str(event.seq), unit_id, before)
        session.flush()
        return application


def _happened(session: Session, application: Application, kind: str, staff_id: int, **data: object) -> Event:
    event = events.append(session, application, kind, events.staff_actor(staff_id), **data)
    notices.promise_workbooks(session, application, str(event.seq), application.unit_id)
    return event


def _tell(session: Session, application: Application, event: Event, text: str = "", **params: object) -> None:
    effect = f"{event.type}:{application.id}:{event.seq}"
    code = {"items_returned": "notice.returned"}.get(event.type, f"notice.{event.type}")
    notices.tell(session, application, effect, code, text, receipt=application.receipt, **params)
    session.flush()
