"""Telegram as a channel: what arrives is verified and read, what we say is pushed.

The object is made once a process, with the settings' bot; the webhook and long polling hand it what they are given.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from flask import Request
from sqlalchemy import select

from bot_adapter.channels.base import MediaLost
from bot_adapter.channels.errors import Forged
from bot_adapter.channels.telegram import api, bodies, keyboard, updates
from bot_adapter.channels.telegram.api import Answer, Api
from bot_adapter.channels.telegram.updates import NAME, Bot, Update
from bot_adapter.messages import Capabilities, InboundMessage, MediaRef, OutboundMessage, SendResult
from models import clock
from models.application.tables import Conversation
from models.interview.wording import say
from models.settings import Settings
from models.unit_of_work import unit_of_work

HEADER = "X-Telegram-Bot-Api-Secret-Token"
MAX_TEXT = 4096  # UTF-16 code units
_BUTTONS = ("BUTTON", "REPLY MARKUP", "KEYBOARD", "HTTP URL")  # of a refusal that only means the buttons
_KNOWN = ("chat not found", "message is too long", "message text is empty", "upgraded to a supergroup")
log = structlog.get_logger(__name__)


class Telegram:
    """One bot."""

    name = NAME
    capabilities = Capabilities(
        passive_reply=False,
        push=True,
        max_text=MAX_TEXT,
        text_unit="utf16",
        max_choices=keyboard.MOST,
        writes_choices=True,
        max_messages=30,
    )

    def __init__(self, bot: Api, secret: str, programme: str = "") -> None:
        self.api = bot
        self._secret = secret
        self._bot = Bot(bot.bot_id, programme)

    @classmethod
    def from_settings(cls, settings: Settings) -> Telegram | None:
        """The bot that the settings name, if there is one. Raises SettingsError for a token that is none."""
        bot = api.from_settings(settings)
        return cls(bot, settings.telegram_secret, settings.telegram_programme) if bot is not None else None

    @property
    def listens(self) -> bool:
        """Whether there is a webhook: only with a secret, else anybody could speak for everybody."""
        return bool(self._secret)

    def verify(self, request: Request) -> dict[str, Any]:
        """The update in a request of the platform. Raises Forged and Malformed."""
        given = request.headers.getlist(HEADER)
        if not self._secret or len(given) != 1:
            raise Forged("secret is missing")
        if not hmac.compare_digest(given[0].encode(), self._secret.encode()):
            raise Forged("secret")
        return bodies.parse(request.stream.read(bodies.MAX_BYTES + 1))

    def read(self, payload: Mapping[str, Any]) -> Update:
        """What an update means; nothing is fetched yet. Raises Malformed."""
        return updates.read(payload, self._bot, clock.current().now())

    def parse(self, payload: Mapping[str, Any]) -> list[InboundMessage]:
        """The message in an update. Raises Malformed."""
        message = self.read(payload).message
        return [] if message is None else [self.with_media(message)]

    def with_media(self, message: InboundMessage) -> InboundMessage:
        """The message with its photo or file, as far as it can be had: one that is lost is asked for again."""
        return replace(message, media=tuple(self._fetched(ref) for ref in message.media))

    def acknowledge(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The call that the answer to an update may carry: a button that was pressed stops turning; a group in which
        the bot finds itself is told once that it talks with one person at a time. Nothing else is said there."""
        return acknowledgement(self.read(payload))

    def send(self, message: OutboundMessage) -> SendResult:
        """Push one message. The platform knows no key of ours: what nobody knows to have arrived is not sent again."""
        assert message.recipient is not None
        to = {"chat_id": int(message.recipient.sender_id), "link_preview_options": {"is_disabled": True}}
        said = keyboard.content(message)
        answer = self.api.call("sendMessage", {**to, **said})
        if "reply_markup" in said and _dislikes_buttons(answer):
            log.warning("telegram_buttons_refused")
            answer = self.api.call("sendMessage", {**to, **keyboard.without_buttons(message)})
        return result_of(answer)

    def fetch_media(self, ref: MediaRef) -> bytes:
        """The bytes of a photo or file. Raises MediaLost."""
        return self.api.download(ref.reference)

    def redact(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Which kinds of update it holds, and its number."""
        return {name: value if name == "update_id" else "…" for name, value in payload.items()}

    def _fetched(self, ref: MediaRef) -> MediaRef:
        try:
            return replace(ref, data=self.fetch_media(ref))
        except MediaLost as lost:
            log.warning("photo_not_fetched", reason=str(lost))
            return ref


def acknowledgement(update: Update) -> dict[str, Any]:
    """See `Telegram.acknowledge`; empty for nothing."""
    if update.pressed:
        return {"method": "answerCallbackQuery", "callback_query_id": update.pressed}
    if update.group:
        return {"method": "sendMessage", "chat_id": update.group, "text": say("chat.no_groups", update.language)}
    return {}


def result_of(answer: Answer) -> SendResult:
    """How a send ended. Source: the errors of the Bot API and of its server."""
    if answer.ok:
        number = answer.result.get("message_id") if isinstance(answer.result, dict) else None
        return SendResult.sent(str(number or ""))
    if answer.trouble == "unanswered":
        return SendResult("uncertain", error="transient", detail="unanswered")
    if answer.trouble or answer.code >= 500:
        return SendResult.problem("transient", answer.trouble or str(answer.code), answer.retry_after)
    if answer.code == 429:
        return SendResult.problem("throttled", "429", answer.retry_after)
    if answer.code == 403:
        return SendResult.problem("blocked", "403")
    if answer.code in (401, 404):
        return SendResult.problem("config", str(answer.code))
    known = next((words for words in _KNOWN if words in answer.description), "")
    return SendResult.problem("rejected", f"{answer.code} {known}".strip())


def note_standing(update: Update, bot_id: str) -> None:
    """Write down that a person has blocked the bot, or let it in again. What was written to us after that counts for
    more: an update may come late, and twice."""
    if not update.standing or update.at is None:
        return
    with unit_of_work() as session:
        mine = (Conversation.channel == NAME, Conversation.account == bot_id, Conversation.sender == update.sender)
        known = session.scalar(select(Conversation).where(*mine).with_for_update())
        if known is None or _later(known.heard_at, update.at):
            return
        if update.standing == "blocked":
            known.blocked_at = update.at
        elif known.blocked_at is not None and not _later(known.blocked_at, update.at):
            known.blocked_at = None


def _later(known: datetime | None, than: datetime) -> bool:
    return known is not None and known > than


def _dislikes_buttons(answer: Answer) -> bool:
    said = answer.description.upper()
    return answer.code == 400 and any(word in said for word in _BUTTONS)
