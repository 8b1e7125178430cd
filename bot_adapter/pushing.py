"""Replies on channels where they are sent, not answered: kept and promised in one transaction, sent by a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from bot_adapter import conversation, exchanges
from bot_adapter.channels.base import reply_to
from bot_adapter.messages import Capabilities, InboundMessage, OutboundMessage, Recipient, fit
from models import outbox
from models.application.tables import Conversation, Inbound

JOB = "send_reply"


def accept(inbound: InboundMessage, capabilities: Capabilities) -> list[OutboundMessage]:
    """Take a message: the change, its reply and the promise to send that commit together; a retry promises nothing
    new. What is returned could not be kept (an apology after an error): the caller may send it."""
    kept: list[bool] = []

    def handle(message: InboundMessage) -> list[OutboundMessage]:
        def promise(session: Session, row: Inbound) -> None:
            outbox.promise(session, JOB, row.id, f"reply:{row.id}")

        reply = conversation.handle(message, promise)
        kept.append(True)  # now, or when it came for the first time
        return reply

    reply = reply_to(inbound, capabilities, handle)
    return [] if kept else reply


def kept_reply(session: Session, inbound_id: str) -> tuple[Conversation, list[OutboundMessage]] | None:
    """The conversation and the reply that is to be sent; None where it is gone with its application."""
    row = session.get(Inbound, inbound_id)
    if row is None:
        return None
    return session.get_one(Conversation, row.conversation_id), exchanges.reply_of(row)


def addressed(
    conversation: Conversation, messages: Sequence[OutboundMessage], capabilities: Capabilities, key: str
) -> list[OutboundMessage]:
    """Messages as the channel sends them, each with its recipient and its own key (`key`, and which part)."""
    to = Recipient(conversation.channel, conversation.account, conversation.sender)
    fitted = fit(messages, capabilities)
    return [replace(message, id=f"{key}:{part}", recipient=to) for part, message in enumerate(fitted)]
