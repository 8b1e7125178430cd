"""A returned table found again: which rows are whose, by the keys that it carried out, and by their ID numbers where
the keys are lost or have been parted from their rows. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.office.editions import SEQUENCE, Rows
from models.programme.official_columns import Slot, score, suggest
from models.programme.pasting import is_rounded

_EDITION = re.compile(r"(?:bole:)?([0-9a-f]{32})")
_KEY = re.compile(r"[0-9a-f]{32}")
_SEARCHED, _DEEPEST = 40, 2  # rows from the top that may be heads, and how many they take
Grid = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Cell:
    """What came back in a cell; `row` and `column` count from 1."""

    text: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Found:
    """The table: each row by its key with its cells by column; rows (by number) that are new, doubled or of nobody
    known; the keys of rows that are no longer there."""

    rows: Mapping[str, Mapping[str, Cell]]
    added: tuple[int, ...] = ()
    doubled: tuple[int, ...] = ()
    foreign: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()
    by_number: int = 0  # rows that were found by the person's ID number


@dataclass(frozen=True, slots=True)
class Heads:
    """Where the table stands in a sheet: the columns (from 0) of what it shows, the column of the keys or -1, and the
    first row (from 0) below the heads."""

    columns: Mapping[int, str]
    keys: int
    first: int


def edition_of(grids: Sequence[Grid]) -> str:
    """The id of the edition that the file was made from, or an empty text."""
    for grid in grids:
        for row in grid:
            for place, text in enumerate(row):
                if text.startswith("bole:") or (place and "回传编号" in row[place - 1]):
                    found = _EDITION.fullmatch(text.strip())
                    if found:
                        return found[1]
    return ""


def heads_of(grid: Grid, slots: Sequence[Slot]) -> Heads | None:
    """The heads that fit `slots` best; None where no row fits at all."""
    best: tuple[int, int, int] = (0, 0, 0)
    for top in range(min(len(grid), _SEARCHED)):
        for depth in range(1, _DEEPEST + 1):
            fit = score(_names(grid[top : top + depth]), slots)
            if fit > best[0]:
                best = (fit, top, depth)
    fit, top, depth = best
    if not fit:
        return None
    found = suggest(_names(grid[top : top + depth]), slots)
    above = grid[: top + depth]
    keys = next((at for row in above for at, text in enumerate(row) if text.startswith("bole:")), -1)
    return Heads({at: slot for at, slot in enumerate(found) if slot and at != keys}, keys, top + depth)


def _names(rows: Grid) -> list[tuple[str, str]]:
    """(group, heading) of each column: a merged heading stands in its first cell only."""
    width = max(map(len, rows), default=0)
    names, group = [], ""
    for at in range(width):
        texts = [row[at] if at < len(row) else "" for row in rows]
        if len(texts) == 1 or not texts[-1]:
            group = ""
            names.append(("", next((text for text in reversed(texts) if text and not text.startswith("bole:")), "")))
            continue
        group = texts[0] or group
        names.append((group, texts[-1]))
    return names


def match(grid: Grid, heads: Heads, base: Rows, known: Sequence[str], identity: str) -> Found:
    """`base`: the edition's rows; `known`: all keys that it ever had; `identity`: the column that tells people apart
    (their ID number), or an empty text."""
    rows: dict[str, dict[str, Cell]] = {}
    added, doubled, foreign, by_number = [], [], [], 0
    owners = _owners(base, identity)
    for number, texts in enumerate(grid[heads.first :], start=heads.first + 1):
        cells = {
            slot: Cell(texts[at].strip() if at < len(texts) else "", number, at + 1)
            for at, slot in heads.columns.items()
            if slot != SEQUENCE
        }
        filled = sum(1 for cell in cells.values() if cell.text)
        key = texts[heads.keys].strip() if 0 <= heads.keys < len(texts) else ""
        if not filled:
            continue  # cleared as a whole: as if it were not there
        told = cells[identity].text.upper() if identity in cells else ""
        if _KEY.fullmatch(key):
            if key not in base:
                if key not in known:
                    foreign.append(number)
                continue
            if told and told in owners and owners[told] != key:  # sorted without its key
                key, by_number = owners[told], by_number + 1
        elif told in owners:
            key, by_number = owners[told], by_number + 1
        else:
            if filled > 1:
                added.append(number)
            continue
        if key in rows:
            doubled.append(number)
            continue
        rows[key] = cells
    missing = tuple(key for key in base if key not in rows)
    return Found(rows, tuple(added), tuple(doubled), tuple(foreign), missing, by_number)


def _owners(base: Rows, identity: str) -> dict[str, str]:
    """The key by what tells people apart, where it is one person's."""
    owners: dict[str, str] = {}
    twice = set()
    for key, row in base.items():
        told = row.get(identity, "").upper()
        if told in owners:
            twice.add(told)
        if told and not is_rounded(told):
            owners[told] = key
    return {told: key for told, key in owners.items() if told not in twice}
