"""Places of a pack that are still to be filled in: the scaffold writes 待填 there, and no pack is read with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

WORD = "待填"
REASON = f"still to be filled in ({WORD})"
Location = tuple[str | int, ...]


def places(data: Any, location: Location = ()) -> Iterator[Location]:
    """Where the word stands alone in the data of a file, in the file's order."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from places(value, (*location, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from places(value, (*location, index))
    elif data == WORD:
        yield location
