"""Conditions of a pack held against what stands on the papers that are to show them.

Found through the rules alone: a condition names its `evidence`, the kind of paper says what on it counts (`since`,
`level`, `term` in papers.toml), and the condition's own operator judges what was read as it judged the answer.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from models.documents import words
from models.documents.gathering import FOREVER, Papers, Sheet
from models.eligibility.compiled import compiled
from models.eligibility.operators import Predicate, whole_years
from models.eligibility.verdict import UNSURE
from models.programme.pack import Condition, Fact


def unmet(papers: Papers) -> Iterator[tuple[str, Condition, Sheet]]:
    """Conditions behind the claimed categories that the person's own answer meets and no paper read for it does: the
    code of the finding (by what it is about: years, an age, a term, a level), the condition, and a paper that says
    otherwise."""
    made = compiled(papers.pack)
    facts = made.known(
        {key.removeprefix("fact:"): value for key, value in papers.answers.items() if key[:5] == "fact:"}
    )
    by_document: dict[str, list[Sheet]] = {}
    for sheet in papers.sheets:
        by_document.setdefault(sheet.document.id, []).append(sheet)
    for index in dict.fromkeys(made.number[name] for name in _that_count(papers)):
        condition, predicate = made.conditions[index], made.predicates[index]
        given = facts.get(condition.fact)
        if given in (None, UNSURE) or not predicate(given, papers.on):
            continue
        sheets = [sheet for name in condition.evidence for sheet in by_document.get(name, ())]
        fact = made.facts[condition.fact]
        fits = [(sheet, _fits(fact, predicate, sheet, papers.on)) for sheet in sheets]
        against = [sheet for sheet, fit in fits if fit is False]
        if against and not any(fit for _, fit in fits):
            yield _code(fact, against[0]), condition, against[0]


def _that_count(papers: Papers) -> Iterator[str]:
    """Names of the conditions under what the person claims, and of those that everybody has to meet."""
    found = papers.assessment
    for group in (found.general, *(found.categories[name] for name in found.claimed if name in found.categories)):
        yield from (finding.condition for finding in group.findings())


def _code(fact: Fact, sheet: Sheet) -> str:
    if fact.kind == "number":
        return "unmet_term"
    if fact.kind == "choice":
        return "unmet_level"
    return "unmet_age" if sheet.paper.since == "birth_date" else "unmet_years"


def _fits(fact: Fact, predicate: Predicate, sheet: Sheet, on: date) -> bool | None:
    """Whether the paper meets the condition; None where it says nothing of the kind, or too little to tell."""
    read = _read(fact, sheet)
    outcomes = {predicate(value, on) for value in read}
    return outcomes.pop() if len(outcomes) == 1 else None


def _read(fact: Fact, sheet: Sheet) -> Iterable[Any]:
    """What the paper may mean as an answer to `fact`: one value, or the ends of what a month leaves open."""
    if fact.kind == "date":
        return _days(sheet.day(sheet.paper.since))
    if fact.kind == "number":
        return _years(*(sheet.day(name) for name in sheet.paper.term))
    if fact.kind == "choice":
        found = sheet.reading.found.get(sheet.paper.level)
        return words.options_of(fact.options, found.value or found.text) if found is not None else ()
    return ()


def _days(day: str) -> tuple[str, ...]:
    """The day itself; of a month its first and its last."""
    if len(day) != len("2012-07"):
        return (day,) if _real(day) else ()
    first = f"{day}-01"
    return (first, f"{day}-{monthrange(int(day[:4]), int(day[5:]))[1]:02d}") if _real(first) else ()


def _years(*term: str) -> tuple[int, ...]:
    """Whole years of a contract; its last day counts. Without an end it is as long as any."""
    if len(term) != len(("from", "until")):
        return ()
    start, end = term
    if start and end == FOREVER:
        return (999,)
    if not (_real(start) and _real(end)) or end < start:
        return ()
    return (whole_years(start, date.fromisoformat(end) + timedelta(days=1)),)


def _real(day: str) -> bool:
    try:
        return date.fromisoformat(day).isoformat() == day
    except ValueError:
        return False
