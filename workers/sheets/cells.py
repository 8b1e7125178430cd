"""Cells as XML, a column of a chunk at a time: what is dear in Python is done once for hundreds of cells.

A column's texts are joined by a character that no cell can hold, encoded, looked through and escaped as one string,
and parted again. Only columns that hold something out of the ordinary (gaps, risky beginnings, mixed kinds) go cell by
cell. Cells are made from strings and numbers alone; there is no way for one to become a formula.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple, cast

from workers.sheets.text import CELL_LIMIT, ESCAPED, RISKY_START, clean, is_risky

Value = str | int | float | None

EXACT = 10**15  # Excel keeps fifteen digits of a number: a longer one is written as text
_SEPARATOR = "\x1f"  # XML cannot carry it, so `clean` removes it
_PARTING = _SEPARATOR.encode()
_NOT_AS_IS = bytes({*range(0x20)} - {0x09, 0x0A, 0x1F}) + b"&<>"  # to be removed or escaped
_ESCAPE = ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;"))
_EXCEL_ESCAPE = re.compile(ESCAPED.pattern.encode())
_RISKY = tuple(start.encode() for start in RISKY_START)
# A gap or a risky beginning. It begins with a literal, so that memchr leads from one text to the next.
_ODD = re.compile(_PARTING + b"(?:" + b"|".join([_PARTING, rb"\Z", *map(re.escape, _RISKY)]) + b")")
_WHITE = (b" ", b"\n", b"\t")  # white space as XML has it; a parser may drop it at the ends
_TEXT_END = b"</t></is></c>"


class ColumnStyle(NamedTuple):
    """Style ids of a column's cells: as usual, and with the quote prefix for a risky beginning."""

    letter: str
    plain: int
    quoted: int


class Encoded(NamedTuple):
    """The cells of a column: each is ``<c r="F12`` + before + body + after."""

    before: bytes
    bodies: Sequence[bytes]
    after: bytes


def encode_column(style: ColumnStyle, values: Sequence[Value]) -> Encoded:
    """`values` as cells. ValueError for a number that is not finite."""
    try:
        return _texts(style, cast(Sequence[str], values))
    except TypeError:  # not all of them are texts: asking first would take as long as joining them
        return _others(style, values)


def _others(style: ColumnStyle, values: Sequence[Value]) -> Encoded:
    kinds = set(map(type, values))
    if kinds == {int}:
        numbers = cast(Sequence[int], values)
        if max(numbers) < EXACT and min(numbers) > -EXACT:
            return Encoded(b'" s="%d"><v>' % style.plain, " ".join(map(str, numbers)).encode().split(), b"</v></c>")
    if kinds == {str, type(None)}:
        return _texts(style, [text or "" for text in cast(Sequence[str | None], values)])
    if kinds == {type(None)}:
        return Encoded(b'" s="%d"/>' % style.plain, [b""] * len(values), b"")
    return Encoded(b"", [_cell(style, value) for value in values], b"")


def _texts(style: ColumnStyle, texts: Sequence[str]) -> Encoded:
    joined = _bytes(texts)
    parts = joined[1:].split(_PARTING)
    if len(parts) != len(texts):
        joined = _cleaned(texts)
        parts = joined[1:].split(_PARTING)
    spaced = _has_white_ends(joined)
    before = _text_start(style.plain, spaced)
    if _ODD.search(joined) is None:
        return Encoded(before, parts, _TEXT_END)
    risky, gap = _text_start(style.quoted, spaced), b'" s="%d"/>' % style.plain
    cells = [(risky if part.startswith(_RISKY) else before) + part + _TEXT_END if part else gap for part in parts]
    return Encoded(b"", cells, b"")


def _bytes(texts: Sequence[str]) -> bytes:
    """All of `texts`, escaped, a separator before each. TypeError for what is no text."""
    joined = _SEPARATOR + _SEPARATOR.join(texts)
    if "\ufffe" in joined or "\uffff" in joined or _may_be_cut(joined, texts):
        return _cleaned(texts)
    try:
        data = joined.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return _cleaned(texts)
    if len(data) != len(data.translate(None, _NOT_AS_IS)):
        return _cleaned(texts)
    return _EXCEL_ESCAPE.sub(b"_x005F_", data) if b"_" in data else data


def _may_be_cut(joined: str, texts: Sequence[str]) -> bool:
    """Whether `clean` may find one of `texts` too long: it counts UTF-16 units, at most two a character."""
    return len(joined) > CELL_LIMIT // 2 and max(map(len, texts)) > CELL_LIMIT // 2


def _has_white_ends(joined: bytes) -> bool:
    return any(
        white in joined and (_PARTING + white in joined or white + _PARTING in joined or joined.endswith(white))
        for white in _WHITE
    )


def _cleaned(texts: Sequence[str]) -> bytes:
    return _escaped((_SEPARATOR + _SEPARATOR.join(map(clean, texts))).encode())


def _escaped(data: bytes) -> bytes:
    for character, entity in _ESCAPE:
        data = data.replace(character, entity)
    return _EXCEL_ESCAPE.sub(b"_x005F_", data)


def _text_start(style: int, spaced: bool) -> bytes:
    keep = b' xml:space="preserve"' if spaced else b""
    return b'" s="%d" t="inlineStr"><is><t%s>' % (style, keep)


def _cell(style: ColumnStyle, value: Value) -> bytes:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < EXACT:
        return b'" s="%d"><v>%d</v></c>' % (style.plain, value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no number that a cell can hold")
        return b'" s="%d"><v>%s</v></c>' % (style.plain, repr(float(value)).encode())
    text = "" if value is None else clean(str(value))
    if not text:
        return b'" s="%d"/>' % style.plain
    number = style.quoted if is_risky(text) else style.plain
    return _text_start(number, text != text.strip(" \t\n")) + _escaped(text.encode()) + _TEXT_END
