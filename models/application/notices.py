"""Messages to the applicant that we begin, and the workbooks that a change reaches: both as promises.

A notice is pending → sent | seen, by whoever takes it first: the reply that it heads (`bot_adapter.delivery.pending`),
or a push, for whose time it is `sending`. `unsure`: the push was cut off and nobody knows whether it arrived; it heads
the next reply, which says so. `seen`: the person acted on it before it was told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import and_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from models import clock, outbox
from models.application import others
from models.application.channel_tables import Carried
from models.application.tables import Application, Conversation, Notice, Outbox, new_id
from models.office import units
from models.unit_of_work import unit_of_work

PENDING, SENDING, SENT, SEEN, UNSURE = "pending", "sending", "sent", "seen", "unsure"
WAITING = others.WAITING  # pending, unsure: head the next reply

DEBOUNCE = timedelta(seconds=10)  # a burst of changes builds a unit's workbook once


def tell(
    session: Session, application: Application, effect: str, code: str, text: str = "", **params: Any
) -> Notice | None:
    """Leave a message for the applicant's conversation and promise its delivery; None where it was left before.

    `code` is a wording key that `params` (ids, codes, numbers: never personal values) fill; `text` is a person's own.
    """
    if session.scalar(select(Notice.id).where(Notice.effect == effect)) is not None:
        return None
    notice = Notice(
        id=new_id(),
        application_id=application.id,
        conversation_id=others.latest(session, application.id),
        effect=effect,
        code=code,
        params=params,
        text=text,
        created_at=clock.current().now(),
    )
    session.add(notice)
    session.flush()
    outbox.promise(session, "deliver_notice", notice.id, f"deliver:{effect}"[:160])
    return notice


def take(notice_id: str, conversation_id: str) -> bool:
    """Take a waiting notice for a push into this conversation, committed at once. False: it has been told meanwhile."""
    return _turn(notice_id, PENDING, state=SENDING, conversation_id=conversation_id)


def release(notice_id: str, state: str = PENDING) -> bool:
    """Give a notice back that was taken: it heads the next reply, wherever the application is carried on by now."""
    here = select(Conversation.id).where(Conversation.application_id == Notice.application_id)
    beside = select(Carried.conversation_id).where(Carried.application_id == Notice.application_id)
    let_go = and_(
        Notice.application_id.is_not(None), Notice.conversation_id.not_in(here), Notice.conversation_id.not_in(beside)
    )
    with unit_of_work() as session:
        gone = update(Notice).where(Notice.id == notice_id, Notice.state == SENDING, let_go)
        session.execute(gone.values(conversation_id=None).execution_options(synchronize_session=False))
        return _turn(notice_id, SENDING, state=state)


def overtaken(notice_id: str) -> bool:
    """The person acted on it before it was told: there is nothing to say any more."""
    return _turn(notice_id, PENDING, state=SEEN)


def _turn(notice_id: str, before: str, **values: Any) -> bool:
    with unit_of_work() as session:
        query = update(Notice).where(Notice.id == notice_id, Notice.state == before).values(**values)
        result = session.execute(query.execution_options(synchronize_session=False))
        return cast(CursorResult[Any], result).rowcount > 0


def workbook_subject(round_id: str, unit_id: str) -> str:
    """The subject of `assemble_workbook`: both ids, 64 characters."""
    return f"{round_id}{unit_id}"


def promise_workbooks(session: Session, application: Application, cause: str, *unit_ids: str | None) -> None:
    """Promise that the workbooks of these units, and of the units through which they report, will show this change;
    `cause` makes it a promise of its own.

    A build that waits unclaimed will read after our commit, so it will see the change and no other is needed. Its row
    is held meanwhile: a worker cannot claim it between our look and our commit.
    """
    for reached in units.upwards(session, [unit_id for unit_id in unit_ids if unit_id is not None]):
        promise_workbook(session, application.round_id, reached, f"{application.id}:{cause}")


def promise_workbook(session: Session, round_id: str, unit_id: str, cause: str) -> None:
    """The same for one unit's workbooks alone, whatever has changed in them."""
    subject = workbook_subject(round_id, unit_id)
    waiting = session.scalar(
        select(Outbox.id)
        .where(
            Outbox.job == "assemble_workbook",
            Outbox.subject_id == subject,
            Outbox.state == "pending",
            Outbox.lease_until.is_(None),
        )
        .with_for_update()
        .limit(1)
    )
    if waiting is None:
        effect = f"workbook:{cause}:{unit_id}"
        outbox.promise(session, "assemble_workbook", subject, effect, not_before=clock.current().now() + DEBOUNCE)
