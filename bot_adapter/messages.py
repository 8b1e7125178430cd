"""What passes between a channel and the conversation: text, choices, images and a reply. Nothing about any vendor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from bot_adapter.cutting import cut_all
from models.application.pages import Ahead
from models.frozen import dataclass
from models.json_text import dumps

Kind = Literal["text", "choice", "image", "file", "event", "unsupported"]
WIDEST = 4  # bytes that a character may take; of the other units it takes fewer
MARK_ENDS = "|"  # in the value of a button, between the mark of its question and what it sends; see `choices`


@dataclass(frozen=True, slots=True)
class MediaRef:
    """An image or file that came with a message. `reference` is the channel's own name for it; `data` is there once
    the channel has fetched it (`Channel.fetch_media`), which it does before the conversation handles the message."""

    reference: str = field(repr=False)  # may open the photo to whoever has it: never in a log
    data: bytes | None = field(default=None, repr=False)
    ahead: Ahead | None = field(default=None, repr=False)  # where the data are stored already; the conversation's own


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of one sender. A retry carries the same `dedupe_key` and gets the same answer.

    kind: `choice` is a button that was pressed (`choice_id` as `choices.choice_id` made it; what it sends counts as
    the text); `image` and `file` carry `media`; `event` is something done rather than said (`event`: followed,
    opened …); `unsupported` is a sticker, a film, a place. No text and no media is a nudge: "is there anything new for
    me?" `greeted` says that the channel opened with `conversation.greeting`, so the first message already answers
    something.
    """

    channel: str
    sender_id: str = field(repr=False)  # an openid is personal: never in a log
    dedupe_key: str
    text: str = field(default="", repr=False)  # may hold an ID number: never in a log
    media: tuple[MediaRef, ...] = ()
    account_id: str = ""
    programme: str | None = None  # where the channel is bound to one programme
    language: str | None = None  # what the channel knows about the person's language
    greeted: bool = False
    kind: Kind = "text"
    room: int = 0  # bytes that the whole reply may have, where nothing can be sent after it; 0: no such limit
    external_id: str = ""  # the platform's own id of the message, as far as it has one
    choice_id: str = ""
    event: str = ""
    occurred_at: datetime | None = None  # when the person sent it, as the platform says
    received_at: datetime | None = None  # when it reached us

    @property
    def is_nudge(self) -> bool:
        return not self.media and self.kind != "unsupported" and not (self.text or self.said).strip()

    @property
    def said(self) -> str:
        """What the person wrote, or what the button that they pressed stands for."""
        return self.text or self.choice_id.rpartition(MARK_ENDS)[2]

    @property
    def choice_mark(self) -> str:
        """The mark of the question that a pressed button was shown for; empty for a button that is never too old."""
        return self.choice_id.rpartition(MARK_ENDS)[0] if self.kind == "choice" else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A numbered choice; sending `send` chooses it. Channels with buttons show buttons, others the text alone."""

    send: str
    label: str

    @property
    def line(self) -> str:
        if self.send.isdecimal():
            return f"{self.send}. {self.label}"
        return f"“{self.send}”: {self.label}" if self.send.isascii() else f"「{self.send}」{self.label}"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A page to open: a button where the channel has them, a line with the address elsewhere."""

    title: str
    url: str = field(repr=False)  # may open the application


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message goes to: a sender on one account of a channel."""

    channel: str
    account_id: str
    sender_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to the person. `text` does not repeat the choices; `plain()` does, for channels without buttons.

    `id` is the own key of this send, the same for every attempt; it and `recipient` are set when it is sent, as is
    `expires_at`: later than that it is not worth sending any more.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    hint: str = ""  # how to answer, said after the choices
    wants_image: bool = False
    many: bool = False  # several choices may be sent at once
    attachments: tuple[Attachment, ...] = ()
    purpose: Literal["reply", "notice"] = "reply"
    id: str = ""
    recipient: Recipient | None = None
    expires_at: datetime | None = None
    mark: str = ""  # of the question that `choices` answer, see `choices`
    elsewhere: bool = False  # says something of another application of the chat, whose staff are others
    # Of a message that is kept for everybody (see `asking`): itself with each mark that it has had. Like `_plain` it is
    # not passed on to a message that is made of this one.
    kept: dict[Any, OutboundMessage] | None = field(default=None, init=False, repr=False, compare=False)
    _plain: str = field(default="", init=False, repr=False, compare=False)
    _bytes: bytes = field(default=b"", init=False, repr=False, compare=False)

    def plain(self) -> str:
        """The whole message as text, with its numbered choices and the addresses of its pages."""
        plain = self._plain
        if not plain:
            lines = [self.text, *[choice.line for choice in self.choices]]
            lines += [f"{page.title} {page.url}" for page in self.attachments]
            lines.append(self.hint)
            plain = "\n".join([line for line in lines if line])
            object.__setattr__(self, "_plain", plain)  # the same for as long as the message is
        return plain

    def kept_for_all(self) -> OutboundMessage:
        """Itself, which is asked of everybody: it keeps what is made of it."""
        object.__setattr__(self, "kept", {})
        self.plain()
        return self

    def marked(self, mark: str) -> OutboundMessage:
        """The same message as the question that the mark is of."""
        found = replace(self, mark=mark)
        object.__setattr__(found, "_plain", self.plain())  # which says nothing of a mark
        return found

    def to_json(self) -> dict[str, Any]:
        """What is kept of a reply; how it was sent is kept elsewhere."""
        return {
            "text": self.text,
            "choices": [[choice.send, choice.label] for choice in self.choices],
            "hint": self.hint,
            "wants_image": self.wants_image,
            "many": self.many,
            **({"pages": [[page.title, page.url] for page in self.attachments]} if self.attachments else {}),
            **({"mark": self.mark} if self.mark else {}),
            **({"elsewhere": True} if self.elsewhere else {}),
        }

    def to_bytes(self) -> bytes:
        """The same as JSON."""
        found = self._bytes
        if not found:
            found = dumps(self.to_json()).encode()
            object.__setattr__(self, "_bytes", found)
        return found

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> OutboundMessage:
        choices = tuple(Choice(send, label) for send, label in data["choices"])
        pages = tuple(Attachment(title, url) for title, url in data.get("pages", ()))
        made = cls(data["text"], choices, data["hint"], data["wants_image"], data["many"], pages)
        return replace(made, mark=data.get("mark", ""), elsewhere=data.get("elsewhere", False))


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do. The conversation never asks; `fit` makes the messages fit, delivery asks the rest."""

    passive_reply: bool = True  # the answer to the request is the reply
    push: bool = False  # something can be said without being asked
    window: timedelta | None = None  # pushing ends this long after the person's last message; None: never
    quota: int | None = None  # messages within that window; None: as many as we like
    reply_deadline: timedelta | None = None
    max_text: int = 4000  # in one message
    text_unit: Literal["chars", "bytes", "utf16"] = "chars"  # bytes of UTF-8; utf16: code units, an emoji has two
    max_choices: int = 0  # buttons under one message; 0: none, the text alone
    writes_choices: bool = False  # beside buttons, choices may stand in the text, which is to leave room for them
    max_messages: int = 10  # in one reply
    media_in: bool = True
    media_out: bool = False
    receipts: bool = False  # whether the platform tells what has arrived


@dataclass(frozen=True, slots=True)
class ReplyWindow:
    """Until when, and how often, something may still be said to a person. `left` None: as often as we like."""

    closes_at: datetime | None
    left: int | None
    blocked: bool = False

    def is_open(self, now: datetime) -> bool:
        in_time = self.closes_at is None or now < self.closes_at
        return in_time and not self.blocked and (self.left is None or self.left > 0)


Problem = Literal["transient", "throttled", "window_closed", "blocked", "rejected", "config"]


@dataclass(frozen=True, slots=True)
class SendResult:
    """How a send ended.

    sent: the platform took it; delivered: it says that it arrived; queued: it will tell later; deferred: not now, and
    trying later may help (transient, throttled); failed: it will not (window_closed, blocked, rejected, config);
    uncertain: the request went out and nothing came back, so it is not sent again.
    `detail` is the platform's error code, never a person's value. `retry_after` in seconds.
    """

    state: Literal["queued", "sent", "delivered", "failed", "deferred", "uncertain"]
    external_id: str = ""
    error: Problem | None = None
    retry_after: float | None = None
    detail: str = ""

    @classmethod
    def sent(cls, external_id: str = "") -> SendResult:
        return cls("sent", external_id)

    @classmethod
    def problem(cls, error: Problem, detail: str = "", retry_after: float | None = None) -> SendResult:
        """A send that did not work: deferred where time may mend it."""
        state: Literal["failed", "deferred"] = "deferred" if error in ("transient", "throttled") else "failed"
        return cls(state, "", error, retry_after, detail)


def fit(messages: Sequence[OutboundMessage], capabilities: Capabilities) -> list[OutboundMessage]:
    """Make a reply fit a channel: join what exceeds the number of messages, cut long texts at line ends.

    Nothing is dropped: what is too long for one message goes on in the next, even beyond `max_messages`. Where there
    are no buttons, the choices are text like the rest of it and are cut with it.
    """
    joined = list(messages)
    while len(joined) > max(1, capabilities.max_messages):
        first, second = joined[0], joined[1]
        text = "\n\n".join(part for part in (first.plain(), second.text) if part)
        joined[:2] = [replace(second, text=text)]
    fitted: list[OutboundMessage] = []
    for message in joined:
        if len(message.plain()) * WIDEST <= capabilities.max_text:
            fitted.append(message)
            continue
        (*before, last), rest = _in_parts(message, capabilities)
        fitted.extend(OutboundMessage(text) for text in before)
        fitted.append(replace(rest, text=last))
    return fitted


def _in_parts(message: OutboundMessage, capabilities: Capabilities) -> tuple[list[str], OutboundMessage]:
    """The text in parts, and the message of the last one. Where choices may be written out, the last part leaves room
    for them; choices that would fill half a message are text like the rest."""
    whole = _parts(message.plain(), capabilities, capabilities.max_text)
    written = capabilities.writes_choices or not capabilities.max_choices
    if len(whole) == 1 or not written:
        return _parts(message.text, capabilities, capabilities.max_text), message
    spare = capabilities.max_text - _size(message.plain(), capabilities) + _size(message.text, capabilities)
    if capabilities.max_choices and spare * 2 >= capabilities.max_text:
        return _parts(message.text, capabilities, spare), message
    return whole, replace(message, choices=(), hint="", attachments=())


def _parts(text: str, capabilities: Capabilities, room: int) -> list[str]:
    if capabilities.text_unit == "chars":
        return _cut(text, room)
    if capabilities.text_unit == "utf16":
        return cut_all(text, 2 * room, "utf-16-le")
    return cut_all(text, room)


def _size(text: str, capabilities: Capabilities) -> int:
    """In the channel's own unit."""
    if capabilities.text_unit == "chars":
        return len(text)
    return len(text.encode()) if capabilities.text_unit == "bytes" else len(text.encode("utf-16-le")) // 2


def _cut(text: str, limit: int) -> list[str]:
    parts: list[str] = []
    while len(text) > limit:
        end = text.rfind("\n", 1, limit + 1)
        end = limit if end < limit // 2 else end
        parts.append(text[:end].rstrip("\n"))
        text = text[end:].lstrip("\n")
    return [*parts, text]
