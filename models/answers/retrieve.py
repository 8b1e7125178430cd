"""Whether a clause, or an answer that the office has approved, clearly answers a question. Pure.

Better a question in the queue than a wrong answer: the words asked have to be in what answers (`COVERED`), tell enough
(`ENOUGH`, in words that stand in one clause only), and tell clearly more of it than of any clause that it is not part
of (`CLEARLY`). A question for a time, a place, a body or a number is answered only by what holds one. The figures come
from ``tests/answers/questions.csv``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from models.answers import english, words
from models.answers.bm25 import Hit, Index, counted
from models.answers.passages import Passage, passages
from models.programme.pack import Clause, Pack

COVERED, ENOUGH, CLEARLY = 0.6, 1.1, 1.15
MORE = 0.05  # as much more of what was asked a text holds than its clause: then it is said before the clause
ALIKE = 0.6  # of the words of two questions, by weight: then they ask the same
_KEPT = 16  # books of pack versions


@dataclass(frozen=True, slots=True)
class Approved:
    """An answer that the office has approved for everybody, while its clause stays as it was."""

    id: str
    question: str
    answer: str
    answer_en: str
    clause: str


@dataclass(frozen=True, slots=True)
class Found:
    """What answers: the clause, what is said before it is quoted (may be empty), and which approved answer said it.
    `about_dates`: asked when one can apply, so that the round's own days come first."""

    clause: Clause
    says: str = ""
    approved: str = ""
    about_dates: bool = False


@dataclass(frozen=True, slots=True)
class _Book:
    pack: Pack
    passages: tuple[Passage, ...]
    index: Index
    title: frozenset[str]
    read: Callable[[str], list[str]]
    units: Callable[[str], list[tuple[str, ...]]]  # of a question


_books: dict[tuple[str, str, str], _Book] = {}


def find(pack: Pack, question: str, lang: str, approved: Iterable[Approved] = ()) -> Found | None:
    """What clearly answers `question`, in words for a reader of `lang`; None where nothing does.

    A question in English is read as the notice's own terms, and answered like one in Chinese."""
    asked_in = "zh" if words.is_chinese(question) else "en"
    book = _book(pack, asked_in)
    asked = _asked(book, question)
    if not any(counts == 1.0 for counts in asked.values()) and not words.asks_for_the_dates(question):
        return None
    return (
        _of_the_office(book, question, lang, approved)
        or _of_the_round(book, question)
        or _clause(book, question, asked, asked_in)
    )


def nearest(pack: Pack, question: str, limit: int = 5) -> list[Clause]:
    """The clauses that have most of what is asked, best first: for somebody who reads and chooses."""
    asked_in = "zh" if words.is_chinese(question) else "en"
    book = _book(pack, asked_in)
    found: dict[str, Clause] = {}
    for hit in book.index.search(_asked(book, question)):
        clause = book.passages[hit.number].clause
        found.setdefault(clause.ref, clause)
        if len(found) == limit:
            break
    return list(found.values())


def _book(pack: Pack, asked_in: str) -> _Book:
    """The pack's passages as an index, made once for a version."""
    key = (pack.slug, pack.programme.version, asked_in)
    book = _books.get(key)
    if book is None or book.pack is not pack:
        if len(_books) >= _KEPT:
            _books.clear()
        book = _books[key] = _made(pack, asked_in)
    return book


def _made(pack: Pack, asked_in: str) -> _Book:
    of_pack = passages(pack)
    glossary = english.Glossary(pack.terms, english.shared()) if asked_in == "en" else None
    read = glossary.words if glossary else words.words
    once = cache(read)  # many passages are of one clause
    index = Index([_text(passage, asked_in, once) for passage in of_pack], [passage.clause.ref for passage in of_pack])
    programme = pack.programme
    title = read(f"{programme.title.zh} {programme.short.zh}")
    if glossary:  # and the places in it
        title += [word for word in read(f"{programme.title.en} {programme.short.en}") if word.isascii()]
    units = partial(glossary.units, known=index.knows) if glossary else words.units
    return _Book(pack, of_pack, index, frozenset(title), read, units)


def _text(passage: Passage, asked_in: str, read: Callable[[str], list[str]]) -> dict[str, float]:
    parts: list[tuple[float, Iterable[str]]] = [(2.0, read(passage.clause.heading)), (1.0, read(passage.clause.quote))]
    if passage.title is not None:
        parts.append((1.5, read(passage.title.get(asked_in))))
    if passage.text is not None:
        parts.append((1.0, read(passage.text.get(asked_in))))
    return counted(parts)


def _asked(book: _Book, question: str) -> dict[str, float]:
    """The words asked with what each counts; of a word that nothing here has, those in it that something has."""
    found: list[str] = []
    for whole, *inside in book.units(question):
        known = [word for word in inside if book.index.knows(word)]
        found += [whole] if book.index.knows(whole) or not known else inside
    return {word: words.SLIGHT if words.is_slight(word) or word in book.title else 1.0 for word in found}


def _clause(book: _Book, question: str, asked: Mapping[str, float], asked_in: str) -> Found | None:
    kinds = words.asks_for(question)
    every = book.index.search(asked)
    if asked_in == "en" and (explained := _explained(book, question)):
        return Found(explained)
    hits = [hit for hit in every if _holds(_whole(book.passages[hit.number], asked_in), kinds)]
    if not hits or hits[0].score < ENOUGH * book.index.rarest or hits[0].covered < COVERED:
        return None
    best = book.passages[hits[0].number].clause
    others = (hit.score for hit in hits if not _related(book.passages[hit.number].clause.ref, best.ref))
    if hits[0].score < CLEARLY * next(others, 0.0):
        return None
    if asked_in == "en":
        told = [(book.passages[hit.number], hit.covered) for hit in hits if book.passages[hit.number].clause is best]
        says = next((passage.says("en") for passage, _ in told if _tells(book, passage, question, asked)), "")
        itself = any(covered >= COVERED for passage, covered in told if passage.is_bare_of(best))
        itself = itself and (not _names_a_table(best) or any(map(words.is_of_a_table, asked)))
        return Found(best, says) if says or itself else None
    return _with_more(book, question, asked, every, hits[0])


def _explained(book: _Book, question: str) -> Clause | None:
    """The one clause that explains what a question asks the meaning of, where a table is named after it: the table's
    name has the asked words, too, and nothing more. Its heading is the term, else the table's name."""
    term = words.asked_the_meaning_of(question)
    if not term or words.asks_for(question):
        return None
    asked = _asked(book, term)
    hits = (book.passages[hit.number].clause for hit in book.index.search(asked))
    having = {clause.ref: clause for clause in hits}
    tables = [clause for clause in having.values() if _names_a_table(clause) and _in(book, asked, clause.heading)]
    if not tables:
        return None
    told = [clause for clause in having.values() if not _names_a_table(clause)]
    itself = [clause for clause in told if [clause.heading] == list(asked)]
    named = {name for table in tables for name in (table.heading, table.heading.removesuffix("表"))}
    ends = tuple(asked)  # 「关键岗位」 is in the name of a plan for it, but what is named is the plan
    found = itself or [clause for clause in told if clause.heading in named and clause.heading.endswith(ends)]
    return found[0] if len(found) == 1 else None


def _in(book: _Book, asked: Mapping[str, float], heading: str) -> bool:
    return asked.keys() <= set(book.read(heading))


def _names_a_table(clause: Clause) -> bool:
    """Whether a clause is only the name of a table, which explains nothing."""
    return words.is_of_a_table(clause.heading) and clause.quote.endswith(clause.heading)


def _tells(book: _Book, passage: Passage, question: str, asked: Mapping[str, float]) -> bool:
    """Whether what the pack says in English under a clause can stand for it: under the clause's heading, it has what
    was asked without the clause's own words. A field or a paper answers only who asks about that one, and how a field
    is filled in only who asks how."""
    says = passage.says("en")
    if not says or (passage.told == "filling" and not words.asks_how_to_fill_in(question)):
        return False
    if passage.title and passage.told and asked.keys().isdisjoint(book.read(passage.title.en)):
        return False
    said = {*book.read(says), *book.read(passage.clause.heading)}
    weights = {word: book.index.weight(word) * counts for word, counts in asked.items()}
    had = sum(weight for word, weight in weights.items() if word in said)
    return had >= COVERED * sum(weights.values()) and _holds(says, words.asks_for(question))


def _with_more(book: _Book, question: str, asked: Mapping[str, float], every: Iterable[Hit], hit: Hit) -> Found | None:
    """The clause, after what the pack says under it where that holds more of what was asked than the clause's own
    words. How a field is filled in answers only who asks that."""
    passage = book.passages[hit.number]
    clause = passage.clause
    own = next((one.covered for one in every if book.passages[one.number].is_bare_of(clause)), 0.0)
    needed = hit.covered > own + MORE or not _holds(f"{clause.heading} {clause.quote}", words.asks_for(question))
    named = passage.title is None or any(word in asked for word in words.words(passage.title.zh))
    filling = passage.told == "filling"
    if needed and named and (not filling or words.asks_how_to_fill_in(question)):
        return Found(clause, passage.says("zh"))
    return Found(clause) if not filling or own >= COVERED else None


def _holds(text: str, kinds: Iterable[words.Kind]) -> bool:
    """Whether `text` holds what is asked for: a day, a place, a body, a number."""
    return all(kind.answered.search(words.folded(text)) for kind in kinds)


def _whole(passage: Passage, asked_in: str) -> str:
    """What would be said."""
    return " ".join([passage.clause.heading, passage.clause.quote, passage.says(asked_in)])


def _related(one: str, other: str) -> bool:
    """Whether one clause is the other, or within it: ``三(二)`` and ``三(二)4``, not ``附件1`` and ``附件10``."""
    long, short = (one, other) if len(one) >= len(other) else (other, one)
    if not long.startswith(short):
        return False
    return len(long) == len(short) or not (short[-1].isdigit() and long[len(short)].isdigit())


def _of_the_round(book: _Book, question: str) -> Found | None:
    """When one can apply: the clause of the dates, before which the round's own days are said."""
    if not words.asks_for_the_dates(question):
        return None
    ref = book.pack.programme.dates_clause
    return next((Found(c, about_dates=True) for c in book.pack.clauses if c.ref == ref and c.quote), None)


def _of_the_office(book: _Book, question: str, lang: str, approved: Iterable[Approved]) -> Found | None:
    """The approved answer to a question that asks the same, if its clause is in the pack."""
    clauses = {clause.ref: clause for clause in book.pack.clauses}
    best, at_least = None, ALIKE
    asked = set(book.read(question))
    for one in approved:
        text = one.answer_en if lang == "en" else one.answer
        if not text or one.clause not in clauses:
            continue
        alike = _alike(book, asked, set(book.read(one.question)))
        if alike >= at_least:
            best, at_least = Found(clauses[one.clause], text, one.id), alike
    return best


def _alike(book: _Book, one: set[str], other: set[str]) -> float:
    """The share of the words of two questions that both have, by weight."""

    def weight(found: set[str]) -> float:
        return sum(book.index.weight(word) * (words.SLIGHT if words.is_slight(word) else 1.0) for word in found)

    whole = weight(one | other)
    return weight(one & other) / whole if whole else 0.0
