"""What the papers of one application say together: names, dates, years, levels. Each check is a small plain function
that gives findings with their clause; none of them blocks, people look.

Only what was read counts here; how it stands to what was typed is `comparing`'s. Months are held against days at their
own precision: what a month leaves open is not questioned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from models.documents import conditions, words
from models.documents.draft import FindingDraft
from models.documents.gathering import FOREVER, Papers, Sheet
from models.documents.reading import Found
from models.interview import wording
from models.programme.papers import papers as papers_known


def check(papers: Papers) -> list[FindingDraft]:
    """Every finding, each sentence about a document once."""
    found: dict[tuple[str, str, str], FindingDraft] = {}
    for rule in _RULES:
        for draft in rule(papers):
            found.setdefault((draft.key, draft.code, repr(draft.params)), draft)
    return list(found.values())


def _another_paper(papers: Papers) -> Iterator[FindingDraft]:
    """A page of another kind than the document asks for: the back of the ID card where a diploma should be."""
    known = {side for paper in papers_known().values() for side in paper.sides}
    for sheet in papers.sheets:
        if sheet.reading.kind in known and sheet.reading.kind not in sheet.paper.sides:
            yield sheet.draft("other_paper", seen=wording.text(f"paper.{sheet.reading.kind}"))


def _sides_missing(papers: Papers) -> Iterator[FindingDraft]:
    """Two pages that are both the front: every page was read, and one side is not among them."""
    for document in {sheet.document.id: sheet for sheet in papers.sheets}.values():
        kinds = [sheet.reading.kind for sheet in papers.sheets if sheet.document.id == document.document.id]
        known = [kind for kind in kinds if kind in document.paper.sides]
        if len(document.paper.sides) > 1 and len(known) == len(kinds) >= len(document.paper.sides):
            for side in document.paper.sides:
                if side not in known:
                    yield document.draft("side_missing", side=wording.text(f"paper.{side}"))


def _one_name(papers: Papers) -> Iterator[FindingDraft]:
    """The same name on all papers: that of the ID card, or else of the first."""
    named = [(sheet, words.person(found.value or found.text)) for sheet, found in _with(papers, "name")]
    named = [(sheet, name) for sheet, name in named if name]
    if not named:
        return
    first, wanted = next((one for one in named if one[0].reading.kind == "id_front"), named[0])
    for sheet, name in named:
        if name != wanted:
            yield sheet.draft("names_differ", other=first.document.title)


def _with(papers: Papers, name: str) -> Iterator[tuple[Sheet, Found]]:
    for sheet in papers.sheets:
        found = sheet.reading.found.get(name)
        if found is not None:
            yield sheet, found


def _after_birth(papers: Papers) -> Iterator[FindingDraft]:
    """Nothing is issued to somebody who is not born yet."""
    births = [sheet.day("birth_date") for sheet in papers.sheets if sheet.day("birth_date")]
    for sheet in papers.sheets:
        issued = sheet.day("issued_on")
        if births and issued and _before(issued, births[0]):
            yield sheet.draft("issued_before_birth")


def _in_order(papers: Papers) -> Iterator[FindingDraft]:
    """A title comes after the graduation, a last day after the first, and nothing is issued in the future."""
    graduations = [sheet.day("issued_on") for sheet in papers.sheets if sheet.reading.kind == "diploma"]
    first = min((day for day in graduations if day), default="")
    for sheet in papers.sheets:
        issued, start, end = (sheet.day(name) for name in ("issued_on", "valid_from", "valid_until"))
        if issued and _before(papers.on.isoformat(), issued):
            yield sheet.draft("issued_in_future")
        if start and end and _before(end, start):
            yield sheet.draft("ends_before_start")
        if first and issued and "title" in sheet.reading.found and _before(issued, first):
            yield sheet.draft("title_before_graduation")


def _still_valid(papers: Papers) -> Iterator[FindingDraft]:
    """An ID card (or a contract) that had run out on the day of the hand-in."""
    for sheet in papers.sheets:
        until = sheet.day("valid_until")
        if until and until != FOREVER and _before(until, papers.on.isoformat()):
            yield sheet.draft("expired")


def _before(day: str, other: str) -> bool:
    """Whether one date lies before another for certain, at the coarser precision of the two."""
    length = min(len(day), len(other))
    return day[:length] < other[:length]


def _meets_conditions(papers: Papers) -> Iterator[FindingDraft]:
    """满5年 against the certificate's date, age against the cut-off day, the contract's years, the level: a condition
    that the person's own answer meets, and what was read on its papers does not."""
    for code, condition, sheet in conditions.unmet(papers):
        yield sheet.draft(code, condition.clause, condition=condition.text)


Rule = Callable[[Papers], Iterator[FindingDraft]]
_RULES: tuple[Rule, ...] = (
    _another_paper,
    _sides_missing,
    _one_name,
    _after_birth,
    _in_order,
    _still_valid,
    _meets_conditions,
)
