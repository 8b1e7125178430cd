"""A unit enters a person: an application of the door ``staff``, a draft until the person has agreed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from models.application import drafting, events, record
from models.application.tables import Application
from models.office import confirmations

DOOR = confirmations.DOOR


def begin(session: Session, programme: str, unit_id: str, staff_id: int, values: Mapping[str, Any]) -> Application:
    """A new draft with these canonical values, within the caller's transaction. Raises NotOpen."""
    started = drafting.start(programme, DOOR, "zh", events.staff_actor(staff_id), unit_id)
    application = started.application
    confirmations.ask(session, application.id, unit_id, staff_id)
    drafting.keep(session, record.draft(session, application.id), values, DOOR)
    return application
