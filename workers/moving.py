"""Drafts move on to a new version of their programme, each once a version that comes into force.

`models.application.moving` finds them and does it; a draft that its person hands in meanwhile is moved there.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from models.application import moving
from workers.runtime import run


def move_draft(outbox_id: str) -> None:
    """Job: bring one draft to the version in force; the subject is its id."""
    run(outbox_id, _move)


def _move(app_id: str, _session: Session) -> None:
    moving.move_on(app_id)
