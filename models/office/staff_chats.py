"""A clerk's own chat for notices about work: bound by a one-time code that the office's page shows, let go from either
side. It opens nothing: what is told there are numbers and a link that asks to sign in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import clock
from models.application.binding import AGE, DIGITS
from models.application.tables import Conversation
from models.crypto import ring
from models.errors import NotFound
from models.office import audit, links, scope
from models.office.edition_tables import OfficeLink, StaffChat
from models.office.tables import Staff
from models.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class Bound:
    """A chat that somebody has bound."""

    conversation_id: str
    channel: str
    since: datetime


def make_code(staff: Staff) -> str:
    """A new code, eight digits, to be shown once; an older one of the same person holds no more."""
    staff_id, now = staff.id, clock.current().now()
    with unit_of_work() as session:
        mine = (OfficeLink.staff_id == staff_id, OfficeLink.purpose == links.CHAT)
        session.execute(delete(OfficeLink).where(*mine))
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        while session.get(OfficeLink, _digest(code)) is not None:
            code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        row = OfficeLink(digest=_digest(code), staff_id=staff_id, purpose=links.CHAT)
        row.created_at, row.expires_at = now, now + AGE
        session.add(row)
    return code


def use_code(session: Session, conversation: Conversation, code: str) -> Staff:
    """Bind the conversation, in the caller's transaction. Raises NotFound for a code that does not hold."""
    now = clock.current().now()
    used = (
        update(OfficeLink)
        .where(
            OfficeLink.digest == _digest(code),
            OfficeLink.purpose == links.CHAT,
            OfficeLink.used_at.is_(None),
            OfficeLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(OfficeLink.staff_id)
    )
    staff_id = session.execute(used).scalar_one_or_none()
    staff = session.get(Staff, staff_id) if staff_id is not None else None
    if staff is None or not staff.active:
        raise NotFound("chat.bind_unknown")
    session.execute(delete(StaffChat).where(StaffChat.conversation_id == conversation.id))
    session.add(StaffChat(conversation_id=conversation.id, staff_id=staff.id, bound_at=now))
    audit.write(session, staff.id, audit.BIND_CHAT, f"staff:{staff.id}", conversation.channel)
    session.flush()
    return staff


def bound(session: Session, staff_id: int) -> list[Bound]:
    """The chats that somebody has bound."""
    query = select(StaffChat, Conversation).join(Conversation, Conversation.id == StaffChat.conversation_id)
    rows = session.execute(query.where(StaffChat.staff_id == staff_id).order_by(StaffChat.bound_at))
    return [Bound(row.conversation_id, talk.channel, row.bound_at) for row, talk in rows]


def is_bound(session: Session, conversation_id: str) -> bool:
    """Whether a chat is somebody's for notices about work."""
    return session.get(StaffChat, conversation_id) is not None


def let_go(staff: Staff, conversation_id: str) -> None:
    """Let one's own chat go. Raises NotFound where it is not one's own."""
    staff_id = staff.id
    with unit_of_work() as session:
        mine = (StaffChat.conversation_id == conversation_id, StaffChat.staff_id == staff_id)
        gone = session.execute(delete(StaffChat).where(*mine).returning(StaffChat.conversation_id))
        if gone.scalar_one_or_none() is None:
            raise NotFound("office.not_found")
        audit.write(session, staff_id, audit.UNBIND_CHAT, f"staff:{staff_id}")


def let_go_here(session: Session, conversation_id: str) -> bool:
    """The same for the chat that asks for it itself, in the caller's transaction; whether it was bound."""
    gone = delete(StaffChat).where(StaffChat.conversation_id == conversation_id).returning(StaffChat.staff_id)
    staff_id = session.execute(gone).scalar_one_or_none()
    if staff_id is None:
        return False
    audit.write(session, staff_id, audit.UNBIND_CHAT, f"staff:{staff_id}", "chat")
    return True


def of_unit(session: Session, unit_id: str) -> list[str]:
    """The conversations of whoever works on the unit's applications now."""
    query = select(StaffChat.conversation_id, Staff).join(Staff, Staff.id == StaffChat.staff_id)
    rows = session.execute(query.where(Staff.unit_id == unit_id, Staff.active.is_(True)).order_by(StaffChat.bound_at))
    return [ident for ident, one in rows if scope.roles(one) & {scope.REVIEWER, scope.OFFICE}]


def _digest(code: str) -> str:
    return ring().blind_index(code, "staff_chat")
