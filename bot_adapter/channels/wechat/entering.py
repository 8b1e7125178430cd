"""Whose conversation an openid of the account is, for somebody who comes to the web from WeChat."""

from __future__ import annotations

from sqlalchemy import select

from models import clock
from models.application import lifecycle
from models.application.tables import Application, Conversation
from models.extensions import db
from models.unit_of_work import unit_of_work

CHANNEL = "wechat"


def conversation_of(openid: str) -> Conversation | None:
    """The conversation of this person; an openid is one account's, and the settings have one."""
    mine = (Conversation.channel == CHANNEL, Conversation.sender == openid)
    found: Conversation | None = db.session.scalar(
        select(Conversation).where(*mine).order_by(Conversation.updated_at.desc()).limit(1)
    )
    return found


def application_of(conversation: Conversation) -> Application | None:
    """What it carries on, as long as that is there."""
    if conversation.application_id is None:
        return None
    found = db.session.get(Application, conversation.application_id)
    return None if found is None or found.status == lifecycle.DELETED else found


def carry_on(conversation_id: str, application_id: str) -> bool:
    """Let a conversation that carries nothing yet carry on an application begun in the browser; whether it does."""
    with unit_of_work() as session:
        conversation = session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)
        application = session.get(Application, application_id)
        if conversation is None or application is None or conversation.application_id is not None:
            return False
        if conversation.programme not in (None, application.programme):
            return False
        conversation.application_id, conversation.programme = application.id, application.programme
        conversation.bound_at, conversation.state = clock.current().now(), {"joined": True}
        return True
