"""A message arrives: its conversation, taken for writing, and what has to be known before anything is read of the
application; and the conversation written back. One statement each: this is the path of every message."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from bot_adapter import delivery
from bot_adapter.messages import InboundMessage
from models import clock, detached
from models.application import rounds
from models.application.tables import Conversation, Inbound, Round, new_id
from models.statements import Statement

_COLUMNS = tuple(Conversation.__table__.columns)
_NAMES = tuple(column.key for column in _COLUMNS)
_SELDOM = ("programme", "application_id", "language", "blocked_at", "bound_at")  # changed, and one of them indexed
_EACH_TIME = ("heard_at", "pushes", "state")
_DAY = bindparam("day", type_=Round.opens.type)
_KEY = bindparam("key", type_=Inbound.dedupe_key.type)
_ARRIVED = Statement(
    select(*_COLUMNS, Inbound.id, Inbound.reply, delivery.may_wait(), rounds.taking(Conversation.programme, _DAY))
    .select_from(Conversation)
    .outerjoin(Inbound, Inbound.dedupe_key == _KEY)
    .where(
        Conversation.channel == bindparam("channel", type_=Conversation.channel.type),
        Conversation.account == bindparam("account", type_=Conversation.account.type),
        Conversation.sender == bindparam("sender", type_=Conversation.sender.type),
    )
    .with_for_update(of=Conversation)
)

_BEFORE = Statement(select(Inbound.id, Inbound.reply).where(Inbound.dedupe_key == _KEY))


def _leaving(*names: str) -> Statement:
    values: dict[str, Any] = {name: bindparam(name) for name in ("updated_at", *_EACH_TIME, *names)}
    written = update(Conversation.__table__).where(Conversation.id == bindparam("ident"))  # type: ignore[arg-type]
    return Statement(written.values(version=Conversation.version + 1, **values))


_LEFT, _LEFT_OTHERWISE = _leaving(), _leaving(*_SELDOM)
_MAKE = Statement(insert(Conversation).values({name: bindparam(name) for name in _NAMES}))
_CHINESE_LETTER = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2}")


@dataclass(slots=True)
class Arrival:
    """What is known when a message has come. `conversation` belongs to no session: `left` writes it."""

    conversation: Conversation
    before: Inbound | None = field(default=None, repr=False)  # the same message with its reply, where it came before
    told: bool = False  # something may wait to be told
    taking: bool | None = None  # whether a kept round of its programme takes applications today; None: not asked yet
    stood: tuple[Any, ...] = field(default=(), repr=False)  # what seldom changes, as it was read


def arrived(session: Session, inbound: InboundMessage, key: str) -> Arrival:
    """The sender's conversation, locked until the commit; made for a stranger."""
    sender = {"channel": inbound.channel, "account": inbound.account_id, "sender": inbound.sender_id}
    rows = _ARRIVED.rows(session, {**sender, "key": key, "day": clock.current().today()})
    if not rows:
        return Arrival(_made(session, inbound))
    *values, inbound_id, reply, told, taking = _ARRIVED.converted(session, rows[0])
    conversation = detached.made(Conversation, zip(_NAMES, values, strict=True))
    before = Inbound(id=inbound_id, reply=reply) if inbound_id is not None else None
    taken = None if conversation.programme is None else bool(taking)
    return Arrival(conversation, before, bool(told), taken, _seldom(conversation))


def before(session: Session, key: str) -> Inbound | None:
    """The same message with its reply, where it has come before; only reads."""
    for row in _BEFORE.rows(session, {"key": key}):
        ident, reply = _BEFORE.converted(session, row)
        return Inbound(id=ident, reply=reply)
    return None


def left(session: Session, arrival: Arrival) -> None:
    """Write the conversation as the message has left it."""
    conversation = arrival.conversation
    statement = _LEFT if _seldom(conversation) == arrival.stood else _LEFT_OTHERWISE
    statement.run(session, {**vars(conversation), "ident": conversation.id})


_seldom = attrgetter(*_SELDOM)


def _made(session: Session, inbound: InboundMessage) -> Conversation:
    now = clock.current().now()
    values: dict[str, Any] = {
        "id": new_id(),
        "channel": inbound.channel,
        "account": inbound.account_id,
        "sender": inbound.sender_id,
        "programme": inbound.programme,
        "language": inbound.language or _language_of(inbound.said),
        "pushes": 0,
        "state": {},
        "version": 1,
        "created_at": now,
        "updated_at": now,
        **dict.fromkeys(("application_id", "heard_at", "blocked_at", "bound_at")),
    }
    _MAKE.run(session, values)
    return detached.made(Conversation, values)


def _language_of(text: str) -> str:
    """A stranger who writes Latin words and no Chinese is answered in English."""
    return "en" if _LATIN_WORD.search(text) and not _CHINESE_LETTER.search(text) else "zh"
