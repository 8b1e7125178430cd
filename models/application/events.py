"""Appending events: the one place where an application's status changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import clock
from models.application import lifecycle
from models.application.tables import Application, Event

APPLICANT = "applicant"
WORKER = "worker"
# Events that leave the application as it was: its row stays clean, so its version does, and a decision that was on
# somebody's screen meanwhile is no conflict.
SILENT = frozenset({"checked"})


def staff_actor(staff_id: int) -> str:
    """The actor of an event that a member of staff caused."""
    return f"staff:{staff_id}"


def append(session: Session, application: Application, kind: str, actor: str, **data: Any) -> Event:
    """Record that `kind` happened, and move the status with it; raises IllegalTransition.

    `data` holds ids, keys and reasons, never a person's values. Sequence numbers run from 1 without gaps: the
    caller holds the application's row lock (`store.locked`), and the primary key refuses a second one.
    """
    application.status = lifecycle.step(application.status or lifecycle.NEW, kind)
    now = clock.current().now()
    if kind not in SILENT:
        application.updated_at = now
    last = session.scalar(select(func.max(Event.seq)).where(Event.application_id == application.id))
    event = Event(application_id=application.id, seq=(last or 0) + 1, type=kind, at=now, actor=actor, data=data)
    session.add(event)
    session.flush()
    return event
