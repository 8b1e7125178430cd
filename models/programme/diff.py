"""What is different between two versions of a pack, as typed values.

The walk is generic over the pack's models: members of a list are matched by their id (else reference, value, source or
header), so a new file or attribute of packs is compared without a line here. Sentences are made by `diff_words`, who is
reached by a change by `diff_reach`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from models.programme.pack import Pack, Text

_NAMES = ("id", "ref", "value", "category", "source", "header", "label", "title")  # what a member is matched by
_INNER = frozenset({"fields"})  # lists whose members are things of their own though they stand in another one


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REORDERED = "reordered"  # the same members in another order


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `path` leads to it from the pack: attribute names, and the names of list members; its first
    `depth` steps name the thing that people know (a condition, a field, a document), which `things` holds as it was
    and as it is. For REORDERED, `old` and `new` are the members' names in order."""

    kind: Kind
    path: tuple[str, ...]
    old: Any
    new: Any
    depth: int
    things: tuple[Any, Any] = field(repr=False)

    @property
    def place(self) -> tuple[str, ...]:
        """The path of the thing; several changes may be of one thing."""
        return self.path[: self.depth]

    @property
    def attribute(self) -> tuple[str, ...]:
        """What of the thing; empty where the whole thing was added or removed."""
        return self.path[self.depth :]


def diff(old: Pack, new: Pack) -> tuple[Change, ...]:
    """Every difference, in the order of the pack's files; empty for two packs that say the same."""
    return tuple(_Walk(old, new).model((), old, new, _Thing(0, old, new)))


@dataclass(frozen=True, slots=True)
class _Thing:
    depth: int
    old: Any
    new: Any


class _Walk:
    def __init__(self, old: Pack, new: Pack) -> None:
        self._codes = (old.codes, new.codes)

    def any(self, path: tuple[str, ...], old: Any, new: Any, thing: _Thing) -> Iterator[Change]:
        if _same(old, new):
            return
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self.members(path, old, new, thing)
        elif _is_list(old) and _is_list(new) and (_has_parts(old) or _has_parts(new)):
            before, after = named(old), named(new)
            yield from self.members(path, before, after, thing)
            yield from _reordered(path, list(before), list(after), thing)
        elif is_part(old) and type(old) is type(new):
            yield from self.model(path, old, new, thing)
        else:
            yield _change(path, old, new, thing)

    def model(self, path: tuple[str, ...], old: BaseModel, new: BaseModel, thing: _Thing) -> Iterator[Change]:
        for name in type(old).model_fields:
            if name != "options" or not self._told_by_codes(old, new):
                yield from self.any((*path, name), getattr(old, name), getattr(new, name), thing)

    def members(
        self, path: tuple[str, ...], old: dict[str, Any], new: dict[str, Any], thing: _Thing
    ) -> Iterator[Change]:
        for name in (*old, *(name for name in new if name not in old)):
            before, after = old.get(name), new.get(name)
            here = (*path, name)
            inner = thing.depth and path[-1] not in _INNER
            held = thing if inner else _Thing(len(here), before, after)
            if name in old and name in new:
                yield from self.any(here, before, after, held)
            else:
                yield _change(here, before, after, held, Kind.ADDED if name in new else Kind.REMOVED)

    def _told_by_codes(self, old: BaseModel, new: BaseModel) -> bool:
        """Options that were put in from a code list: the list itself is compared, once for all who use it."""
        return all(
            getattr(spec, "codes", "") and getattr(spec, "options", None) == codes.get(getattr(spec, "codes", ""))
            for spec, codes in zip((old, new), self._codes, strict=True)
        )


def _change(path: tuple[str, ...], old: Any, new: Any, thing: _Thing, kind: Kind = Kind.CHANGED) -> Change:
    return Change(kind, path, old, new, thing.depth, (thing.old, thing.new))


def _reordered(path: tuple[str, ...], old: list[str], new: list[str], thing: _Thing) -> Iterator[Change]:
    before = tuple(name for name in old if name in set(new))
    after = tuple(name for name in new if name in set(old))
    if before != after:
        yield _change(path, before, after, thing, Kind.REORDERED)


def _same(old: Any, new: Any) -> bool:
    """Equal and of one type all through: in Python 1 equals true."""
    if old is new:  # nothing in a pack changes: what a new version took over as it stands is not walked
        return True
    if type(old) is not type(new):
        return False
    if isinstance(old, tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_same(value, new[name]) for name, value in old.items())
    if isinstance(old, BaseModel):
        return all(_same(getattr(old, name), getattr(new, name)) for name in type(old).model_fields)
    return bool(old == new)


def _is_list(value: Any) -> bool:
    return isinstance(value, tuple)


def is_part(value: Any) -> bool:
    """A model with attributes of its own; a text in two languages is one value."""
    return isinstance(value, BaseModel) and not isinstance(value, Text)


def _has_parts(value: tuple[Any, ...]) -> bool:
    return any(is_part(item) or isinstance(item, tuple) for item in value)


def named(items: Sequence[Any]) -> dict[str, Any]:
    """List members by name; members of one name are counted."""
    found: dict[str, Any] = {}
    for place, item in enumerate(items, start=1):
        name = _name(item) or str(place)
        count = 1
        while (name if count == 1 else f"{name}#{count}") in found:
            count += 1
        found[name if count == 1 else f"{name}#{count}"] = item
    return found


def _name(item: Any) -> str:
    names = (getattr(item, name, None) for name in _NAMES) if is_part(item) else ()
    return next((name for name in names if isinstance(name, str) and name), "")
