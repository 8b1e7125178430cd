"""What a chat carries besides the application that is talked about there: left by 「换项目」, nothing of it lost.

Each is a row with the conversation's state as it was left. Whoever looks for the chats of an application looks for
these too (`carriers`, `in_chat`): its news arrives there like that of the present one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, union_all, update
from sqlalchemy.orm import Session, aliased

from models import clock
from models.application import lifecycle
from models.application.channel_tables import Carried
from models.application.tables import Application, Conversation, Notice

WAITING = ("pending", "unsure")  # notices that head the next reply; `notices` builds on this module


def carriers(app_id: Any) -> ColumnElement[bool]:
    """Of conversations: those that carry the application, as their present one or beside it."""
    present = aliased(Conversation)
    now = select(present.id).where(present.application_id == app_id)
    beside = select(Carried.conversation_id).where(Carried.application_id == app_id)
    return Conversation.id.in_(union_all(now, beside))


def in_chat(app_id: Any) -> ColumnElement[bool]:
    """Whether any chat carries the application."""
    now = select(Conversation.id).where(Conversation.application_id == app_id)
    beside = select(Carried.conversation_id).where(Carried.application_id == app_id)
    return or_(now.exists(), beside.exists())


def latest(session: Session, app_id: str) -> str | None:
    """The chat in which the application, or another beside it, was talked about last."""
    query = select(Conversation.id).where(carriers(app_id)).order_by(Conversation.updated_at.desc())
    found: str | None = session.scalar(query.limit(1))
    return found


def of(session: Session, conversation_id: str) -> list[Application]:
    """The applications beside the present one, the one left last first; without those that have been deleted."""
    query = select(Application).join(Carried, Carried.application_id == Application.id)
    mine = (Carried.conversation_id == conversation_id, Application.status != lifecycle.DELETED)
    return list(session.scalars(query.where(*mine).order_by(Carried.left_at.desc(), Application.id)))


def holds(session: Session, conversation_id: str, app_id: str) -> bool:
    """Whether a chat carries the application beside its present one."""
    return session.get(Carried, (conversation_id, app_id)) is not None


def leave(session: Session, conversation: Conversation, state: dict[str, Any]) -> None:
    """Put the present application aside with what was open in it; the caller gives the conversation another one. What
    waits to be told of it anywhere is told here."""
    app_id = conversation.application_id
    if app_id is None:
        return
    add(session, conversation, app_id, state, bound_at=conversation.bound_at)
    waits = (Notice.application_id == app_id, Notice.conversation_id.is_(None), Notice.state.in_(WAITING))
    told_here = update(Notice).where(*waits).values(conversation_id=conversation.id)
    session.execute(told_here.execution_options(synchronize_session=False))


def add(session: Session, conversation: Conversation, app_id: str, state: dict[str, Any], *, bound_at: Any) -> None:
    """Let a chat carry an application beside its present one."""
    row = Carried(conversation_id=conversation.id, application_id=app_id, state=state, bound_at=bound_at)
    row.left_at, row.version = clock.current().now(), conversation.version
    session.merge(row)
    session.flush()


def take(session: Session, conversation_id: str, app_id: str) -> Carried | None:
    """Take one out, to go on with it: its row as it was. None where it is not there (any more)."""
    row = session.get(Carried, (conversation_id, app_id), with_for_update=True, populate_existing=True)
    if row is None:
        return None
    session.delete(row)
    session.flush()
    return row


def let_go(session: Session, conversation_id: str, app_id: str) -> bool:
    """Let one go; whether it was there. What waits to be told is told wherever else the application is carried on."""
    if take(session, conversation_id, app_id) is None:
        return False
    hand_on(session, conversation_id, app_id)
    return True


def let_all_go(session: Session, conversation_id: str) -> None:
    """Let go of all that the chat carries beside its present one."""
    mine = select(Carried.application_id).where(Carried.conversation_id == conversation_id)
    for app_id in list(session.scalars(mine)):
        let_go(session, conversation_id, app_id)


def hand_on(session: Session, conversation_id: str, app_id: str) -> None:
    """A chat has let the application go: another that carries it beside its present one is given what waits to be
    told; one whose present it is finds that itself."""
    beside = select(Carried.conversation_id).where(
        Carried.application_id == app_id, Carried.conversation_id != conversation_id
    )
    waits = (Notice.conversation_id == conversation_id, Notice.application_id == app_id, Notice.state.in_(WAITING))
    given = update(Notice).where(*waits).values(conversation_id=session.scalar(beside.limit(1)))
    session.execute(given.execution_options(synchronize_session=False))


def forget(session: Session, app_id: str, *, gone: bool) -> None:
    """What was open in an application that is being erased; with `gone`, that anybody carries it beside another."""
    mine = Carried.application_id == app_id
    session.execute(delete(Carried).where(mine) if gone else update(Carried).where(mine).values(state={}))
