"""What a reply may mean, before anybody has looked whether it is valid."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from models.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """A raw answer, to be validated and stored. `read`: it had to be interpreted, so it is said back."""

    raw: Any
    read: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """「不同意」 to a consent or declaration that is needed."""


@dataclass(frozen=True, slots=True)
class Stay:
    """The answer that stands shall stay."""


@dataclass(frozen=True, slots=True)
class Found:
    """A search in a long list: the values found, best first (all of them, the caller shows the best). Of places: their
    names, and last what was written. `near`: nothing was found, and these are like it."""

    values: tuple[str, ...]
    near: bool = False


@dataclass(frozen=True, slots=True)
class Picked:
    """One more from a long list where several may be chosen."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Misread:
    """Not understood: wording key and params of the sentence that says so; `guess`: the one value that may be meant,
    which a yes takes."""

    key: str
    params: dict[str, Any] = field(default_factory=dict)
    guess: str = ""


Meaning = Answer | Refused | Stay | Found | Picked | Misread
