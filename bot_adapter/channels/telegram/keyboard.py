"""A message as the Bot API takes it: text, and buttons under it.

A few choices with short labels are buttons alone, one a line. More, or long ones, stand numbered in the text, with a
button a number. What has no button can always be typed. There is no parse mode, so nothing in a text is markup.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from bot_adapter.choices import choice_id
from bot_adapter.messages import Choice, OutboundMessage

MOST = 40  # buttons; the platform takes a hundred
FEW, WIDTH = 8, 34  # buttons that speak for themselves; half-width characters that a telephone shows of one
IN_A_ROW = 5  # bare numbers
_DATA = 64  # bytes

Button = dict[str, str]


def content(message: OutboundMessage) -> dict[str, Any]:
    """`text` and, where there are buttons, `reply_markup`."""
    pages = [page for page in message.attachments if _opens(page.url)]
    choices = message.choices if _pressable(message) else ()
    labels = [_label(choice) for choice in choices]
    bare = len(labels) > FEW or any(_width(label) > WIDTH for label in labels)
    written = message.choices if bare or not choices else ()
    lines = [message.text, *(choice.line for choice in written)]
    lines += [f"{page.title} {page.url}" for page in message.attachments if page not in pages]
    lines.append(message.hint)
    rows = _numbers(message, choices) if bare else _labelled(message, choices, labels)
    rows += [[{"text": page.title, "url": page.url}] for page in pages]
    text = {"text": "\n".join(line for line in lines if line) or message.plain()}  # buttons alone are no message
    return {**text, "reply_markup": {"inline_keyboard": rows}} if rows else text


def without_buttons(message: OutboundMessage) -> dict[str, Any]:
    """The same message for a platform that did not like its buttons."""
    return {"text": message.plain()}


def _pressable(message: OutboundMessage) -> bool:
    """Whether one press is a whole answer, and can say whose answer it is."""
    if message.many or not message.mark or len(message.choices) > MOST:
        return False
    return all(len(choice_id(message, choice).encode()) <= _DATA for choice in message.choices)


def _labelled(message: OutboundMessage, choices: Sequence[Choice], labels: Sequence[str]) -> list[list[Button]]:
    return [[_button(label, message, choice)] for label, choice in zip(labels, choices, strict=True)]


def _numbers(message: OutboundMessage, choices: Sequence[Choice]) -> list[list[Button]]:
    """Numbers side by side, words (「跳过」) each in its own line."""
    numbered = [_button(one.send, message, one) for one in choices if one.send.isdecimal()]
    rows = [numbered[start : start + IN_A_ROW] for start in range(0, len(numbered), IN_A_ROW)]
    return rows + [[_button(one.send, message, one)] for one in choices if not one.send.isdecimal()]


def _button(label: str, message: OutboundMessage, choice: Choice) -> Button:
    return {"text": label, "callback_data": choice_id(message, choice)}


def _label(choice: Choice) -> str:
    return f"{choice.send}. {choice.label}" if choice.send.isdecimal() else f"{choice.send} · {choice.label}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _opens(url: str) -> bool:
    """Whether the platform takes the address for a button: it refuses the whole message for one that it does not."""
    parts = urlsplit(url)
    return parts.scheme == "https" and "." in (parts.hostname or "")
