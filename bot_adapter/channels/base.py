"""What a channel is: it verifies, normalises, acknowledges and sends, and knows no rule of any programme."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import structlog

from bot_adapter import conversation
from bot_adapter.messages import Capabilities, InboundMessage, MediaRef, OutboundMessage, SendResult, fit
from models.errors import Conflict
from models.extensions import db, reading
from models.interview.wording import say

log = structlog.get_logger(__name__)


class Channel(Protocol):
    """One way of exchanging messages; an object a process, its account read from the settings or given at making.

    A request is read once, by `verify`, and what it proves is what `parse` and `acknowledge` are given.
    """

    name: str
    capabilities: Capabilities

    def verify(self, request: Any) -> Any:
        """What a request says, proven to come from the channel (signature, secret, signed ticket). Raises Forged, and
        Malformed for what the channel never sends."""

    def parse(self, payload: Any) -> list[InboundMessage]:
        """The messages in a verified payload; what is no message of a person gives none. Its media are fetched."""

    def acknowledge(self, payload: Any) -> Any:
        """What the channel wants to hear at once where no reply is due."""

    def send(self, message: OutboundMessage) -> SendResult:
        """Bring one message to its `recipient`, once for its `id` as far as the platform can tell. Never raises for
        what the platform or the network does: that is the result."""

    def fetch_media(self, ref: MediaRef) -> bytes:
        """The bytes of an image. Raises MediaLost."""

    def redact(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """A payload as it may be logged: no openid, no text, no address, no secret."""


@runtime_checkable
class Reminding(Protocol):
    """What a channel may be able to do besides: reach a person to whom nothing may be sent any more."""

    reminds: bool  # whether it is set up to

    def remind(self, message: OutboundMessage) -> SendResult:
        """Tell the recipient, outside the reply window, only that something is new and where to see it: the message's
        page, else the person's own. Nothing of its text is sent. Once for its `id`; never raises, as `Channel.send`."""


class MediaLost(Exception):
    """A photo cannot be had any more, or not from where it says; the person is asked for it again."""


def unless_kept(inbound: InboundMessage, fetch: Callable[[InboundMessage], InboundMessage]) -> InboundMessage:
    """The message with its media (`fetch`); as it is, where it has none or has come before: a repeat is given the kept
    reply, and nothing is fetched for it. No session is open while the platform is asked."""
    return inbound if not inbound.media or has_come_before(inbound) else fetch(inbound)


def has_come_before(inbound: InboundMessage) -> bool:
    """Whether the message is a repeat. Nobody who writes is held up, and no session is left open."""
    with reading():
        kept = conversation.kept_reply(db.session(), inbound)
        db.session.remove()
    return kept is not None


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
