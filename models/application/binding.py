"""One person on several channels: a one-time code lets another conversation carry an application on; each can be let
go again.

The code is made where the application already is (the browser, or a chat that carries it) and sent from the other
chat. Only its keyed digest is kept; it holds for `AGE`, once.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import clock, outbox
from models.application import lifecycle, others, record
from models.application.channel_tables import Carried, LinkCode
from models.application.tables import Application, Conversation, Notice, new_id
from models.crypto import ring
from models.errors import NotFound
from models.interview.wording import text
from models.programme.pack import Text
from models.unit_of_work import unit_of_work

AGE = timedelta(minutes=10)
DIGITS = 8
NAMED = ("wechat", "telegram", "kefu", "webchat")  # channels with a name of their own in the wording
LIVE = 3  # codes of one application that hold at once; an older one gives way


@dataclass(frozen=True, slots=True)
class Bound:
    """A chat that carries the application, also beside another; `since` is None where it was begun there."""

    conversation_id: str
    channel: str
    since: datetime | None
    heard_at: datetime | None


def make_code(app_id: str) -> str:
    """A new code, eight digits, to be shown once. Raises NotFound."""
    now = clock.current().now()
    with unit_of_work() as session:
        application = record.locked(session, app_id)
        if application.status == lifecycle.DELETED:
            raise NotFound("error.not_found")
        mine = LinkCode.application_id == app_id
        session.execute(delete(LinkCode).where(mine, LinkCode.expires_at <= now))
        older = session.scalars(select(LinkCode).where(mine).order_by(LinkCode.created_at.desc())).all()
        for one in older[LIVE - 1 :]:
            session.delete(one)
        code = _unused(session)
        session.add(LinkCode(digest=_digest(code), application_id=app_id, expires_at=now + AGE, created_at=now))
    return code


def _unused(session: Session) -> str:
    while True:
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        if session.get(LinkCode, _digest(code)) is None:
            return code


def normalise(text: str) -> str | None:
    """The digits of a code, however they were typed (full width, with spaces or dashes); None for anything else."""
    kept = [c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and c not in '-–—·.。「」"“”']
    code = "".join(kept)
    return code if len(code) == DIGITS and code.isascii() and code.isdecimal() else None


def use_code(session: Session, conversation: Conversation, code: str, left: dict[str, Any]) -> Application:
    """Let `conversation` carry the application of `code` on, in the caller's transaction, and tell the other chats
    that carry it. What it carried before stays beside it, with what was open there (`left`). Raises NotFound for a
    code that does not hold (any more)."""
    now = clock.current().now()
    used = session.execute(
        update(LinkCode)
        .where(LinkCode.digest == _digest(code), LinkCode.used_at.is_(None), LinkCode.expires_at > now)
        .values(used_at=now)
        .returning(LinkCode.application_id)
    ).scalar_one_or_none()
    application = None if used is None else session.get(Application, used)
    if application is None or application.status == lifecycle.DELETED:
        raise NotFound("chat.bind_unknown")
    elsewhere = [one for one in _carrying(session, application.id) if one.id != conversation.id]
    if conversation.application_id != application.id:
        others.take(session, conversation.id, application.id)
        others.leave(session, conversation, left)
    conversation.application_id, conversation.programme = application.id, application.programme
    conversation.bound_at, conversation.language = now, application.language
    conversation.state = {}
    for other in elsewhere:
        _tell(session, other, conversation, now)
    return application


def bound(session: Session, app_id: str) -> list[Bound]:
    """The chats that carry the application, the latest heard first."""
    query = select(Carried.conversation_id, Carried.bound_at).where(Carried.application_id == app_id)
    beside = {row[0]: row[1] for row in session.execute(query)}
    found = [
        Bound(one.id, one.channel, beside.get(one.id, one.bound_at), one.heard_at) for one in _carrying(session, app_id)
    ]
    return sorted(found, key=lambda one: one.heard_at.timestamp() if one.heard_at else 0.0, reverse=True)


def unbind(app_id: str, conversation_id: str) -> None:
    """Let a chat go: it carries the application no more, and what waits to be told is not told there. Raises
    NotFound where it does not carry it."""
    with unit_of_work() as session:
        conversation = session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)
        if conversation is None:
            raise NotFound("error.not_found")
        if conversation.application_id == app_id:
            let_go(session, conversation)
        elif not others.let_go(session, conversation_id, app_id):
            raise NotFound("error.not_found")


def let_go(session: Session, conversation: Conversation) -> None:
    """The same in the caller's transaction, for the chat that asks for it itself."""
    if conversation.application_id is not None:
        others.hand_on(session, conversation.id, conversation.application_id)
    conversation.application_id, conversation.bound_at, conversation.state = None, None, {}


def forget(session: Session, app_id: str) -> None:
    """Drop the application's codes: it is being erased."""
    session.execute(delete(LinkCode).where(LinkCode.application_id == app_id))


def _carrying(session: Session, app_id: str) -> list[Conversation]:
    return list(session.scalars(select(Conversation).where(others.carriers(app_id))))


def _tell(session: Session, other: Conversation, new: Conversation, now: datetime) -> None:
    """Whoever did not do this must hear of it."""
    effect = f"bound:{new.id}:{other.id}:{now.isoformat()}"[:160]
    notice = Notice(
        id=new_id(),
        application_id=new.application_id,
        conversation_id=other.id,
        effect=effect,
        code="notice.bound",
        params={"channel": title(new.channel).model_dump()},
        created_at=now,
    )
    session.add(notice)
    session.flush()
    outbox.promise(session, "deliver_notice", notice.id, f"deliver:{effect}"[:160])


def title(channel: str) -> Text:
    """What people call a channel."""
    return text(f"channel.{channel}" if channel in NAMED else "channel.other")


def _digest(code: str) -> str:
    return ring().blind_index(code, "link")
