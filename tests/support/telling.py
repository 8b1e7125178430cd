"""Something to tell the one person there is, and the job that brings it to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models.application import notices
from models.application.tables import Application, Notice, Outbox
from models.extensions import db
from models.unit_of_work import unit_of_work
from workers.delivery import deliver_notice


def tell(code: str = "notice.approved", **params: Any) -> None:
    """Leave a notice for the one application, and do what can be done about it now."""
    db.session.rollback()
    with unit_of_work() as session:
        application = session.scalars(select(Application)).one()
        effect = f"{code}:{len(session.scalars(select(Notice.id)).all())}"
        notices.tell(session, application, effect, code, receipt=application.receipt, **params)
    carry()


def carry() -> None:
    """Every promise, whether it is due or not: what is not is left alone."""
    db.session.rollback()
    ids = list(db.session.scalars(select(Outbox.id).where(Outbox.job == "deliver_notice")))
    db.session.rollback()
    for row in ids:
        deliver_notice(row)


def states() -> list[str]:
    """How the notices stand, oldest first."""
    db.session.rollback()
    found = list(db.session.scalars(select(Notice.state).order_by(Notice.created_at, Notice.id)))
    db.session.rollback()
    return found
