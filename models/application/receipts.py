"""What a platform tells later about a message that it took. It may come before we have written down what the platform
calls that message: then it is kept for as long as that can take, and found when the send is settled."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models import outbox
from models.application import channel_state, notices
from models.application.channel_tables import Delivery
from models.application.deliveries import DELIVERED, FAILED, OUT
from models.application.tables import Conversation, Notice
from models.extensions import db, writing
from models.unit_of_work import unit_of_work

EARLY = timedelta(minutes=10)  # longer than a send can take (`deliveries.LEASE`)


def receipt(channel: str, external_id: str, state: str, now: datetime, *, error: str = "", detail: str = "") -> bool:
    """Write down how a message has ended. False: it is none of ours so far (it is kept, in case it will be), or that
    was known.

    A notice that did not arrive after all is not told: it heads the next reply, or goes another way."""
    told = {"state": state, "error": error[:20], "detail": detail[:80]}
    if not external_id:
        return False
    if _written(channel, external_id, told, now):
        return True
    if _is_known(channel, external_id):
        return False
    # Kept first and looked for once more: whoever settles the send meanwhile looks for it after having written.
    channel_state.put(_key(channel, external_id), json.dumps([told, now.isoformat()]), now, now + EARLY)
    return bool(_written(channel, external_id, told, now))


def settled(channel: str, external_id: str, now: datetime) -> None:
    """A send has been written down with the platform's name for it: what was told about it before counts now."""
    if not external_id:
        return
    key = _key(channel, external_id)
    kept = channel_state.get(key, now)
    if kept is not None:
        told, at = json.loads(kept)
        reached = _written(channel, external_id, told, now)
        if told["error"] == "blocked":
            _block([one for one in reached if one], datetime.fromisoformat(at))
        channel_state.drop(key, now)


def _written(channel: str, external_id: str, told: dict[str, str], now: datetime) -> list[str | None]:
    """The conversations of the sends that this was new for."""
    named = (Delivery.channel == channel, Delivery.external_id == external_id)
    open_ = Delivery.state.not_in((DELIVERED, told["state"]))
    with writing(), db.engine.begin() as connection:
        query = update(Delivery).where(*named, open_).values(**told, updated_at=now)
        rows = connection.execute(query.returning(Delivery.id, Delivery.notice_id, Delivery.conversation_id)).all()
    for row in rows:
        if told["state"] == FAILED and row.notice_id is not None:
            with unit_of_work() as session:
                _not_told(session, row.id, row.notice_id)
    return [row.conversation_id for row in rows]


def _block(conversation_ids: list[str], at: datetime) -> None:
    """Who wants nothing of us is sent nothing, unless they have written since."""
    silent = or_(Conversation.heard_at.is_(None), Conversation.heard_at <= at)
    with writing(), db.engine.begin() as connection:
        whose = Conversation.id.in_(conversation_ids)
        connection.execute(update(Conversation).where(whose, silent).values(blocked_at=at))


def _is_known(channel: str, external_id: str) -> bool:
    with db.engine.connect() as connection:
        query = select(Delivery.id).where(Delivery.channel == channel, Delivery.external_id == external_id)
        return connection.scalar(query.limit(1)) is not None


def _not_told(session: Session, delivery_id: str, notice_id: str) -> None:
    others = select(Delivery.id).where(Delivery.notice_id == notice_id, Delivery.state.in_(OUT))
    state = notices.PENDING if session.scalar(others.limit(1)) is None else notices.UNSURE
    told = update(Notice).where(Notice.id == notice_id, Notice.state == notices.SENT)
    session.execute(told.values(state=state, sent_at=None).execution_options(synchronize_session=False))
    outbox.promise(session, "deliver_notice", notice_id, f"deliver:{notice_id}:{delivery_id}")


def _key(channel: str, external_id: str) -> channel_state.Key:
    return channel, "", f"receipt:{hashlib.sha256(external_id.encode()).hexdigest()[:32]}"
