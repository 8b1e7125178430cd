"""Replies for channels that can only answer, with one text a message (passive replies): what does not fit waits, and
「更多」 brings it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

from bot_adapter.commands import normalise
from bot_adapter.messages import OutboundMessage
from models.application.said import state_bound_to
from models.crypto import ring
from models.interview.wording import say

MORE = frozenset({"更多", "下一页", "more", "next page"})
_REST = "rest"
# Where a text may be cut, the better places first: between lines, after a sentence, after a part of one.
_PLACES = (re.compile(r"\n"), re.compile(r"[。！？；]|[.!?;](?=\s)"), re.compile(r"[，、：,:]|\s"))
_JOINED = re.compile("[\u0300-\u036f\u200d\ufe0f\U0001f3fb-\U0001f3ff\u20e3]")  # belongs to the character before it


def whole(messages: Sequence[OutboundMessage]) -> str:
    """The reply as one text, choices written out."""
    return "\n\n".join(message.plain() for message in messages)


def cut(text: str, room: int) -> tuple[str, str]:
    """The beginning of `text` that has at most `room` bytes in UTF-8, and what is left of it.

    Cut at a line's or sentence's end where that leaves at least half of the room used, never inside a character.
    """
    if len(text.encode()) <= room:
        return text, ""
    end = len(text.encode()[:room].decode("utf-8", "ignore"))
    for place in _PLACES:
        ends = [found.end() for found in place.finditer(text, 0, end)]
        if ends and len(text[: ends[-1]].encode()) * 2 >= room:
            return text[: ends[-1]].rstrip("\n"), text[ends[-1] :].lstrip("\n")
    while end > 1 and (_JOINED.match(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end], text[end:]


def asked(text: str) -> bool:
    """Whether the person asks for what did not fit."""
    return normalise(text) in MORE


def fitted(reply: list[OutboundMessage], room: int, lang: str) -> tuple[list[OutboundMessage], str]:
    """The reply as one message of at most `room` bytes that says that there is more, and the rest."""
    text = whole(reply)
    if len(text.encode()) <= room:
        return reply, ""
    hint = say("chat.more", lang)
    shown, rest = cut(text, room - len(f"\n\n{hint}".encode()))
    return [OutboundMessage(f"{shown}\n\n{hint}")], rest


def keep(state: dict[str, Any], conversation_id: str, rest: str) -> None:
    """Remember what did not fit (it may hold the person's answers: encrypted), or forget what was remembered."""
    state.pop(_REST, None)
    if rest:
        sealed = ring().seal(json.dumps(rest).encode(), state_bound_to(conversation_id))
        state[_REST] = base64.b64encode(sealed).decode()


def kept(state: dict[str, Any], conversation_id: str) -> str:
    """What did not fit the last time."""
    if _REST not in state:
        return ""
    opened: str = json.loads(ring().open(base64.b64decode(state[_REST]), state_bound_to(conversation_id)))
    return opened
