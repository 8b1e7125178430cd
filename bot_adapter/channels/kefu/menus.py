"""Messages as 微信客服 takes them: a menu where there is something to choose, a text else. Pure.

Limits (发送消息, 94677), in bytes of UTF-8: a text 2,048, of a menu 10 choices, its beginning and its end 1,024 each, a
choice's words 128, its id 128.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from bot_adapter.choices import choice_id
from bot_adapter.messages import Choice, OutboundMessage

MAX_TEXT = 2000  # of 2,048
MAX_CHOICES = 10
_MAX_AROUND, _MAX_LABEL, _MAX_ID = 1024, 128, 128
_OURS = re.compile(r"q((?:[0-9a-f]{2})+)")  # of letters and digits alone, as the platform advises


def msgid(key: str) -> str:
    """The platform's name for a send, always the same for its own key: it takes 32 of ``[0-9A-Za-z_-]``."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()).decode()[:32]


def body(message: OutboundMessage) -> dict[str, Any]:
    """What is sent: type and content."""
    lines = [message.text, *(f"{page.title} {page.url}" for page in message.attachments)]
    text = "\n".join(line for line in lines if line)
    if not _is_menu(message, text):
        return {"msgtype": "text", "text": {"content": message.plain()}}
    items = [
        {"type": "click", "click": {"id": menu_id(message, choice), "content": choice.line}}
        for choice in message.choices
    ]
    menu = {"head_content": text, "list": items}
    return {"msgtype": "msgmenu", "msgmenu": menu | ({"tail_content": message.hint} if message.hint else {})}


def menu_id(message: OutboundMessage, choice: Choice) -> str:
    """The id of a choice: its value (`choices.choice_id`), which says which question it belongs to."""
    return f"q{choice_id(message, choice).encode().hex()}"


def pressed(given: str) -> str | None:
    """The value of a choice by its id; None for one that is not ours (the account's own menus)."""
    found = _OURS.fullmatch(given)
    try:
        return bytes.fromhex(found[1]).decode() if found is not None else None
    except UnicodeDecodeError:
        return None


def _is_menu(message: OutboundMessage, text: str) -> bool:
    """Several at once cannot be pressed; what is too long for a menu is numbered text."""
    fits = len(text.encode()) <= _MAX_AROUND and len(message.hint.encode()) <= _MAX_AROUND
    return (
        bool(text)
        and 0 < len(message.choices) <= MAX_CHOICES
        and not message.many
        and fits
        and all(_choice_fits(message, choice) for choice in message.choices)
    )


def _choice_fits(message: OutboundMessage, choice: Choice) -> bool:
    return len(choice.line.encode()) <= _MAX_LABEL and len(menu_id(message, choice)) <= _MAX_ID
