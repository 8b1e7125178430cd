"""What of a pack can answer a question: its clauses, and what the pack says in plain words under one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from models.interview.wording import say
from models.programme.mentions import form_fields
from models.programme.pack import Clause, Pack, Text

Told = Literal[False, True, "filling", "condition"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A clause, with one thing that the pack says under it (`text`). `told`: when it is said before the clause in
    Chinese, too: never, always, or only to who asks how something is filled in. In English it is said where it has
    what was asked; a condition is named as one, since others may stand beside it."""

    clause: Clause
    title: Text | None = None
    text: Text | None = None
    told: Told = False

    def is_bare_of(self, clause: Clause) -> bool:
        """Whether this is that clause alone."""
        return self.clause is clause and self.title is None and self.text is None

    def says(self, lang: str) -> str:
        """What is said before the clause is quoted; empty where the clause says it itself."""
        if self.text is None or (lang == "zh" and self.told in (False, "condition")):
            return ""
        text = self.text.get(lang)
        if self.told == "condition":
            return say("answers.condition", lang, text=text)
        if self.title is None:
            return text
        return f"{self.title.zh}：{text}" if lang == "zh" else f"{self.title.en}: {text}"


def passages(pack: Pack) -> tuple[Passage, ...]:
    """Everything that can answer; only clauses whose own words the pack holds, since an answer quotes them."""
    clauses = {clause.ref: clause for clause in pack.clauses if clause.quote}
    plain = [Passage(clause) for clause in clauses.values()]
    return (
        *plain,
        *(Passage(clauses[ref], title, text, told) for ref, title, text, told in _said(pack) if ref in clauses),
    )


_Said = tuple[str, Text | None, Text | None, Told]


def _said(pack: Pack) -> Iterator[_Said]:
    programme = pack.programme
    for stage in programme.calendar:
        yield stage.clause, stage.title, stage.text, True
    for duty in programme.duties:
        yield duty.clause, duty.who, duty.text, False
    for rules in (pack.eligibility, pack.routing):
        for condition in rules.conditions:
            yield condition.clause, None, condition.text, "condition"
        for fact in rules.facts:
            yield fact.clause, fact.question, None, False
    for group in pack.eligibility.groups:
        yield group.clause, group.title, None, False
    for field in form_fields(pack):
        yield field.clause, field.label, field.help, "filling"
    for paper in pack.documents.documents:
        yield paper.clause, paper.title, paper.counts, True
    for channel in pack.selection.channels:
        yield channel.clause, channel.name, channel.plain, False
    for quota in pack.selection.quotas:
        yield quota.clause, None, quota.title, False
    yield from _afterwards(pack)


def _afterwards(pack: Pack) -> Iterator[_Said]:
    for change in pack.afterwards.changes:
        yield change.clause, change.what, change.who, False
    for leaving in pack.afterwards.exits:
        yield leaving.clause, leaving.reason, leaving.consequence, False
    for review in pack.afterwards.reviews:
        yield review.clause, review.title, review.consequence, False
    for benefit in pack.afterwards.benefits:
        yield benefit.clause, benefit.title, benefit.text, False
