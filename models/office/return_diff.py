"""Three states of a cell compared: as it went out, as it came back, as it is here now. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

CHANGE: Final = "change"  # only they changed it
CONFLICT: Final = "conflict"  # changed here too, and otherwise
OURS: Final = "ours"
THEIRS: Final = "theirs"

Kind = Literal["change", "conflict"]
Same = Callable[[str, str, str], bool]  # column, one text, the other
Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that they changed and that is not so here already."""

    key: str
    column: str
    kind: Kind
    base: str
    theirs: str
    ours: str


def exactly(_column: str, one: str, other: str) -> bool:
    """Cells that hold the same text."""
    return one == other


def differ(base: Texts, theirs: Texts, ours: Texts, same: Same = exactly) -> list[Difference]:
    """What they changed, in the order of their rows. A row that is not here or was not there has nothing to compare; a
    column that their file does not have is as it was."""
    out = []
    for key, row in theirs.items():
        if key not in base or key not in ours:
            continue
        for column, text in row.items():
            was, now = base[key].get(column, ""), ours[key].get(column, "")
            if same(column, text, was) or same(column, text, now):
                continue
            kind: Kind = CHANGE if same(column, was, now) else CONFLICT
            out.append(Difference(key, column, kind, was, text, now))
    return out


def merged(ours: Texts, found: list[Difference], decisions: Mapping[tuple[str, str], str]) -> dict[str, dict[str, str]]:
    """What stands here after `found` is applied: changes unless decided for ours, conflicts only if decided for
    theirs."""
    out = {key: dict(row) for key, row in ours.items()}
    for one in found:
        chosen = decisions.get((one.key, one.column), THEIRS if one.kind == CHANGE else OURS)
        if chosen == THEIRS:
            out[one.key][one.column] = one.theirs
    return out
