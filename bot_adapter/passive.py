"""Replies for channels that can only answer, with one text a message (passive replies): what does not fit waits, and
「更多」 brings it."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from bot_adapter.commands import normalise
from bot_adapter.cutting import cut
from bot_adapter.messages import WIDEST, OutboundMessage
from models.application.said import state_bound_to
from models.crypto import ring
from models.interview.wording import say

MORE = frozenset({"更多", "下一页", "more", "next page"})
_REST = "rest"


def whole(messages: Sequence[OutboundMessage]) -> str:
    """The reply as one text, choices written out."""
    return messages[0].plain() if len(messages) == 1 else "\n\n".join([message.plain() for message in messages])


def asked(text: str) -> bool:
    """Whether the person asks for what did not fit."""
    return normalise(text) in MORE


def fitted(reply: list[OutboundMessage], room: int, lang: str) -> tuple[list[OutboundMessage], OutboundMessage | None]:
    """The reply as one message of at most `room` bytes that says that there is more, and the rest."""
    text = whole(reply)
    if len(text) * WIDEST <= room or len(text.encode()) <= room:
        return reply, None
    hint = say("chat.more", lang)
    shown, rest = cut(text, room - len(f"\n\n{hint}".encode()))
    elsewhere = any(one.elsewhere for one in reply)
    return [OutboundMessage(f"{shown}\n\n{hint}", elsewhere=elsewhere)], OutboundMessage(rest, elsewhere=elsewhere)


def keep(state: dict[str, Any], conversation_id: str, rest: OutboundMessage | None) -> None:
    """Remember what did not fit (it may hold the person's answers: encrypted), or forget what was remembered."""
    state.pop(_REST, None)
    if rest is not None:
        said = json.dumps([rest.text, rest.elsewhere]).encode()
        sealed = ring().seal(said, state_bound_to(conversation_id))
        state[_REST] = base64.b64encode(sealed).decode()


def kept(state: dict[str, Any], conversation_id: str) -> OutboundMessage | None:
    """What did not fit the last time, if anything."""
    if _REST not in state:
        return None
    opened = json.loads(ring().open(base64.b64decode(state[_REST]), state_bound_to(conversation_id)))
    text, elsewhere = (opened, False) if isinstance(opened, str) else opened  # the text alone: by an earlier version
    return OutboundMessage(text, elsewhere=elsewhere)
