"""Bodies of requests and replies, XML or JSON: flat names and texts, read with suspicion and written so that nothing
in a text can end it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import XML, Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot_adapter.channels.errors import Malformed

MAX_BYTES = 64 * 1024  # the longest message a person can type has 2,048 bytes; events are smaller
MAX_TAGS = 200  # of a message fewer than 30
# What XML 1.0 (2.2) has no place for, lone surrogates among them; some databases have none for NUL either.
_NOT_TEXT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse(data: bytes) -> dict[str, str]:
    """Top-level names and their texts; what is nested is left out. Raises Malformed.

    A name that comes twice is refused: two programs could take it for different things.
    """
    if len(data) > MAX_BYTES:
        raise Malformed("too long")
    return _flat(_json(data) if data.lstrip()[:1] == b"{" else _xml(data))


def is_json(data: bytes) -> bool:
    """Whether the account is set to JSON, to be answered alike."""
    return data.lstrip()[:1] == b"{"


def write(fields: Mapping[str, str | int], *, as_json: bool) -> bytes:
    """A reply's body. Texts stand in CDATA, numbers as they are."""
    if as_json:
        return json.dumps({name: clean(value) for name, value in fields.items()}, ensure_ascii=False).encode()
    inner = "".join(f"<{name}>{_cdata(value)}</{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>".encode()


def clean(value: str | int) -> str | int:
    """A text without what is no text."""
    return _NOT_TEXT.sub("\ufffd", value) if isinstance(value, str) else value


def _cdata(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return f"<![CDATA[{str(clean(value)).replace(']]>', ']]]]><![CDATA[>')}]]>"


def _xml(data: bytes) -> Iterable[tuple[str, Any]]:
    if data.count(b"<") > 2 * MAX_TAGS:  # counted before a tree is built: it may be as deep as it is long
        raise Malformed("too many tags")
    try:
        root = _root(data.decode("utf-8"))
    except (ParseError, DefusedXmlException, UnicodeDecodeError, ValueError) as exc:
        raise Malformed(type(exc).__name__) from exc
    return [(child.tag, child.text or "") for child in root if len(child) == 0]


def _root(text: str) -> Element:
    """All that a parser must be guarded against (entities, what lies elsewhere) is declared in a DOCTYPE, which is
    written in one way only. Where the word is, be it in what a person typed, the guarded parser looks; the other takes
    a tenth of its time."""
    return fromstring(text, forbid_dtd=True) if "<!DOCTYPE" in text else XML(text)


def _json(data: bytes) -> Iterable[tuple[str, Any]]:
    if data.count(b"{") + data.count(b"[") > MAX_TAGS:
        raise Malformed("too deep")
    try:
        pairs: Iterable[tuple[str, Any]] = json.loads(data.decode("utf-8"), object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as exc:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise Malformed(type(exc).__name__) from exc
    return [(name, str(value)) for name, value in pairs if isinstance(value, str | int) and not isinstance(value, bool)]


class _Pairs(list[tuple[str, Any]]):
    """An object's members as they came, repeated names and all."""


def _flat(pairs: Iterable[tuple[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise Malformed("a name twice")
        found[name] = str(clean(value))
    return found
