"""The body of an update, read with suspicion: JSON of a sensible size and depth, each name once, texts as texts are."""

from __future__ import annotations

import json
import re
from typing import Any

from bot_adapter.channels.errors import Malformed

MAX_BYTES = 256 * 1024  # a text of 4,096 escaped emoji, quoted once more as what it replies to, with all its entities
MAX_DEPTH = 32  # of an update fewer than 12
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")  # databases have no place for the one, UTF-8 none for the other


def parse(data: bytes) -> dict[str, Any]:
    """The object in a body. Raises Malformed."""
    if len(data) > MAX_BYTES:
        raise Malformed("too long")
    try:
        found = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as exc:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise Malformed(type(exc).__name__) from exc
    if not isinstance(found, dict):
        raise Malformed("not an object")
    _check(found)
    return found


def _check(found: dict[str, Any]) -> None:
    """Depth and texts, without recursion. Raises Malformed."""
    level: list[Any] = [found]
    for _depth in range(MAX_DEPTH):
        deeper: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                deeper += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                deeper += value
            elif isinstance(value, str) and _NOT_TEXT.search(value):
                raise Malformed("not text")
        level = deeper
        if not level:
            return
    raise Malformed("too deep")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that comes twice is refused: two programs could take it for different things."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a name twice")
    return found


def _no_number(_name: str) -> Any:
    raise Malformed("not a number")
