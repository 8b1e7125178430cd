"""How a question is read as words, and a clause likewise. Nothing of what is asked is ever carried out.

Chinese is parted into words by jieba's dictionary (through rjieba, loaded when the first question comes: some 60 ms and
33 MB); English into words without their endings. What is left out, what counts little and what means the same stands in
``packs/_shared/question_words.toml``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "packs" / "_shared" / "question_words.toml"
SLIGHT = 0.25  # what a word counts that is in nearly every question and clause

_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_RUNS = re.compile(r"[\u3400-\u9fff]+|[a-z]+|[0-9]+")
_ENDINGS = re.compile(r"(?:ing|ed|s)$")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a question asks for (when, where, who, how much), and what an answer to it has to hold."""

    asked: re.Pattern[str]
    answered: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of the shared file."""

    phrases: re.Pattern[str]
    left_out: frozenset[str]
    slight: frozenset[str]
    same: dict[str, str]
    of_the_dates: frozenset[str]
    filling: re.Pattern[str]
    explained: re.Pattern[str]
    table: re.Pattern[str]
    kinds: tuple[Kind, ...]


@cache
def vocabulary() -> Vocabulary:
    """The shared file, read once."""
    data: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
    same = {word: stem(row.split()[0]) for row in data["same"] for word in row.split()}
    kinds = tuple(Kind(re.compile(row["asked"]), re.compile(row["answered"])) for row in data["kinds"])
    phrases = re.compile("|".join(sorted(data["phrases"].split(), key=len, reverse=True)))
    left_out, slight = frozenset(data["left_out"].split()), frozenset(map(stem, data["slight"].split()))
    of_the_dates = frozenset(stem(word) for word in data["of_the_dates"].split())
    filling, explained, table = (re.compile(data[name]) for name in ("filling", "explained", "table"))
    return Vocabulary(phrases, left_out, slight, same, of_the_dates, filling, explained, table, kinds)


def folded(text: str) -> str:
    """Full-width to half-width, lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


def is_chinese(text: str) -> bool:
    """Whether `text` holds Chinese: then it is read as Chinese."""
    return _CHINESE.search(text) is not None


def words(text: str) -> list[str]:
    """The words of a clause that say something, each as the first of those that mean the same; of a long word the
    words in it, too."""
    return [word for unit in units(text) for word in dict.fromkeys(unit)]


def units(text: str) -> list[tuple[str, ...]]:
    """The words of `text` that say something, each followed by the words in it, if it is a long one."""
    known = vocabulary()
    found = (_plain(unit, known) for unit in _parted(known.phrases.sub(" ", folded(text)), known))
    return [unit for unit in found if unit]


def is_slight(word: str) -> bool:
    """Whether a word says little: it is in nearly every question, or a number."""
    return word in vocabulary().slight or word.isdecimal()


def asks_for(text: str) -> list[Kind]:
    """The kinds of thing that a question asks for."""
    said = folded(text)
    return [kind for kind in vocabulary().kinds if kind.asked.search(said)]


def asks_how_to_fill_in(text: str) -> bool:
    """Whether `text` asks how something is entered in the form."""
    return vocabulary().filling.search(folded(text)) is not None


def asked_the_meaning_of(text: str) -> str:
    """The rest of `text` where it asks, in English, what something is or means; else nothing."""
    rest, asks = vocabulary().explained.subn(" ", folded(text))
    return rest if asks else ""


def is_of_a_table(name: str) -> bool:
    """Whether a term or a heading is that of a table."""
    return vocabulary().table.search(name) is not None


def asks_for_the_dates(text: str) -> bool:
    """Whether `text` asks when one can apply, and nothing else."""
    known = vocabulary()
    if not known.kinds[0].asked.search(folded(text)):
        return False
    found = units(text)
    return bool(found) and all(unit[0] in known.of_the_dates for unit in found)


def _plain(unit: tuple[str, ...], known: Vocabulary) -> tuple[str, ...]:
    if unit[0] in known.left_out:
        return ()
    return tuple(known.same.get(word, stem(word)) for word in unit if word not in known.left_out)


def _parted(text: str, known: Vocabulary) -> list[tuple[str, ...]]:
    from rjieba import cut, cut_for_search  # loads its dictionary: only a process that is asked something needs it

    out: list[tuple[str, ...]] = []
    for run in _RUNS.findall(text):
        if not _CHINESE.match(run):
            out.append((run,))
            continue
        for word in cut(run):
            parts = [part for part in cut_for_search(word) if part != word] if len(word) > 2 else []
            out.append((word, *parts))
    return out


def stem(word: str) -> str:
    """An English word without its ending; anything else as it is."""
    if not word.isascii() or word.isdecimal() or len(word) < 4:
        return word
    short = _ENDINGS.sub("", word).rstrip("e")
    short = short if len(short) > 2 else word
    return f"{short[:-1]}i" if short.endswith("y") else short
