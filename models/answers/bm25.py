"""BM25 over a few hundred short texts: Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

K1, B = 1.2, 0.4


@dataclass(frozen=True, slots=True)
class Hit:
    """A text and how well it fits. `covered`: the share of what was asked that is in it, by the weight of the words."""

    number: int
    score: float
    covered: float


class Index:
    """Texts as weighted words. Words are rarer the fewer `groups` (several texts may be of one clause) have them."""

    def __init__(self, texts: Sequence[Mapping[str, float]], groups: Sequence[Hashable]) -> None:
        self._lengths = [sum(text.values()) for text in texts]
        self._mean = sum(self._lengths) / len(texts) if texts else 1.0
        self._postings: dict[str, list[tuple[int, float]]] = {}
        among: dict[str, set[Hashable]] = {}
        for number, (text, group) in enumerate(zip(texts, groups, strict=True)):
            for word, count in text.items():
                self._postings.setdefault(word, []).append((number, count))
                among.setdefault(word, set()).add(group)
        self._groups = len(set(groups))
        self._found_in = {word: len(of) for word, of in among.items()}

    def weight(self, word: str) -> float:
        """How much a word tells: the rarer the more; one that is nowhere as much as one that is in a single group."""
        found = max(self._found_in.get(word, 0), 1)
        return math.log(1 + (self._groups - found + 0.5) / (found + 0.5))

    @property
    def rarest(self) -> float:
        """What the rarest words tell: those that are in a single group."""
        return self.weight("")

    def knows(self, word: str) -> bool:
        """Whether any text has the word."""
        return word in self._found_in

    def search(self, asked: Mapping[str, float]) -> list[Hit]:
        """Texts with any of the words asked (each with what it counts), best first."""
        whole = sum(self.weight(word) * counts for word, counts in asked.items())
        scores: Counter[int] = Counter()
        covered: Counter[int] = Counter()
        for word, counts in asked.items():
            weight = self.weight(word) * counts
            for number, often in self._postings.get(word, ()):
                length = 1 - B + B * self._lengths[number] / self._mean
                scores[number] += weight * often * (K1 + 1) / (often + K1 * length)  # type: ignore[assignment]
                covered[number] += weight  # type: ignore[assignment]
        hits = (Hit(number, score, covered[number] / whole) for number, score in scores.items())
        return sorted(hits, key=lambda hit: (-hit.score, hit.number))


def counted(parts: Iterable[tuple[float, Iterable[str]]]) -> dict[str, float]:
    """Words of several parts, each part with its weight, as one text."""
    out: dict[str, float] = {}
    for weight, words in parts:
        for word in words:
            out[word] = out.get(word, 0.0) + weight
    return out
