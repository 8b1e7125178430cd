"""Where somebody stands on the ladders that they claim: the tier that counts, and those that people may still grant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.eligibility.verdict import Assessment, Finding, GroupFinding, Status
from models.programme.pack import Pack


@dataclass(frozen=True, slots=True)
class Tiers:
    """One ladder. `counts`: the highest tier that is met, if any; `open`: tiers above it (all, if there is none) that
    people decide or that hang on an unsure answer, from the highest down; `missed`: the rest of those above it."""

    ladder: str
    counts: GroupFinding | None
    open: tuple[GroupFinding, ...]
    missed: tuple[GroupFinding, ...]


def tiers(pack: Pack, assessment: Assessment) -> tuple[Tiers, ...]:
    """Every claimed ladder, in the notice's order."""
    found = []
    for ladder in pack.eligibility.ladders:
        claimed = [assessment.categories[name] for name in ladder.categories if name in assessment.claimed]
        if claimed:
            met = next((tier for tier in claimed if tier.status is Status.MET), None)
            missed = tuple(tier for tier in claimed if tier.status is Status.NOT_MET)
            still = tuple(tier for tier in claimed if tier.status in (Status.STAFF, Status.UNKNOWN))
            found.append(Tiers(ladder.id, met, still, missed))
    return tuple(found)


def met_names(pack: Pack, assessment: Assessment) -> tuple[GroupFinding, ...]:
    """Every claimed category that is met, in the notice's order; empty where the programme has no ladders, since a
    list of independent categories has no one tier to name."""
    if not pack.eligibility.ladders:
        return ()
    return tuple(
        found
        for name, found in assessment.categories.items()
        if name in assessment.claimed and found.status is Status.MET
    )


def entered(pack: Pack, assessment: Assessment, categories: Sequence[str]) -> tuple[str, ...]:
    """Of these categories those under which an official table enters somebody: of a ladder the one tier that counts,
    or, where only people can tell, the highest that they may grant."""
    ladder_of = {name: ladder.id for ladder in pack.eligibility.ladders for name in ladder.categories}
    best = {one.ladder: (one.counts or one.open[0]).id for one in tiers(pack, assessment) if one.counts or one.open}
    return tuple(name for name in categories if name not in ladder_of or best.get(ladder_of[name]) == name)


def shown(pack: Pack, assessment: Assessment) -> tuple[GroupFinding, ...]:
    """The claimed categories as a person reads them: tiers that all need what is not met are one, under the ladder's
    name."""
    ladder_of = {name: ladder for ladder in pack.eligibility.ladders for name in ladder.categories}
    found: dict[str, GroupFinding] = {}
    for name in assessment.claimed:
        category, ladder = assessment.categories[name], ladder_of.get(name)
        common = _common([assessment.categories[tier] for tier in ladder.categories]) if ladder else None
        if ladder is not None and common is not None:
            clause = common[0].clause if common else ladder.clause
            category = GroupFinding(ladder.id, Status.NOT_MET, clause, ladder.name, "all", common)
        found.setdefault(category.id, category)
    return tuple(found.values())


def _common(of_ladder: list[GroupFinding]) -> tuple[Finding | GroupFinding, ...] | None:
    """What refuses every tier by itself (nothing, where it is a general condition); None where tiers have reasons of
    their own."""
    if len(of_ladder) < 2 or any(tier.status is not Status.NOT_MET for tier in of_ladder):
        return None
    needed = [
        {part.name: part for part in tier.parts if part.status is Status.NOT_MET and part.name not in tier.alternatives}
        for tier in of_ladder
    ]
    common = tuple(part for name, part in needed[0].items() if all(name in other for other in needed))
    return common if common or not any(tier.deciding() for tier in of_ladder) else None
