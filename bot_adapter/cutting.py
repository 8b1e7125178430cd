"""Cutting a text that is too long for one message, where it hurts least and never inside a character. Pure."""

from __future__ import annotations

import re

# Where a text may be cut, the better places first: between lines, after a sentence, after a part of one.
_PLACES = (re.compile(r"\n"), re.compile(r"[。！？；]|[.!?;](?=\s)"), re.compile(r"[，、：,:]|\s"))
_JOINED = re.compile("[\u0300-\u036f\u200d\ufe0f\U0001f3fb-\U0001f3ff\u20e3]")  # belongs to the character before it


def cut(text: str, room: int, encoding: str = "utf-8") -> tuple[str, str]:
    """The beginning of `text` that has at most `room` bytes in `encoding`, and what is left of it.

    Cut at a line's or sentence's end where that leaves at least half of the room used, never inside a character.
    """
    whole = text.encode(encoding)
    if len(whole) <= room:
        return text, ""
    end = len(whole[:room].decode(encoding, "ignore"))
    for place in _PLACES:
        ends = [found.end() for found in place.finditer(text, 0, end)]
        if ends and len(text[: ends[-1]].encode(encoding)) * 2 >= room:
            return text[: ends[-1]].rstrip("\n"), text[ends[-1] :].lstrip("\n")
    while end > 1 and (_JOINED.match(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end], text[end:]


def cut_all(text: str, room: int, encoding: str = "utf-8") -> list[str]:
    """The whole text in parts of at most `room` bytes each; nothing but line ends at the cuts is left out."""
    parts = []
    while text:
        part, text = cut(text, room, encoding)
        parts.append(part)
    return parts or [""]
