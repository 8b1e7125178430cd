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

from models import clock, outbox
from models.application.tables import Conversation, Notice, new_id
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


def tell(session: Session, application_id: str, effect: str, message: Message) -> int:
    """Write `message` for each conversation that carries the application on, and promise its delivery.

    The same `effect` is told to a conversation once, ever. Gives how many were told; none where the person only uses
    the web, which shows the state itself.
    """
    told = 0
    conversations = session.scalars(select(Conversation.id).where(Conversation.application_id == application_id))
    for conversation_id in list(conversations):
        own_effect = f"{effect}:{conversation_id}"
        if session.scalar(select(Notice.id).where(Notice.effect == own_effect)) is not None:
            continue
        notice = Notice(
            id=new_id(),
            application_id=application_id,
            conversation_id=conversation_id,
            effect=own_effect,
            code=message.code,
            params=message.params,
            created_at=clock.current().now(),
        )
        session.add(notice)
        session.flush()
        outbox.promise(session, "deliver_notice", notice.id, f"deliver:{own_effect}")
        told += 1
    return told
