"""JSON as it is kept, without what the standard library does around the encoder and the decoder: it makes one anew for
each value, which costs thrice what a small value does."""

from __future__ import annotations

import json
from collections.abc import Callable
from json import JSONDecoder, JSONEncoder
from json.encoder import c_make_encoder, encode_basestring, encode_basestring_ascii  # type: ignore[attr-defined]  # not among its public names
from typing import Any


def _dumps(text: Callable[[str], str]) -> Callable[[Any], str]:
    """Like `json.dumps`, texts written by `text`. What holds itself is a RecursionError."""
    chunks = c_make_encoder(None, JSONEncoder().default, text, None, ": ", ", ", False, False, True)

    def dumps(value: Any) -> str:
        return "".join(chunks(value, 0))

    return dumps


dumps = _dumps(encode_basestring)  # as json.dumps(value, ensure_ascii=False)
ascii_dumps = _dumps(encode_basestring_ascii)  # as json.dumps(value)
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
