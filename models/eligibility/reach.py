"""Statuses as small bit sets: what a condition or tree can still end in.

Each condition and tree has a *reach*: the set of statuses that it can still end in. One that is answered reaches one
status; one that is not yet reaches two or more and is UNKNOWN; one that hangs on 「不确定」 reaches only UNKNOWN.
So a tree is settled when its reach is one status (or goes to people either way), and no question is asked for what
cannot change it.
In *all* the worst wins: MET < STAFF < UNKNOWN < NOT_MET; in *any* the best of MET < UNKNOWN < STAFF < NOT_MET.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MET: Final = 0
STAFF: Final = 1
UNKNOWN: Final = 2
NOT_MET: Final = 3
_ANY_RANK = (0, 2, 1, 3)
NEGATED = (NOT_MET, STAFF, UNKNOWN, MET)
_SETS = range(16)


def _members(reach: int) -> list[int]:
    return [status for status in (MET, STAFF, UNKNOWN, NOT_MET) if reach >> status & 1]


def _union(statuses: Iterable[int]) -> int:
    reach = 0
    for status in statuses:
        reach |= 1 << status
    return reach


def _better(a: int, b: int) -> int:
    return a if _ANY_RANK[a] <= _ANY_RANK[b] else b


# Tables over all sets of statuses: the reach of two parts joined, of a part turned round, and the status of a reach.
_ALL = [[_union(max(a, b) for a in _members(x) for b in _members(y)) for y in _SETS] for x in _SETS]
_ANY = [[_union(_better(a, b) for a in _members(x) for b in _members(y)) for y in _SETS] for x in _SETS]
_NONE = [_union(NEGATED[a] for a in _members(x)) for x in _SETS]
STATUS_OF = [_members(x)[0] if len(_members(x)) == 1 else UNKNOWN for x in _SETS]
# What people decide and what hangs on an unsure answer go to people alike: no question is asked to tell them apart.
_LEVEL = (0, 1, 1, 2)
_BEST = [min((_LEVEL[a] for a in _members(x)), default=0) for x in _SETS]
_WORST = [max((_LEVEL[a] for a in _members(x)), default=0) for x in _SETS]
SETTLED = [best == worst for best, worst in zip(_BEST, _WORST, strict=True)]
ONLY_MET, ONLY_UNKNOWN, ONLY_NOT_MET = 1 << MET, 1 << UNKNOWN, 1 << NOT_MET
OPEN = (ONLY_MET | ONLY_NOT_MET, 1 << STAFF | ONLY_NOT_MET)  # not answered: by whether people decide a match


@dataclass(frozen=True, slots=True)
class Node:
    """A tree over node numbers (conditions first, then trees, parts always before wholes)."""

    all: tuple[int, ...]
    any: tuple[int, ...]
    none: tuple[int, ...]

    @property
    def parts(self) -> tuple[int, ...]:
        return self.all + self.any + self.none


def join(node: Node, reach: Sequence[int]) -> int:
    """All AND at least one of any AND none of none."""
    out = ONLY_MET
    for index in node.all:
        out = _ALL[out][reach[index]]
    if node.any:
        out = _ALL[out][_any_of(node.any, reach)]
    for index in node.none:
        out = _ALL[out][_NONE[reach[index]]]
    return out


def _any_of(parts: Iterable[int], reach: Sequence[int]) -> int:
    out = ONLY_NOT_MET
    for index in parts:
        out = _ANY[out][reach[index]]
    return out


def that_matter(node: Node, reach: Sequence[int]) -> list[int]:
    """The parts of an open tree that can still change it, whatever the other parts turn out to be."""
    any_part = _any_of(node.any, reach) if node.any else ONLY_MET
    parts = [(index, reach[index]) for index in node.all]
    parts += [(index, _NONE[reach[index]]) for index in node.none]
    # An *all* can be changed by a part that may come out worse than the least that the others will surely be.
    least = [_BEST[own] for _, own in parts] + [_BEST[any_part]]
    out = [
        index
        for place, (index, own) in enumerate(parts)
        if _WORST[own] > max(level for other, level in enumerate(least) if other != place)
    ]
    if node.any and _WORST[any_part] > max(least[:-1], default=_LEVEL[MET]):
        out += _matter_to_any(node.any, reach)
    return sorted(out, key=node.parts.index)


def _matter_to_any(parts: Sequence[int], reach: Sequence[int]) -> list[int]:
    """An *any* can be changed by a part that may come out better than the best that the others will surely be."""
    worst = {index: _WORST[reach[index]] for index in parts}
    most = _LEVEL[NOT_MET] + 1
    return [
        index
        for index in parts
        if _BEST[reach[index]] < min((level for other, level in worst.items() if other != index), default=most)
    ]
