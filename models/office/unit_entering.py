"""A unit enters a person: an application of the door ``staff``, a draft until the person has agreed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from models import outbox
from models.application import drafting, events, record
from models.application.tables import Application
from models.office import confirmations, doubles

DOOR = confirmations.DOOR


def begin(
    session: Session,
    programme: str,
    unit_id: str,
    staff_id: int,
    values: Mapping[str, Any],
    *,
    compared: bool = False,
) -> Application:
    """A new draft with these canonical values, within the caller's transaction. Raises NotOpen. `compared`: what other
    units hold has been compared with it, while it was a row of a list."""
    started = drafting.start(programme, DOOR, "zh", events.staff_actor(staff_id), unit_id)
    application = started.application
    waiting = confirmations.ask(session, application.id, unit_id, staff_id)
    draft = record.draft(session, application.id)
    drafting.keep(session, draft, values, DOOR)
    waiting.person_index = doubles.index_of(draft.pack, values, application.round_id)
    if waiting.person_index and not compared:
        outbox.promise(session, "find_doubles", application.id, f"find_doubles:{application.id}:entered")
    return application
