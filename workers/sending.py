"""Send what is to be pushed: the reply to a message, on channels where a reply is sent and not answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot_adapter import pushing
from bot_adapter.channels import registry
from bot_adapter.channels.base import Channel
from bot_adapter.messages import OutboundMessage, SendResult
from models import clock
from models.application import deliveries, in_line, receipts
from models.errors import Later
from models.extensions import db, writing
from models.unit_of_work import after_commit
from workers.runtime import run_prepared

log = structlog.get_logger(__name__)


def send_reply(outbox_id: str) -> None:
    """Job: push the reply that was kept with a message."""
    run_prepared(outbox_id, _send, _done)


def _done(inbound_id: str, _session: Session, conversation_id: str | None) -> None:
    """Each send has been written down as it ended; what waits behind this one may go."""
    if conversation_id is not None:
        after_commit(lambda: in_line.call_after_reply(inbound_id, conversation_id))


def _send(inbound_id: str) -> str | None:
    """The conversation that it belongs to. Raises Later where it is not its turn, or not all of it has gone."""
    session = db.session()
    found = pushing.kept_reply(session, inbound_id)
    if found is None:
        log.info("reply_gone", inbound=inbound_id)
        return None
    conversation, reply = found
    channel = registry.find(conversation.channel)
    if channel is None:
        log.warning("channel_gone", channel=conversation.channel)
        return conversation.id
    turn = in_line.before_reply(session, inbound_id, conversation.id)
    if turn is not None:
        db.session.remove()
        raise Later(turn)
    messages = pushing.addressed(conversation, reply, channel.capabilities, f"reply:{inbound_id}")
    about = {
        "channel": conversation.channel,
        "purpose": "reply",
        "conversation_id": conversation.id,
        "application_id": conversation.application_id,
    }
    send_all(channel, messages, about)
    return str(about["conversation_id"])


def send_all(channel: Channel, messages: Sequence[OutboundMessage], about: dict[str, Any]) -> None:
    """Push messages in their order, each once; a later one waits for the one before it. Raises Later where one is to
    be tried again; no database session is open while the platform is called."""
    db.session.remove()
    repeatable = bool(getattr(channel, "repeatable", False))
    for part, message in enumerate(messages):
        send_one(channel.send, message, {**about, "part": part}, repeatable=repeatable, counts=True)


def send_one(
    send: Callable[[OutboundMessage], SendResult],
    message: OutboundMessage,
    about: dict[str, Any],
    *,
    repeatable: bool = False,
    counts: bool = False,
) -> None:
    """Send one message by its own key, if it is to be sent now, and write down how that ended. `counts`: it uses the
    conversation's window. Raises Later."""
    with writing():
        claim = deliveries.claim(message.id, about, clock.current().now(), repeatable=repeatable)
        if claim.until is not None:
            raise Later(claim.until)
        if not claim.go:
            return
        result = send(message)
        again = deliveries.settle(
            message.id,
            clock.current().now(),
            result.state,
            error=result.error or "",
            detail=result.detail,
            external_id=result.external_id,
            retry_after=result.retry_after,
            pushed_to=about.get("conversation_id") if counts else None,
        )
    receipts.settled(about["channel"], result.external_id, clock.current().now())
    if result.error is not None:
        log.warning("send_failed", channel=about["channel"], error=result.error, detail=result.detail, again=again)
    if again is not None:
        raise Later(again)
