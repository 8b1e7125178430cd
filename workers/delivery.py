"""Deliver what we begin to say: verdicts on photos, returns, approvals, answers.

None of the present channels can push, so a notice waits in its table and heads the next reply or poll
(`bot_adapter.delivery.pending`); nothing is lost when it waits for weeks. The job only settles the promise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.application import notices
from models.application.tables import Application, Conversation, Notice
from workers.runtime import run

log = structlog.get_logger(__name__)


def deliver_notice(outbox_id: str) -> None:
    """Job: settle the delivery of one notice."""
    run(outbox_id, _deliver)


def _deliver(notice_id: str, session: Session) -> None:
    notice = session.get(Notice, notice_id)
    if notice is None:  # deleted with its application: there is nobody to tell any more
        log.info("notice_gone", notice=notice_id)
        return
    log.info("notice_waits", notice=notice_id, code=notice.code, notice_state=notice.state)


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence to begin with: wording key and params (texts as ``{"zh": …, "en": …}``)."""

    code: str
    params: dict[str, Any]


def tell_in_chat(session: Session, application_id: str, effect: str, message: Message) -> Notice | None:
    """Tell the person in the conversation that carries the application on; the same `effect` is told once, ever.

    None where there is no conversation: the web shows the state itself, and old news must not greet somebody who
    opens a chat weeks later.
    """
    in_chat = select(Conversation.id).where(Conversation.application_id == application_id).limit(1)
    if session.scalar(in_chat) is None:
        return None
    application = session.get_one(Application, application_id)
    return notices.tell(session, application, effect, message.code, **message.params)
