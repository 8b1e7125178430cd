"""Pages and what was read on them, made up for tests."""

from __future__ import annotations

from dataclasses import dataclass

from models.documents.reading import Found, PageReading


@dataclass(frozen=True)
class Leaf:
    """A page as the pure checks see one."""

    id: str
    document: str
    position: int = 1


def read(kind: str, **found: str | Found) -> PageReading:
    """A page of `kind` on which these things were read, clearly where only their value is given."""
    names = {name: one if isinstance(one, Found) else Found(one, one, score=0.99) for name, one in found.items()}
    return PageReading("read", kind, names)
