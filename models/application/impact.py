"""What a new version of a pack would do to the drafts in flight: whom each change touches, whose verdict would change.

Only reads, and opens nothing that is sealed: of most answers it is enough to know that they are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.application.lifecycle import DRAFT
from models.application.tables import Answer, Application, DocumentPage
from models.eligibility.assess import assess
from models.eligibility.compiled import compiled
from models.eligibility.pending import claimed_categories
from models.eligibility.verdict import Assessment, Outcome
from models.interview.replay import replay
from models.programme.diff import Change
from models.programme.diff_reach import Reach, reach
from models.programme.pack import Pack

_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Impact:
    """Receipts of drafts, sorted. `things`: by the place of the thing that changes; `verdicts`: by the outcome now and
    then, the same twice where only a category's verdict changes; `touched`: by anything at all."""

    drafts: int
    things: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    verdicts: dict[tuple[Outcome, Outcome], tuple[str, ...]] = field(default_factory=dict)
    touched: tuple[str, ...] = ()


def impact(session: Session, old: Pack, new: Pack, changes: Sequence[Change], on: date) -> Impact:
    """The drafts of the programme as they stand, judged under both versions on the day `on`."""
    reaches = [(change.place, reach(change, old, new)) for change in changes]
    things: dict[tuple[str, ...], set[str]] = {}
    verdicts: dict[tuple[Outcome, Outcome], set[str]] = {}
    count = 0
    for receipt, answers in _drafts(session, old.slug):
        count += 1
        for place in _touching(reaches, answers, old, new):
            things.setdefault(place, set()).add(receipt)
        turned = _turned(answers, old, new, on)
        if turned is not None:
            verdicts.setdefault(turned, set()).add(receipt)
    touched = set().union(*things.values(), *verdicts.values())
    return Impact(
        count,
        {place: tuple(sorted(found)) for place, found in things.items()},
        {turn: tuple(sorted(found)) for turn, found in sorted(verdicts.items())},
        tuple(sorted(touched)),
    )


def _drafts(session: Session, slug: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every draft's receipt with its answers; sealed ones and documents as None."""
    mine = (Application.programme == slug, Application.status == DRAFT)
    photographed: dict[str, set[str]] = {}
    pages = select(DocumentPage.application_id, DocumentPage.document).join(
        Application, Application.id == DocumentPage.application_id
    )
    for app_id, document in session.execute(pages.where(*mine, DocumentPage.removed_at.is_(None)).distinct()):
        photographed.setdefault(app_id, set()).add(f"document:{document}")
    answered = (
        select(Application.id, Application.receipt, Answer.key, Answer.value)
        .outerjoin(Answer, Answer.application_id == Application.id)
        .where(*mine)
        .order_by(Application.id)
        .execution_options(yield_per=_CHUNK)
    )
    for (app_id, receipt), rows in groupby(session.execute(answered), key=attrgetter("id", "receipt")):
        answers = {row.key: _plain(row.value) for row in rows if row.key is not None}
        yield receipt, answers | dict.fromkeys(photographed.get(app_id, ()))


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def claimed(pack: Pack, answers: dict[str, Any]) -> tuple[str, ...]:
    """The categories that these answers claim, as this version knows them."""
    return claimed_categories(compiled(pack), answers.get("claim"))


def _touching(
    reaches: Sequence[tuple[tuple[str, ...], Reach]], answers: dict[str, Any], old: Pack, new: Pack
) -> Iterator[tuple[str, ...]]:
    categories = {*claimed(old, answers), *claimed(new, answers)}
    yield from (place for place, found in reaches if found.touches(answers, categories))


def _turned(answers: dict[str, Any], old: Pack, new: Pack, on: date) -> tuple[Outcome, Outcome] | None:
    """The outcomes before and after, where the verdict is not the same; None before a category has been claimed."""
    if not answers.get("claim"):
        return None
    before, after = (_judged(pack, answers, on) for pack in (old, new))
    same = before.outcome is after.outcome and _statuses(before) == _statuses(after)
    return None if same else (before.outcome, after.outcome)


def _judged(pack: Pack, answers: dict[str, Any], on: date) -> Assessment:
    live, _following = replay(pack, answers, on)
    return assess(pack, live, answers.get("claim"), on)


def _statuses(assessment: Assessment) -> dict[str, str]:
    return {name: assessment.categories[name].status for name in assessment.claimed}
