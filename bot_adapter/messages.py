"""What passes between a channel and the conversation: text, choices, images and a reply. Nothing about any vendor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class MediaRef:
    """An image that came with a message. `reference` is the channel's own name for it; `data` is there once the
    channel has fetched it (`Channel.fetch_media`), which it does before the conversation handles the message."""

    reference: str
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of one sender. A retry carries the same `dedupe_key` and gets the same answer.

    No text and no media is a nudge: "is there anything new for me?" `greeted` says that the channel opened with
    `conversation.greeting`, so the first message already answers something.
    """

    channel: str
    sender: str
    dedupe_key: str
    text: str = field(default="", repr=False)  # may hold an ID number: never in a log
    media: tuple[MediaRef, ...] = ()
    account: str = ""
    programme: str | None = None  # where the channel is bound to one programme
    language: str | None = None  # what the channel knows about the person's language
    greeted: bool = False
    kind: Literal["text", "unsupported"] = "text"  # unsupported: a sticker, a film, a place
    room: int = 0  # bytes that the whole reply may have, where nothing can be sent after it; 0: no such limit

    @property
    def is_nudge(self) -> bool:
        return not self.text.strip() and not self.media and self.kind == "text"


@dataclass(frozen=True, slots=True)
class Choice:
    """A numbered choice; sending `send` chooses it. Channels with buttons show buttons, others the text alone."""

    send: str
    label: str

    @property
    def line(self) -> str:
        return f"{self.send}. {self.label}" if self.send.isdecimal() else f"「{self.send}」{self.label}"


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to the person. `text` does not repeat the choices; `plain()` does, for channels without buttons."""

    text: str
    choices: tuple[Choice, ...] = ()
    hint: str = ""  # how to answer, said after the choices
    wants_image: bool = False
    many: bool = False  # several choices may be sent at once

    def plain(self) -> str:
        """The whole message as text, with its numbered choices."""
        lines = [self.text, *(choice.line for choice in self.choices)]
        if self.hint:
            lines.append(self.hint)
        return "\n".join(line for line in lines if line)

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "choices": [[choice.send, choice.label] for choice in self.choices],
            "hint": self.hint,
            "wants_image": self.wants_image,
            "many": self.many,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> OutboundMessage:
        choices = tuple(Choice(send, label) for send, label in data["choices"])
        return cls(data["text"], choices, data["hint"], data["wants_image"], data["many"])


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can show. The conversation never asks; `fit` makes the messages fit."""

    buttons: bool = False
    max_messages: int = 10  # in one reply
    max_length: int = 4000  # characters in one message


def fit(messages: Sequence[OutboundMessage], capabilities: Capabilities) -> list[OutboundMessage]:
    """Make a reply fit a channel: join what exceeds the number of messages, cut long texts at line ends.

    Nothing is dropped: what is too long for one message goes on in the next, even beyond `max_messages`.
    """
    joined = list(messages)
    while len(joined) > max(1, capabilities.max_messages):
        first, second = joined[0], joined[1]
        text = "\n\n".join(part for part in (first.plain(), second.text) if part)
        joined[:2] = [replace(second, text=text)]
    fitted: list[OutboundMessage] = []
    for message in joined:
        *before, last = _cut(message.text, capabilities.max_length)
        fitted.extend(OutboundMessage(text) for text in before)
        fitted.append(replace(message, text=last))
    return fitted


def _cut(text: str, limit: int) -> list[str]:
    parts: list[str] = []
    while len(text) > limit:
        end = text.rfind("\n", 1, limit + 1)
        end = limit if end < limit // 2 else end
        parts.append(text[:end].rstrip("\n"))
        text = text[end:].lstrip("\n")
    return [*parts, text]
