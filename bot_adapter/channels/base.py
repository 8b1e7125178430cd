"""What a channel is: it verifies, normalises, acknowledges and sends, and knows no rule of any programme."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from bot_adapter import conversation
from bot_adapter.messages import Capabilities, InboundMessage, MediaRef, OutboundMessage, fit
from models.errors import Conflict
from models.extensions import db
from models.interview.wording import say

log = structlog.get_logger(__name__)


class Channel(Protocol):
    """One way of exchanging messages. `request` and `payload` are the channel's own."""

    name: str
    capabilities: Capabilities

    def verify(self, request: Any) -> bool:
        """Whether the request truly comes from the channel (signature, signed ticket)."""

    def parse(self, request: Any) -> list[InboundMessage]:
        """The messages in a verified request; what is no message of a person gives none."""

    def acknowledge(self, request: Any) -> Any:
        """What the channel wants to hear at once, before any work."""

    def send(self, sender: str, messages: Sequence[OutboundMessage]) -> None:
        """Bring messages to a person; raises `SendError`."""

    def fetch_media(self, ref: MediaRef) -> bytes:
        """The bytes of an image."""

    def redact(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """A payload as it may be logged."""


class SendError(Exception):
    """A message could not be sent; `retry` says whether trying again later can help."""

    def __init__(self, reason: str, *, retry: bool) -> None:
        super().__init__(reason)
        self.retry = retry


def reply_to(
    inbound: InboundMessage,
    capabilities: Capabilities,
    handle: Callable[[InboundMessage], list[OutboundMessage]] | None = None,
) -> list[OutboundMessage]:
    """The reply, made to fit the channel. An unknown error becomes a short apology with a reference number that is
    in the log; nothing of that message was kept, so the same message may simply be sent again."""
    try:
        return fit((handle or conversation.handle)(inbound), capabilities)
    except Conflict:
        db.session.rollback()
        return [OutboundMessage(say("chat.busy", inbound.language or "zh"))]
    except Exception as exc:
        db.session.rollback()
        reference = secrets.token_hex(4).upper()
        log.error("chat_failed", reference=reference, channel=inbound.channel, error=type(exc).__name__, exc_info=exc)
        return [OutboundMessage(say("chat.error", inbound.language or "zh", reference=reference))]
