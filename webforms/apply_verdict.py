"""The verdict in words for the page: categories claimed, each condition with its status, clause and quotation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.eligibility.tiers import met_names, shown, tiers
from models.eligibility.verdict import Assessment, Finding, GroupFinding, Outcome, Status
from models.interview.steps import Ask
from models.programme.pack import Clause, Pack, Text, Unit


@dataclass(frozen=True, slots=True)
class Line:
    """One condition, or the heading of a group of them."""

    depth: int
    status: Status
    clause: str
    quote: str
    text: Text
    heading: bool
    mode: str = ""
    unsure: bool = False
    staff_why: Text | None = None
    condition: str = ""


@dataclass(frozen=True, slots=True)
class CategoryVerdict:
    """One claimed category: its verdict, the conditions that decided it, and the rest behind a fold."""

    id: str
    name: Text
    clause: str
    status: Status
    unsure: bool
    deciding: tuple[Line, ...]
    others: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class VerdictLines:
    """Everything the verdict page says."""

    categories: tuple[CategoryVerdict, ...]
    fits: tuple[Text, ...]  # tiers that count, to be named first
    above: tuple[Text, ...]  # tiers above one that counts, which people may still grant
    missed: tuple[CategoryVerdict, ...]  # tiers not reached of somebody who may apply: behind a fold
    general: tuple[Line, ...]
    evidence: tuple[Ask, ...]
    nearest: CategoryVerdict | None
    unit: Unit | None
    route_clause: str
    route_quote: str
    route_text: Text
    route_staff: bool


def verdict_lines(pack: Pack, assessment: Assessment, documents: Sequence[Ask]) -> VerdictLines:
    """Flatten an assessment for the page, with the `documents` that will be asked for. Conditions that decided come
    first, those that did not matter after."""
    standing = tiers(pack, assessment)
    refused = assessment.outcome is Outcome.REFUSED
    missed = {tier.id for one in standing for tier in one.missed} if not refused else set()
    found = [_category(pack, one) for one in shown(pack, assessment)]
    nearest = assessment.categories[assessment.may_still_fit] if assessment.may_still_fit else None
    units = {unit.id: unit for unit in pack.routing.units}
    route = assessment.route
    return VerdictLines(
        categories=tuple(sorted((one for one in found if one.id not in missed), key=lambda one: _ORDER[one.status])),
        fits=tuple(tier.title for tier in met_names(pack, assessment)),
        above=tuple(tier.title for one in standing if one.counts for tier in one.open),
        missed=tuple(one for one in found if one.id in missed),
        general=tuple(_line(pack, finding, 0) for finding in assessment.general.deciding()),
        evidence=tuple(documents),
        nearest=_category(pack, nearest) if nearest else None,
        unit=units.get(route.unit or ""),
        route_clause=route.clause,
        route_quote=route.quote,
        route_text=route.text,
        route_staff=route.status is Status.STAFF,
    )


_ORDER = {Status.MET: 0, Status.STAFF: 1, Status.UNKNOWN: 2, Status.NOT_MET: 3}


def _category(pack: Pack, found: GroupFinding) -> CategoryVerdict:
    decide = [finding for finding in found.deciding() if finding.status is found.status]
    named = {finding.condition for finding in decide}
    deciding = [_line(pack, finding, 0) for finding in decide]
    others = [line for line in _flatten(pack, found) if not line.heading and line.condition not in named]
    return CategoryVerdict(
        found.id, found.title, found.clause, found.status, found.unsure, tuple(deciding), tuple(others)
    )


def _flatten(pack: Pack, group: GroupFinding, depth: int = 0) -> list[Line]:
    lines: list[Line] = []
    for part in group.parts:
        if isinstance(part, Finding):
            lines.append(_line(pack, part, depth))
            continue
        lines.append(Line(depth, part.status, part.clause, "", part.title, heading=True, mode=part.mode))
        lines.extend(_flatten(pack, part, depth + 1))
    return lines


def _line(pack: Pack, found: Finding, depth: int) -> Line:
    return Line(
        depth,
        found.status,
        found.clause,
        found.quote or clause_quote(pack, found.clause),
        found.text,
        heading=False,
        unsure=found.unsure,
        staff_why=found.staff_why,
        condition=found.condition,
    )


def clause_quote(pack: Pack, ref: str) -> str:
    """The notice's own words of a clause, or nothing."""
    found: Clause | None = next((clause for clause in pack.clauses if clause.ref == ref), None)
    return found.quote if found else ""
