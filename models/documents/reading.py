"""What was read on a photographed page: pure values, and how they are kept.

A machine's reading proves nothing and refuses nobody: it is held against what the person typed, and people look.
`Found.trusted` says that the reading proves itself (an ID number whose check digit, birth date and region hold).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

# Where on the upright picture: left, top, right, bottom as shares of its width and height.
Box = tuple[float, float, float, float]
# read: something was found on it; unreadable: looked at, nothing found; not_checked: nobody could look (no reader
# installed, or its attempts are used up).
State = Literal["read", "unreadable", "not_checked"]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing read: `text` as it stands there, `value` in canonical form (ISO date, ``male``/``female``, normalised
    number, else the text without spaces); None where the text is no such value."""

    text: str = field(repr=False)
    value: str | None = field(default=None, repr=False)
    trusted: bool = False
    score: float = 0.0  # the reader's own confidence, 0 to 1
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class PageReading:
    """What a page turned out to be (`kind`: ``id_front``, ``certificate`` …; empty if unknown) and what it shows."""

    state: State
    kind: str = ""
    found: Mapping[str, Found] = field(default_factory=lambda: MappingProxyType({}))
    quarter_turns: int = 0  # clockwise, until the writing stands upright; 0 where unknown

    def to_json(self) -> dict[str, Any]:
        """For keeping (sealed): plain lists and dicts."""
        shown = {
            name: {"text": one.text, "value": one.value, "trusted": one.trusted, "score": one.score, "box": one.box}
            for name, one in self.found.items()
        }
        return {"state": self.state, "kind": self.kind, "found": shown, "quarter_turns": self.quarter_turns}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PageReading:
        """What `to_json` gave. Raises ValueError, KeyError or TypeError for anything else."""
        if data["state"] not in get_args(State):
            raise ValueError(f"no such state: {data['state']!r}")
        found = {name: Found(**{**one, "box": _box(one["box"])}) for name, one in data["found"].items()}
        return cls(data["state"], data["kind"], MappingProxyType(found), data["quarter_turns"])


def _box(value: Any) -> Box | None:
    if value is None:
        return None
    left, top, right, bottom = value
    return (left, top, right, bottom)


NOT_CHECKED = PageReading("not_checked")
UNREADABLE = PageReading("unreadable")
