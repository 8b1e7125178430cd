"""JSON as it is kept, without what the standard library does around the encoder and the decoder: it makes one anew for
each value, which costs thrice what a small value does."""

from __future__ import annotations

import json
from collections.abc import Callable
from json import JSONDecoder, JSONEncoder
from json.encoder import c_make_encoder, encode_basestring, encode_basestring_ascii  # type: ignore[attr-defined]  # not among its public names
from typing import Any


def _chunks(text: Callable[[str], str]) -> Callable[[Any, int], tuple[str, ...]]:
    """The encoder's own function, texts written by `text`. What holds itself is a RecursionError."""
    made: Callable[[Any, int], tuple[str, ...]] = c_make_encoder(
        None, JSONEncoder().default, text, None, ": ", ", ", False, False, True
    )
    return made


_encoded, _in_ascii = _chunks(encode_basestring), _chunks(encode_basestring_ascii)


# Plain functions: PostgreSQL's driver keeps one for each closure that it is given, and says so.
def dumps(value: Any) -> str:
    """As json.dumps(value, ensure_ascii=False)."""
    return "".join(_encoded(value, 0))


def ascii_dumps(value: Any) -> str:
    """As json.dumps(value)."""
    return "".join(_in_ascii(value, 0))


_scan = JSONDecoder().scan_once  # type: ignore[attr-defined]  # likewise


def loads(text: str | bytes) -> Any:
    """As json.loads(text)."""
    if isinstance(text, str):
        try:
            value, end = _scan(text, 0)
        except StopIteration:
            end = -1
        if end == len(text):
            return value
    return json.loads(text)  # blanks around it, bytes, or what is no JSON
