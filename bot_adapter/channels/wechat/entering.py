"""Whose conversation an openid of the account is, for somebody who comes to the web from WeChat."""

from __future__ import annotations

from sqlalchemy import select

from models import clock
from models.application import lifecycle, others
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


def application_of(conversation: Conversation, slug: str = "") -> Application | None:
    """What it talks about, as long as that is there; for another programme (`slug`), what it carries besides."""
    app_id = conversation.application_id
    found = db.session.get(Application, app_id) if app_id is not None else None
    if found is not None and found.status != lifecycle.DELETED and slug in ("", found.programme):
        return found
    return next((one for one in others.of(db.session(), conversation.id) if one.programme == slug), None)


def carry_on(conversation_id: str, application_id: str) -> bool:
    """Let a conversation carry on an application begun in the browser: as its present one where it has none and talks
    about no other programme, else beside that. Whether it does: it carries one application of a programme."""
    with unit_of_work() as session:
        conversation = session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)
        application = session.get(Application, application_id)
        if (
            conversation is None
            or application is None
            or application_of(conversation, application.programme) is not None
        ):
            return False
        if application_of(conversation) is not None or conversation.programme not in (None, application.programme):
            others.add(session, conversation, application_id, {"joined": True}, bound_at=clock.current().now())
            return True
        conversation.application_id, conversation.programme = application.id, application.programme
        conversation.bound_at, conversation.state = clock.current().now(), {"joined": True}
        return True
