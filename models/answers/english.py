"""A question in English read as the notice's own terms, so that Chinese clauses are found for it. Pure.

``packs/_shared/english.csv`` has the terms of the field: English words or short phrases, parted by ``|``, and the
Chinese ones that mean them. Any of a row is read as the row's first Chinese word, in a question as in a clause; a
pack may add terms of its own notice (`[[term]]` in clauses.toml), which come before the shared ones.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from models.answers import words
from models.programme.basics import Term

FILE = Path(__file__).resolve().parent.parent / "packs" / "_shared" / "english.csv"
_CHINESE = re.compile(r"([\u3400-\u9fff]+)")
_WORDS = re.compile(r"[a-z]+|[0-9]+")
_APOSTROPHES = re.compile(r"[’'](?:s\b)?")
_LONG_ENOUGH = 5  # letters of a word that may have been meant: shorter ones are too like each other


@cache
def shared() -> tuple[Term, ...]:
    """The terms of the field, read once."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(Term(**row) for row in csv.DictReader(lines))


class Glossary:
    """Terms by their English and their Chinese. English that stands in several rows means any of them."""

    def __init__(self, own: Sequence[Term], of_the_field: Sequence[Term]) -> None:
        """`own` are a notice's: what they say in English means nothing else there."""
        meant = {**_by_english(of_the_field), **_by_english(own)}
        self._english = {said: tokens[0] if len(tokens) == 1 else " ".join(said) for said, tokens in meant.items()}
        self._chinese: dict[str, dict[str, None]] = {}
        for term in [*own, *of_the_field]:
            for one in _parted(term.zh):
                self._chinese.setdefault(one, {_token(term): None})
        for said, tokens in meant.items():
            if len(tokens) > 1:
                for one in (one for one, of in self._chinese.items() if not of.keys().isdisjoint(tokens)):
                    self._chinese[one][" ".join(said)] = None
        self._longest = max(map(len, self._english), default=0)
        self._begin: dict[str, list[str]] = {}  # Chinese terms by their first sign, the longest first
        for one in sorted(self._chinese, key=len, reverse=True):
            self._begin.setdefault(one[0], []).append(one)
        self._inside: dict[str, list[str]] = {}
        self._spelt = _plain() | {stem for stems in self._english for stem in stems if len(stem) >= _LONG_ENOUGH}

    def words(self, text: str) -> list[str]:
        """The words of a clause, or of what the pack says under it, in terms where there are any."""
        found: list[str] = []
        for run in _CHINESE.split(words.folded(text)):
            found += self._of_chinese(run) if _CHINESE.match(run) else [whole for whole, *_ in self.units(run)]
        return found

    def units(self, question: str, known: Callable[[str], bool] = lambda _: True) -> list[tuple[str, ...]]:
        """The terms and words of a question in English, each followed by those in it. A word that is neither `known`
        nor a term, and is a term or a plain word but for one letter, is read as that."""
        left_out = words.vocabulary().left_out
        stems = [self._spelling(stem, known) for stem in _stems(question)]
        stems = [stem for stem in stems if stem not in left_out]
        found: list[tuple[str, ...]] = []
        while stems:
            most = min(self._longest, len(stems))
            long = next((n for n in range(most, 0, -1) if tuple(stems[:n]) in self._english), 1)
            said, stems = stems[:long], stems[long:]
            singly = [self._english.get((stem,), stem) for stem in said] if long > 1 else []
            found.append((self._english.get(tuple(said), said[0]), *singly))
        return found

    def _of_chinese(self, run: str) -> list[str]:
        """The terms of a stretch with the terms in them, and the words between."""
        found: list[str] = []
        between = at = 0
        while at < len(run):
            term = next((one for one in self._begin.get(run[at], ()) if run.startswith(one, at)), "")
            if term:
                found += [*words.words(run[between:at]), *self._with_those_in(term)]
                between = at + len(term)
            at += len(term) or 1
        return found + words.words(run[between:])

    def _with_those_in(self, term: str) -> list[str]:
        if term not in self._inside:
            read = (token for one, of in self._chinese.items() if one in term for token in of)
            self._inside[term] = list(dict.fromkeys(read))
        return self._inside[term]

    def _spelling(self, stem: str, known: Callable[[str], bool]) -> str:
        if len(stem) < _LONG_ENOUGH - 1 or stem in self._spelt or known(stem) or words.is_slight(stem):
            return stem
        like = [one for one in self._spelt if one[0] == stem[0] and _one_letter_apart(one, stem)]
        return like[0] if len(like) == 1 else stem


@cache
def _plain() -> set[str]:
    """The stems of what says little or nothing, of words that may be misspelt like any other."""
    known = words.vocabulary()
    stems = {words.stem(word) for word in known.left_out if word.isascii()} | known.slight
    return {stem for stem in stems if stem.isascii() and len(stem) >= _LONG_ENOUGH}


def _by_english(terms: Iterable[Term]) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for term in terms:
        for said in filter(None, dict.fromkeys(tuple(_stems(one)) for one in _parted(term.en))):
            found.setdefault(said, []).append(_token(term))
    return found


def _parted(said: str) -> list[str]:
    return [words.folded(one) for one in said.split("|")]


def _token(term: Term) -> str:
    """What a term is read as: its first Chinese word, or what means the same in Chinese questions."""
    first = _parted(term.zh)[0]
    return words.vocabulary().same.get(first, first)


def _stems(text: str) -> list[str]:
    """English words that say something, without their endings; numbers."""
    known = words.vocabulary()
    found = _WORDS.findall(known.phrases.sub(" ", _APOSTROPHES.sub("", words.folded(text))))
    return [words.stem(word) for word in found if word not in known.left_out]


def _one_letter_apart(one: str, other: str) -> bool:
    """Whether one letter is wrong, missing or too many, or two stand in each other's place."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, other_rest = one[start:], other[start:]
    swapped = rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:]
    return rest[1:] == other_rest[1:] or rest[1:] == other_rest or rest == other_rest[1:] or swapped
