"""What an update of the Bot API means: a message of a person, a button, an edit, a block, or nothing to us.

Source: core.telegram.org/bots/api, "Update" and "Message". Whatever is not of the documented type counts as missing.
Only private chats are served: what an applicant is told must not be read by a group.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from bot_adapter.channels.errors import Malformed
from bot_adapter.channels.telegram.api import MAX_FILE
from bot_adapter.messages import MARK_ENDS, InboundMessage, MediaRef
from models.programme.loader import pack_slugs

NAME = "telegram"
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")  # what we ask the platform for
_LARGEST_ID = 2**53  # of a chat or a person, as documented
_CHINESE_LETTER = re.compile(r"[\u3400-\u9fff]")
_COMMAND = re.compile(r"/([a-z_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)
_CODE = re.compile(r"\d{6,12}")
_HELLO = "你好"
# Told about the chat, not said by the person.
_NOT_SAID = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "write_access_allowed",
        "connected_website",
        "chat_background_set",
        "boost_added",
        "proximity_alert_triggered",
        "forum_topic_created",
        "group_chat_created",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
    }
)
# What cannot be read, where there is something better to say than that.
_UNREAD = {"voice": "voice", "video_note": "voice", "audio": "voice", "location": "location", "venue": "location"}
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bot:
    """Which bot an update is for, and what it is for (empty: the person chooses)."""

    id: str
    programme: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """An update as far as it concerns us. `sender`: whose flood it would be. `pressed`: the press of a button, which
    waits to be answered. `standing`: whether the person has blocked the bot, at `at`. `group`: a group that the bot has
    just been added to."""

    id: int
    sender: str = field(default="", repr=False)
    message: InboundMessage | None = None
    pressed: str = ""
    standing: Literal["", "blocked", "allowed"] = ""
    at: datetime | None = None
    group: int = field(default=0, repr=False)
    language: str = "zh"


def read(payload: Fields, bot: Bot, now: datetime) -> Update:
    """The update in a body. Raises Malformed where it has no id: then the platform has not sent it."""
    number = _whole(payload, "update_id")
    if number is None or number < 0:
        raise Malformed("update_id")
    if (pressed := _object(payload, "callback_query")) is not None:
        return _pressed(number, pressed, bot, now)
    if (changed := _object(payload, "my_chat_member")) is not None:
        return _standing(number, changed)
    if (edited := _object(payload, "edited_message")) is not None:
        return _said(number, edited, bot, now, edited=True)
    if (said := _object(payload, "message")) is not None:
        return _said(number, said, bot, now)
    return Update(number)


def _said(number: int, said: Fields, bot: Bot, now: datetime, *, edited: bool = False) -> Update:
    person = _person(said, said)
    if person is None or not _NOT_SAID.isdisjoint(said) or (edited and "location" in said):
        return Update(number)  # a place that moves is edited every few seconds
    text = _text(said, "text")
    about = _content(said, text) if not edited else {"kind": "unsupported", "event": "edited"}
    message = InboundMessage(
        channel=NAME,
        sender_id=person,
        dedupe_key=_key(number, "edit" if edited else "message", _whole(said, "message_id")),
        account_id=bot.id,
        programme=_programme(bot, text),
        language=_language(_object(said, "from"), text or _text(said, "caption")),
        external_id=str(_whole(said, "message_id") or ""),
        occurred_at=_time(said, "date"),
        received_at=now,
        **about,
    )
    return Update(number, person, message)


def _pressed(number: int, pressed: Fields, bot: Bot, now: datetime) -> Update:
    """A button of ours: what `choices.choice_id` made of its choice comes back."""
    query = _text(pressed, "id")
    under = _object(pressed, "message")
    person = _person(under, pressed) if under is not None else None
    data = _text(pressed, "data")
    if person is None or not (query and data.rpartition(MARK_ENDS)[2].strip()):
        return Update(number, pressed=query)
    message = InboundMessage(
        channel=NAME,
        sender_id=person,
        dedupe_key=_key(number, "press", query),
        kind="choice",
        choice_id=data,
        account_id=bot.id,
        programme=bot.programme or None,
        language=_language(_object(pressed, "from"), ""),
        external_id=query,
        received_at=now,
    )
    return Update(number, person, message, pressed=query)


def _standing(number: int, changed: Fields) -> Update:
    """That the person has blocked the bot, or lets it in again; that it has been added to a group."""
    now, before = _object(changed, "new_chat_member") or {}, _object(changed, "old_chat_member") or {}
    status, chat, at = _text(now, "status"), _object(changed, "chat") or {}, _time(changed, "date")
    person = _person(changed, changed)
    if person is not None:
        blocked = status in ("kicked", "left")
        return Update(number, person, standing="blocked" if blocked else "allowed", at=at)
    added = status in ("member", "administrator") and _text(before, "status") in ("left", "kicked")
    group = _whole(chat, "id") if _text(chat, "type") in ("group", "supergroup") else None
    language = _language(_object(changed, "from"), "") or "zh"
    return Update(number, group=group if added and group is not None else 0, language=language)


def _content(said: Fields, text: str) -> dict[str, Any]:
    """What an `InboundMessage` says of a message: text, photo, file, or something that we cannot take."""
    if text:
        words = _words(text)
        return {"text": words, "event": "start" if words == _HELLO != text else ""}
    caption = _text(said, "caption")
    if (photo := _largest(said.get("photo"))) is not None:
        return _file(photo, caption, "image")
    document = _object(said, "document")
    mime = _text(document, "mime_type").lower() if document is not None else ""
    if document is not None and (mime.startswith("image/") or mime == "application/pdf"):
        return _file(document, caption, "file")
    return {"kind": "unsupported", "event": next((_UNREAD[name] for name in _UNREAD if name in said), "")}


def _file(file: Fields, caption: str, kind: str) -> dict[str, Any]:
    """A file to be fetched, by the platform's name for it; its own name says nothing and is not looked at."""
    size, name = _whole(file, "file_size") or 0, _text(file, "file_id")
    if size > MAX_FILE:
        return {"kind": "unsupported", "event": "too_large"}
    return {"kind": kind, "text": caption, "media": (MediaRef(name),)}


def _largest(sizes: Any) -> Fields | None:
    """The photo itself, not one of its thumbnails; None where it is no photo."""
    known = [one for one in sizes if isinstance(one, dict) and _text(one, "file_id")] if isinstance(sizes, list) else []
    return max(known, key=lambda one: (_whole(one, "width") or 0) * (_whole(one, "height") or 0), default=None)


def _words(text: str) -> str:
    """A slash command as the words that mean it; /start is a hello, with a one-time code what the code is for."""
    found = _COMMAND.fullmatch(text.strip())
    if found is None:
        return text
    word, rest = found[1].lower(), (found[2] or "").strip()
    if word == "start":
        return f"绑定 {rest}" if _CODE.fullmatch(rest) else _HELLO
    return f"{word} {rest}".strip()


def _programme(bot: Bot, text: str) -> str | None:
    """What a stranger is here for: what the bot is for, else what a link to it names (?start=…)."""
    if bot.programme:
        return bot.programme
    found = _COMMAND.fullmatch(text.strip())
    wanted = (found[2] or "").strip() if found is not None and found[1].lower() == "start" else ""
    return wanted if wanted in pack_slugs() else None


def _language(person: Fields | None, text: str) -> str | None:
    """In what language a stranger is answered: that of their text, if it is Chinese, else that of their telephone."""
    code = _text(person, "language_code").lower() if person is not None else ""
    if _CHINESE_LETTER.search(text) or code.startswith("zh"):
        return "zh"
    return "en" if code else None


def _person(inside: Fields, by: Fields) -> str | None:
    """The person of a private chat; None for groups, channels and other bots."""
    chat, sender = _object(inside, "chat") or {}, _object(by, "from") or {}
    number = _whole(sender, "id")
    private = _text(chat, "type") == "private" and _whole(chat, "id") == number
    if number is None or not private or number <= 0 or sender.get("is_bot") is True:
        return None
    return str(number)


def _key(number: int, what: str, own: int | str | None) -> str:
    """The same for every delivery. The update's number alone would do, but it starts anew after a quiet week."""
    return f"{number}:{what}:{own}"


def _object(fields: Fields, name: str) -> Fields | None:
    value = fields.get(name)
    return value if isinstance(value, dict) else None


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _whole(fields: Fields, name: str) -> int | None:
    value = fields.get(name)
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST_ID
    return value if whole else None


def _time(fields: Fields, name: str) -> datetime | None:
    value = _whole(fields, name)
    return datetime.fromtimestamp(value, UTC) if value is not None and 0 < value < 2**33 else None
