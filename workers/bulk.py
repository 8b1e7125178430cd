"""The job of a decision about many; what it does is `models.office.bulk_carrying`."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models.extensions import db
from models.office import bulk_carrying
from workers.runtime import run_prepared


def carry_bulk(outbox_id: str) -> None:
    """Job: carry out a decision about many, case by case. Subject: its id."""
    run_prepared(outbox_id, _carry, _end)


def _carry(bulk_id: str) -> None:
    bulk_carrying.carry(bulk_id)
    db.session.remove()


def _end(bulk_id: str, session: Session, _carried: None) -> None:
    bulk_carrying.end(bulk_id, session)
