"""A channel that keeps what it is given to send, and answers as it is told: the outside of a platform, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot_adapter.channels.errors import Forged
from bot_adapter.messages import Capabilities, InboundMessage, MediaRef, OutboundMessage, SendResult


class RecordingChannel:
    """`results` are given one after the other, then every message is sent. Strict: the same key twice is an error, as
    is a message without recipient or key, longer than the channel allows, or with more choices than it has buttons."""

    def __init__(self, name: str = "test", capabilities: Capabilities | None = None) -> None:
        self.name = name
        self.capabilities = capabilities or Capabilities(
            passive_reply=False, push=True, window=timedelta(hours=48), quota=5, max_text=2000, max_choices=10
        )
        self.results: list[SendResult] = []
        self.sent: list[OutboundMessage] = []
        self.tried: list[OutboundMessage] = []
        self.photos: dict[str, bytes] = {}

    def verify(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request.get("secret") != "right":
            raise Forged("secret")
        return request

    def parse(self, payload: Mapping[str, Any]) -> list[InboundMessage]:
        refs = tuple(MediaRef(name) for name in payload.get("photos", ()))
        media = tuple(replace(ref, data=self.fetch_media(ref)) for ref in refs)
        return [InboundMessage(self.name, payload["from"], payload["id"], payload.get("text", ""), media)]

    def acknowledge(self, payload: Mapping[str, Any]) -> str:
        return "ok"

    def send(self, message: OutboundMessage) -> SendResult:
        assert message.id and message.recipient is not None and message.recipient.channel == self.name
        size = len(message.text.encode()) if self.capabilities.text_unit == "bytes" else len(message.text)
        assert size <= self.capabilities.max_text
        result = self.results.pop(0) if self.results else SendResult.sent(f"ext-{len(self.tried)}")
        self.tried.append(message)
        if result.state in ("sent", "delivered", "queued"):
            assert message.id not in [one.id for one in self.sent], "sent twice"
            self.sent.append(message)
        return result

    def fetch_media(self, ref: MediaRef) -> bytes:
        return self.photos[ref.reference]

    def redact(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return dict.fromkeys(payload, "…")

    @property
    def texts(self) -> list[str]:
        return [message.plain() for message in self.sent]
