"""One application as a reviewer reads it: masked lines, evidence, the verdict with its clauses; and the reveal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.application.tables import DocumentPage
from models.eligibility.verdict import UNSURE, Finding, GroupFinding, Status
from models.errors import InvalidAnswer, NotFound
from models.interview import wording
from models.interview.steps import Ask, Stage
from models.office import audit, scope
from models.office.masking import mask
from models.office.tables import Staff
from models.programme import fields
from models.programme.pack import Pack, Text
from models.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from models.application.queries import ApplicationView

SHORTEST_REASON = 4
LONGEST_REASON = 300
_UNSURE = Text(zh="不确定", en="Not sure")


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: `text` is masked where `masked`; a repeatable answer has `columns` and `rows` instead."""

    key: str
    label: str
    text: str
    masked: bool = False
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A section of the form with its lines, in the form's order."""

    id: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document asked for, with the pages that the person sent."""

    key: str
    title: str
    counts: str
    required: bool
    pages: tuple[DocumentPage, ...]


def form_blocks(view: ApplicationView, lang: str) -> tuple[Block, ...]:
    """The form's live sections, sensitive answers masked."""
    return tuple(
        Block(section.id, section.title.get(lang), tuple(_line(view, ask, lang) for ask in section.asks))
        for section in view.plan.sections
    )


def eligibility_block(view: ApplicationView, lang: str) -> Block:
    """What the person answered to the questions that decide."""
    asked = (a for a in view.plan.asks if a.stage is Stage.ELIGIBILITY and a.key in view.answers)
    return Block("eligibility", "", tuple(_line(view, ask, lang) for ask in asked))


def evidence(view: ApplicationView, lang: str) -> tuple[Evidence, ...]:
    """Every document asked for, with its kept pages in order."""
    titles = {d.id: d for d in view.pack.documents.documents}
    found = []
    for ask in view.plan.documents:
        name = ask.key.partition(":")[2]
        document = titles.get(name)
        pages = sorted((p for p in view.pages if p.document == name and p.removed_at is None), key=lambda p: p.position)
        counts = document.counts.get(lang) if document else ""
        found.append(Evidence(ask.key, ask.label.get(lang), counts, ask.required, tuple(pages)))
    return tuple(found)


def returnable(view: ApplicationView) -> dict[str, Ask]:
    """What may be returned to the person: the live fields and documents, by answer key, in the form's order."""
    asks: Iterable[Ask] = (*(ask for section in view.plan.sections for ask in section.asks), *view.plan.documents)
    return {ask.key: ask for ask in asks}


def staff_points(view: ApplicationView) -> tuple[Finding, ...]:
    """Findings of the claimed categories, and of what all categories need, that people decide or that the person was
    not sure about."""
    assessment = view.plan.assessment
    seen: dict[str, Finding] = {}
    groups = (assessment.general, *(assessment.categories.get(name) for name in assessment.claimed))
    for group in groups:
        for finding in group.findings() if group else ():
            if finding.status is Status.STAFF or finding.unsure:
                seen.setdefault(finding.condition, finding)
    return tuple(seen.values())


def claimed_groups(view: ApplicationView) -> tuple[GroupFinding, ...]:
    """What all categories need, where that is anything, then the verdict of each claimed one in the notice's order."""
    assessment = view.plan.assessment
    general = (assessment.general,) if assessment.general.parts else ()
    return (*general, *(group for name, group in assessment.categories.items() if name in assessment.claimed))


def clauses(pack: Pack) -> dict[str, str]:
    """Clauses that a decision may rest on, in the notice's order: reference and heading."""
    return {clause.ref: clause.heading for clause in pack.clauses}


def judged_clauses(view: ApplicationView) -> tuple[str, ...]:
    """The clauses behind what the person claims, in the notice's order: those that a refusal mostly rests on."""
    found: set[str] = set()
    parts: list[GroupFinding | Finding] = list(claimed_groups(view))
    while parts:
        part = parts.pop()
        found.add(part.clause)
        parts += part.parts if isinstance(part, GroupFinding) else ()
    return tuple(ref for ref in clauses(view.pack) if ref in found)


def reveal(staff: Staff, application_id: str, key: str, reason: str, lang: str) -> str:
    """The plain text of one masked answer. The reveal is committed to the audit before the value is given.

    Raises NotFound out of reach, InvalidAnswer without a good reason or where nothing is hidden.
    """
    from models.application import queries

    reason = check_reason(reason)
    staff_id = staff.id
    with unit_of_work() as session:
        application = scope.get_application(staff, application_id)
        view = queries.view(application.id)
        ask = returnable(view).get(key)
        if ask is None or view.answers.get(key) is None:
            raise NotFound("office.not_found")
        if not _hidden(view, ask):
            raise InvalidAnswer("office.not_sensitive")
        text = _text(ask, view.answers[key], lang)
        audit.write(session, staff_id, audit.REVEAL, f"application:{application.id}:{key}"[:120], reason)
    return text


def check_reason(reason: str, least: int = SHORTEST_REASON) -> str:
    """A reason that says something, stripped. Raises InvalidAnswer for one that is missing, too short or too long."""
    reason = reason.strip()
    if not reason:
        raise InvalidAnswer("office.reason_missing")
    if len(reason) < least:
        raise InvalidAnswer("office.reason_short", least=least)
    if len(reason) > LONGEST_REASON:
        raise InvalidAnswer("office.too_long", limit=LONGEST_REASON)
    return reason


def said(view: ApplicationView, ask: Ask, lang: str, *, full: bool) -> str:
    """One answer as a text: masked where it is hidden, unless it is wanted in `full`. Rows give none."""
    value = view.answers.get(ask.key)
    if value is None or ask.kind == "rows":
        return ""
    text = _text(ask, value, lang)
    return mask(ask.kind, text) if _hidden(view, ask) and not full else text


def _line(view: ApplicationView, ask: Ask, lang: str) -> Line:
    value = view.answers.get(ask.key)
    label = ask.label.get(lang)
    if value is None:
        return Line(ask.key, label, "")
    if ask.kind == "rows" and isinstance(value, list):
        headers = tuple(column.label.get(lang) for column in ask.columns)
        rows = tuple(tuple(_text(column, row.get(column.id), lang) for column in ask.columns) for row in value)
        return Line(ask.key, label, "", columns=headers, rows=rows)
    text = _text(ask, value, lang)
    if _hidden(view, ask):
        return Line(ask.key, label, mask(ask.kind, text), masked=True)
    return Line(ask.key, label, text)


def _hidden(view: ApplicationView, ask: Ask) -> bool:
    return ask.sensitive or ask.key in view.sealed_keys


def _text(spec: Any, value: Any, lang: str) -> str:
    if value is None:
        return ""
    if value == UNSURE:
        return _UNSURE.get(lang)
    return fields.display(spec, value, lang)


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding of the completeness check, in words."""

    key: str
    text: str
    clause: str
    blocking: bool


def findings(view: ApplicationView, lang: str) -> tuple[FindingLine, ...]:
    """Findings of the last completeness check, those that block first."""
    lines = (FindingLine(f.key, wording.say(f.code, lang, **f.params), f.clause, f.blocking) for f in view.findings)
    return tuple(sorted(lines, key=lambda line: not line.blocking))
