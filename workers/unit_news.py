"""Tell a unit that its tables have changed: gathered without a lock, written in one short transaction."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models import clock
from models.extensions import db, reading
from models.office import unit_news
from models.office.unit_news import News
from models.unit_of_work import unit_of_work
from workers.runtime import run_prepared


def tell_unit(outbox_id: str) -> None:
    """Job: tell one unit; the subject is ``<unit id>:<mode>``."""
    run_prepared(outbox_id, _gather, _tell)


def _gather(subject: str) -> News | None:
    found = unit_news.gather(db.session(), subject, clock.current().now())
    db.session.rollback()
    return found


def _tell(subject: str, session: Session, news: News | None) -> None:
    unit_news.tell(session, subject, news)


def promise_news() -> int:
    """The clockwork's part: promise what is due now; how much. Needs an app context."""
    with reading():
        found = unit_news.find_due(db.session(), clock.current().now())
        db.session.rollback()
    if not found:
        return 0
    with unit_of_work() as session:
        return unit_news.promise_due(session, found)
