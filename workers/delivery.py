"""Deliver what we begin to say: verdicts on photos, returns, approvals, answers, reminders.

How each reaches the person is decided in `bot_adapter.routes` and done in `workers.carrying`; what nothing can bring
to them waits in its table and heads the next reply or poll (`bot_adapter.delivery.pending`), for weeks if need be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.application import in_line, notices, others
from models.application.tables import Application, Notice
from models.unit_of_work import after_commit
from workers import carrying
from workers.runtime import run_prepared


def deliver_notice(outbox_id: str) -> None:
    """Job: bring one notice to the person."""
    run_prepared(outbox_id, carrying.carry, _done)


def _done(notice_id: str, session: Session, _carried: None) -> None:
    """Each attempt has been written down as it ended; what waits behind this one may go."""
    conversation_id = session.scalar(select(Notice.conversation_id).where(Notice.id == notice_id))
    if conversation_id is not None:
        after_commit(lambda: in_line.call_after_notice(notice_id, conversation_id))


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
    if not session.scalar(select(others.in_chat(application_id))):
        return None
    application = session.get_one(Application, application_id)
    return notices.tell(session, application, effect, message.code, **message.params)
