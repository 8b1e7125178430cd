"""A conversation as it is kept: each message with its reply, sealed, in the order in which they came."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, insert, or_, select
from sqlalchemy.orm import Session

from bot_adapter.messages import InboundMessage, OutboundMessage
from models import detached
from models.application.said import came_bound_to, reply_bound_to
from models.application.tables import Application, Conversation, Inbound
from models.crypto import ring
from models.json_text import dumps, loads
from models.statements import Statement


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message with its reply, for showing the conversation again. `text` is None for what we began ourselves."""

    id: str
    at: datetime
    text: str | None
    photos: int
    greeting: tuple[OutboundMessage, ...]
    reply: tuple[OutboundMessage, ...]


def history(session: Session, conversation: Conversation, limit: int = 200) -> list[Exchange]:
    """The last exchanges, oldest first, decrypted."""
    query = select(Inbound).where(Inbound.conversation_id == conversation.id)
    rows = session.scalars(query.order_by(Inbound.id.desc()).limit(limit)).all()
    return [_exchange(row) for row in reversed(rows)]


def about(session: Session, conversation: Conversation, programme: str, *, begun: bool) -> list[Exchange]:
    """The same of what was said about one programme's applications, for its staff: a chat may carry others. What was
    said before there was any application is nobody's, and where the chat has talked about others as well it is shown
    only for a question that was asked then (not `begun`)."""
    own = select(Application.id).where(Application.programme == programme)
    mine = Inbound.conversation_id == conversation.id
    foreign = select(Inbound.id).where(mine, Inbound.application_id.is_not(None), Inbound.application_id.not_in(own))
    allowed: ColumnElement[bool] = Inbound.application_id.in_(own)
    if not begun or session.scalar(foreign.limit(1)) is None:
        allowed = or_(allowed, Inbound.application_id.is_(None))
    rows = session.scalars(select(Inbound).where(mine, allowed).order_by(Inbound.id.desc()).limit(200)).all()
    said = [_exchange(row) for row in reversed(rows)]
    return [replace(one, reply=tuple(part for part in one.reply if not part.elsewhere)) for one in said]


def of_application(session: Session, application_id: str) -> list[Exchange]:
    """Everything that was said about an application, on whatever channel, oldest first, decrypted."""
    query = select(Inbound).where(Inbound.application_id == application_id)
    return [_exchange(row) for row in session.scalars(query.order_by(Inbound.at, Inbound.id))]


def reply_of(row: Inbound) -> list[OutboundMessage]:
    """The reply that was given, as it was rendered then."""
    return _open(row.reply, reply_bound_to(row.id))


def kept(
    conversation: Conversation,
    inbound: InboundMessage,
    key: str,
    opening: list[OutboundMessage],
    reply: list[OutboundMessage],
) -> Inbound:
    """A message with its reply, to be added in the transaction of what it changes; `opening`: what the channel had
    shown before it."""
    # The conversation's version grows with each message, so ids order them even within one tick of the clock.
    row_id = f"{conversation.version:08x}{os.urandom(12).hex()}"
    came = {
        "text": None if inbound.is_nudge else inbound.said,
        "photos": len(inbound.media),
        "greeting": [message.to_json() for message in opening],
    }
    values = {
        "id": row_id,
        "conversation_id": conversation.id,
        "application_id": conversation.application_id,
        "dedupe_key": key,
        "sealed": ring().seal(dumps(came).encode(), came_bound_to(row_id)),
        "reply": _seal_reply(reply, row_id),
        "at": conversation.updated_at,
    }
    return detached.made(Inbound, values)


_COLUMNS = tuple(Inbound.__table__.columns)
_ADD = Statement(insert(Inbound.__table__).values({c.name: bindparam(c.name) for c in _COLUMNS}))  # type: ignore[arg-type]


def add(session: Session, row: Inbound) -> None:
    """Write a message that is kept. Raises IntegrityError where it has been kept before."""
    _ADD.run(session, vars(row))


def _seal_reply(reply: list[OutboundMessage], row_id: str) -> bytes:
    plain = b", ".join([message.to_bytes() for message in reply])
    return ring().seal(b"[" + plain + b"]", reply_bound_to(row_id))


def _open(sealed: bytes, bound_to: str) -> list[OutboundMessage]:
    return [OutboundMessage.from_json(item) for item in loads(ring().open(sealed, bound_to))]


def _exchange(row: Inbound) -> Exchange:
    came = loads(ring().open(row.sealed, came_bound_to(row.id)))
    opening = tuple(OutboundMessage.from_json(item) for item in came["greeting"])
    return Exchange(row.id, row.at, came["text"], came["photos"], opening, tuple(reply_of(row)))
