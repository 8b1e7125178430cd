"""What is sent to one person on one account goes in its order: what was promised first goes first.

Each conversation has one line, of the replies to its messages and of the notices that are pushed there. A promise
waits while an earlier one of its line is still to be sent; one that is done or has failed for good frees the way, and
whoever has gone calls the next. What waits for the next reply, or for the morning, holds nothing up. Nothing is taken
or sent here: that a message is sent once is the business of `deliveries`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, exists, func, literal, or_, select, union_all
from sqlalchemy import update as change
from sqlalchemy.orm import Session

from models import clock, outbox
from models.application import deliveries, notices
from models.application.channel_tables import Delivery
from models.application.tables import Inbound, Notice, Outbox
from models.extensions import db, reading, writing
from models.statements import Statement

SOON = timedelta(seconds=2)  # when to look again, should nobody call: what is in front is about to go
_NEAREST = (
    8  # replies looked at on either side: those between wait themselves, so the next one alone nearly always does
)
_EFFECT = 160  # characters of an effect that are kept
_THERE, _OURS = bindparam("conversation", type_=String()), bindparam("subject", type_=String())
_NOW = bindparam("now", type_=Outbox.not_before.type)


def before_reply(session: Session, inbound_id: str, conversation_id: str) -> datetime | None:
    """When to ask again whether the reply to this message may go; None: now it may."""
    return _until(session, _BEFORE_REPLY, conversation_id, inbound_id)


def before_notice(session: Session, notice_id: str, conversation_id: str) -> datetime | None:
    """The same of a notice that is to be pushed into this conversation."""
    return _until(session, _BEFORE_NOTICE, conversation_id, notice_id)


def call_after_reply(inbound_id: str, conversation_id: str) -> None:
    """The reply to this message is over: let what waits behind it look again at once. In transactions of its own."""
    _call(_AFTER_REPLY, conversation_id, inbound_id)


def call_after_notice(notice_id: str, conversation_id: str) -> None:
    """The same of a notice, whether it was told or not."""
    _call(_AFTER_NOTICE, conversation_id, notice_id)


def _given(conversation_id: str, subject_id: str, now: datetime) -> dict[str, Any]:
    return {"conversation": conversation_id, "subject": subject_id, "now": now}


def _until(session: Session, statement: Statement, conversation_id: str, subject_id: str) -> datetime | None:
    now = clock.current().now()
    rows = statement.rows(session, _given(conversation_id, subject_id, now))
    if not rows:
        return None
    times: list[datetime] = [statement.converted(session, row)[0] for row in rows]
    return max(now + SOON, *times)


def _call(statement: Statement, conversation_id: str, subject_id: str) -> None:
    now = clock.current().now()
    with reading():
        session = db.session()
        waiting = sorted(row[0] for row in statement.rows(session, _given(conversation_id, subject_id, now)))
        session.rollback()
    if not waiting:
        return
    free = (Outbox.state == "pending", or_(Outbox.lease_until.is_(None), Outbox.lease_until < now))
    for row in waiting:
        with writing(), db.engine.begin() as connection:
            connection.execute(change(Outbox).where(Outbox.id == row, *free).values(not_before=now))
    outbox.enqueue(waiting)


def _replies(where: ColumnElement[bool], order: ColumnElement[Any], *columns: Any) -> Select[Any]:
    """Promises of replies in this conversation that are still open, of the nearest on one side."""
    near = select(Inbound.id).where(Inbound.conversation_id == _THERE, where).order_by(order).limit(_NEAREST).subquery()
    effects = select(literal("reply:").concat(near.c.id))
    return select(*columns).where(Outbox.effect.in_(effects), Outbox.state == "pending")


def _notices(where: ColumnElement[bool], *columns: Any) -> Select[Any]:
    """Promises of notices meant for this conversation that are still open."""
    states = or_(Notice.state == notices.PENDING, Notice.state == notices.SENDING)
    effect = func.substr(literal("deliver:").concat(Notice.effect), 1, _EFFECT)
    mine = select(*columns).join_from(Notice, Outbox, Outbox.effect == effect)
    return mine.where(Notice.conversation_id == _THERE, states, Outbox.state == "pending", where)


def _under_way() -> ColumnElement[bool]:
    """Whether a notice is to be sent now, or has been put off by the platform: not by the hour, nor by its window."""
    put_off = exists().where(
        Delivery.notice_id == Notice.id,
        Delivery.conversation_id == _THERE,
        Delivery.state == deliveries.DEFERRED,
        Delivery.not_before > _NOW,
    )
    return or_(Outbox.not_before <= _NOW, Outbox.lease_until > _NOW, put_off.correlate(Notice))


# One order for both kinds: by the time of the promise; at the same moment replies by their number, then notices.
_CAME = select(Inbound.at).where(Inbound.id == _OURS).scalar_subquery()
_own = Notice.__table__.alias("own")
_MADE = select(_own.c.created_at).where(_own.c.id == _OURS).scalar_subquery()
_OLDER = or_(Notice.created_at < _MADE, and_(Notice.created_at == _MADE, Notice.id < _OURS))
_YOUNGER = or_(Notice.created_at > _MADE, and_(Notice.created_at == _MADE, Notice.id > _OURS))
_BEFORE_REPLY = Statement(
    union_all(
        _replies(Inbound.id < _OURS, Inbound.id.desc(), Outbox.not_before),
        _notices(and_(Notice.created_at < _CAME, _under_way()), Outbox.not_before),
    )
)
_BEFORE_NOTICE = Statement(
    union_all(
        _replies(Inbound.at <= _MADE, Inbound.id.desc(), Outbox.not_before),
        _notices(and_(_OLDER, _under_way()), Outbox.not_before),
    )
)


def _first(waiting: Select[Any], *order: Any) -> Select[Any]:
    """The first of those that wait for a time to come."""
    one = waiting.where(Outbox.not_before > _NOW).order_by(*order).limit(1).subquery()
    return select(one.c.id)


_AFTER_REPLY = Statement(
    union_all(
        _first(_replies(Inbound.id > _OURS, Inbound.id.asc(), Outbox.id), Outbox.effect),
        _first(_notices(Notice.created_at >= _CAME, Outbox.id), Notice.created_at, Notice.id),
    )
)
_AFTER_NOTICE = Statement(
    union_all(
        _first(_replies(Inbound.at > _MADE, Inbound.id.asc(), Outbox.id), Outbox.effect),
        _first(_notices(_YOUNGER, Outbox.id), Notice.created_at, Notice.id),
    )
)
