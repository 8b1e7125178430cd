"""Erasing what a unit has filled in about a person: it goes with the application, and stays with no other unit.

Apart from `unit_entries`, which reads: the applicant's side may erase and never read.
"""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.office.tables import UnitEntry


def erase(session: Session, application_id: str) -> None:
    """Forget all of it, within the caller's transaction."""
    session.execute(delete(UnitEntry).where(UnitEntry.application_id == application_id))
