"""Appending events: the one place where an application's status changes."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from models import clock, detached
from models.application import lifecycle
from models.application.tables import Application, Event
from models.statements import Statement

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


def write(session: Session, app_id: str, seq: int, kind: str, actor: str, at: datetime, data: dict[str, Any]) -> Event:
    """The row of an event alone, by the driver, for who writes the application's row beside it: the event as it will
    be read, no object of the session."""
    row = {"application_id": app_id, "seq": seq, "type": kind, "actor": actor, "at": at, "data": data}
    _WRITE.run(session, row)
    return detached.made(Event, {**row, "data": json.loads(json.dumps(data))})


_WRITE = Statement(insert(Event.__table__).values({c.name: bindparam(c.name) for c in Event.__table__.columns}))  # type: ignore[arg-type]
