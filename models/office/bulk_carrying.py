"""A decision about many, carried out case by case: each in a transaction of its own, by the same steps as alone.

Safe to run twice and at once: a case's row is held while it is decided, and what has a result is left alone. What
cannot be done is written down and stops nothing.
"""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock
from models.application import queries
from models.application.tables import Application
from models.errors import BoleError, Conflict, IllegalTransition, InvalidAnswer, Later, NotFound, StorageAway
from models.logs import describe
from models.office import bulk, decisions, reason_sentences, reviews, scope
from models.office.bulk_choice import APPROVE, Choice
from models.office.review_tables import BulkAction, BulkItem
from models.office.tables import Staff
from models.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)


def carry(bulk_id: str) -> None:
    """Do what is left of it. Raises Later while it can be taken back, and what went wrong unexpectedly with a case
    after all the others were done."""
    if not _start(bulk_id):
        return
    with unit_of_work() as session:
        query = select(BulkItem.application_id).where(BulkItem.bulk_id == bulk_id, BulkItem.result == "")
        left = list(session.scalars(query.order_by(BulkItem.position)))
    broken: Exception | None = None
    for application_id in left:
        try:
            _one(bulk_id, application_id)
        except Exception as error:
            log.error("bulk_case_failed", **describe(error))
            broken = broken or error
    if broken is not None:
        raise broken


def end(bulk_id: str, session: Session) -> None:
    """Nothing is left of it; within the caller's transaction."""
    left = select(BulkItem.application_id).where(BulkItem.bulk_id == bulk_id, BulkItem.result == "")
    if session.scalar(left.limit(1)) is None:
        over = (BulkAction.id == bulk_id, BulkAction.state == bulk.RUNNING)
        session.execute(bulk.moved(*over, state=bulk.DONE, done_at=clock.current().now()))
        bulk.forget_opinion(session, bulk_id)


def _start(bulk_id: str) -> bool:
    """Whether it is to be carried out: from now on it cannot be taken back."""
    with unit_of_work() as session:
        due = (BulkAction.id == bulk_id, BulkAction.state == bulk.WAITING, BulkAction.due_at <= clock.current().now())
        session.execute(bulk.moved(*due, state=bulk.RUNNING))
        row = session.get(BulkAction, bulk_id, populate_existing=True)
        if row is not None and row.state == bulk.WAITING:
            raise Later(row.due_at)
        return row is not None and row.state == bulk.RUNNING


def _one(bulk_id: str, application_id: str) -> None:
    with unit_of_work() as session:
        # the application first, as whoever erases it does: two that lock in another order would wait for each other
        session.get(Application, application_id, with_for_update=True, populate_existing=True)
        item = session.get(BulkItem, (bulk_id, application_id), with_for_update=True, populate_existing=True)
        if item is None or item.result:
            return
        row = session.get_one(BulkAction, bulk_id)
        seen = item.seen_version
        try:
            with unit_of_work():
                _decide(session, row, application_id, seen)
        except StorageAway:
            raise  # ours to try again, no decision of anybody's
        except BoleError as refused:
            item.result, item.problem = bulk.REFUSED, _problem(refused)
        else:
            item.result = bulk.CARRIED


def _decide(session: Session, row: BulkAction, application_id: str, seen: int) -> None:
    """As whoever asked for it: with the reach that they have now."""
    choice = Choice.of(row)
    staff = session.get_one(Staff, row.staff_id)
    scope.get_decidable(staff, application_id)
    if choice.action == APPROVE:
        decisions.approve(session, staff.id, application_id, seen, choice.signed)
    else:
        view = queries.view(application_id)
        reasons = {key: choice.reasons[key] for key in reviews.returnable(view) if key in choice.reasons}
        if not reasons:
            raise InvalidAnswer("bulk.not_asked")
        reasons = reason_sentences.read_in(row.programme, reasons, view.application.language)
        decisions.return_items(staff.id, application_id, seen, reasons)
    decisions.settle(session, row.staff_id, choice.action, application_id, f"bulk:{row.id}")


def _problem(refused: BoleError) -> str:
    """The wording key that says it; one that would need more words than are kept is said in general."""
    if isinstance(refused, Conflict):
        return "bulk.changed"
    if isinstance(refused, IllegalTransition):
        return "bulk.not_now"
    if isinstance(refused, NotFound):
        return "bulk.gone"
    return "bulk.cannot" if refused.params else refused.key
