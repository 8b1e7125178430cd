"""Words that mean the same though they are written differently: widths, blanks, brackets, dots, usual short forms."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from models.programme.basics import Option

FILE = Path(__file__).resolve().parent.parent / "packs" / "_shared" / "reading_words.csv"
_DOTS = "·•・‧∙⋅●．.。"  # between the parts of a name, as people and machines write them
_BRACKETS = str.maketrans("[{〔【《〈「]}〕】》〉」", "(((((((" + ")))))))")
_BETWEEN = re.compile(r"[\s\-‐–—_,，、;；:：'\"“”‘’·•・‧∙⋅.。/\\]+")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_PARTS = re.compile(r"[()/、，,；;]|或者|或|以及|及")
_DIVISION = re.compile(r"特别行政区|自治[区州县旗]|[省市区县州盟旗镇乡]")
LEAST = 2  # characters of a word that may stand within another


def plain(text: str) -> str:
    """`text` without what two writers do differently: width, case, blanks, brackets' shapes, signs between words."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_BRACKETS)
    return _BETWEEN.sub("", folded)


def person(text: str) -> str:
    """A person's name without blanks, and without telling one middle dot from another."""
    name = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return "·".join(part for part in re.split(f"[{re.escape(_DOTS)}]+", name) if part)


def same_title(one: str, other: str) -> bool:
    """Whether two titles, subjects or bodies are the same, brackets or not: 「(集团)」, 「（师范类）」."""
    first, second = plain(one), plain(other)
    if first.translate(_NO_BRACKETS) == second.translate(_NO_BRACKETS):
        return bool(first)
    bare = _IN_BRACKETS.sub("", first), _IN_BRACKETS.sub("", second)
    return bare[0] == bare[1] and len(bare[0]) >= LEAST


_NO_BRACKETS = str.maketrans("", "", "()")


def same_body(one: str, other: str) -> bool:
    """Whether two names of an employer or a school are the same; what stands in brackets belongs to the name."""
    first, second = plain(one), plain(other)
    return bool(first) and (first == second or first.translate(_NO_BRACKETS) == second.translate(_NO_BRACKETS) != "")


def within(place: str, address: str) -> bool:
    """Whether an address lies in `place`: its innermost division (or all of it) occurs in the address."""
    whole, there = plain(place), plain(address)
    if not whole or not there:
        return False
    parts = [part for part in _DIVISION.split(whole) if len(part) >= LEAST]
    return whole in there or (bool(parts) and parts[-1] in there)


def options_of(options: Sequence[Option], text: str) -> frozenset[str]:
    """Values of the options that `text`, as it stands on a paper, may mean: those whose label holds the longest word
    in common. Empty where none is meant; several where the paper says less than the options tell apart."""
    words = {word for word in (plain(text), *_meant(text)) if word}
    best: dict[str, int] = {}
    for option in options:
        if option.value in words:
            return frozenset({option.value})
        for written in _written(option):
            if any(_means(word, written) for word in words):
                best[option.value] = max(best.get(option.value, 0), len(written))
    longest = max(best.values(), default=0)
    return frozenset(value for value, length in best.items() if length == longest)


def _means(word: str, written: str) -> bool:
    """Whether a word of a paper and a word of a label mean the same: one within the other, or 汉 for 汉族."""
    if written in (word, f"{word}族"):
        return True
    return len(written) >= LEAST and written in word


def _written(option: Option) -> list[str]:
    """The words of an option's label: 「高级工（三级）」 is called by either."""
    parts = [plain(part) for part in _PARTS.split(unicodedata.normalize("NFKC", option.label.zh))]
    return [part for part in parts if part]


def _meant(text: str) -> list[str]:
    """What usual short forms on papers stand for; 大专 is 大学专科."""
    return [plain(means) for means in _usual().get(plain(text), ())]


@cache
def _usual() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    with FILE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, strict=True):
            key = plain(row["written"])
            found[key] = (*found.get(key, ()), row["means"])
    return found
