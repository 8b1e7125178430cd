"""A pack's rules as people read them: trees of conditions, each with its clause and what is asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.interview import wording
from models.programme.pack import Category, Condition, Group, Ladder, Pack, Text, Tree

ALL, ANY, NONE = "all", "any", "none"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A condition: its words, the question that it rests on, and whether people decide a match."""

    id: str
    text: Text
    clause: str
    question: Text
    staff: bool
    staff_why: Text | None
    setting: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A category, tier, route or group; its parts by how they are joined (all of, one of, none of)."""

    id: str
    title: Text
    clause: str
    parts: tuple[tuple[str, tuple[Branch | Leaf, ...]], ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a person may claim: a category by itself, or a ladder with its tiers from the highest down."""

    title: Text
    clause: str
    plain: Text
    tiers: tuple[Branch, ...]
    ladder: bool


def claims(pack: Pack) -> tuple[Claim, ...]:
    """Every category in the notice's order."""
    reader = _Reader(pack)
    by_id = {category.id: category for category in pack.eligibility.categories}
    return tuple(reader.claim(claim, by_id) for claim in pack.eligibility.claims())


def general(pack: Pack) -> Branch | None:
    """What every category needs as well; None where there is nothing."""
    tree, clause = pack.eligibility.general, pack.eligibility.general_clause
    if not (tree.all or tree.any or tree.none):
        return None
    return _Reader(pack).branch(tree, "general", wording.text("verdict.general"), clause)


def routes(pack: Pack) -> tuple[Branch, ...]:
    """Who collects: the first that is met decides."""
    reader = _Reader(pack)
    return tuple(reader.branch(route.when, route.id, route.text, route.clause) for route in pack.routing.routes)


class _Reader:
    def __init__(self, pack: Pack) -> None:
        eligibility, routing = pack.eligibility, pack.routing
        self._conditions: dict[str, Condition] = {c.id: c for c in (*eligibility.conditions, *routing.conditions)}
        self._groups: dict[str, Group] = {group.id: group for group in eligibility.groups}
        self._questions = {fact.id: fact.question for fact in (*eligibility.facts, *routing.facts)}

    def claim(self, claim: Category | Ladder, categories: dict[str, Category]) -> Claim:
        ladder = isinstance(claim, Ladder)
        names = claim.categories if isinstance(claim, Ladder) else (claim.id,)
        tiers = (categories[name] for name in names)
        found = tuple(self.branch(tier, tier.id, tier.name, tier.clause) for tier in tiers)
        return Claim(claim.name, claim.clause, claim.plain, found, ladder)

    def branch(self, tree: Tree, ident: str, title: Text, clause: str) -> Branch:
        joined = ((ALL, tree.all), (ANY, tree.any), (NONE, tree.none))
        return Branch(ident, title, clause, tuple((how, tuple(self._parts(names))) for how, names in joined if names))

    def _parts(self, names: tuple[str, ...]) -> Iterator[Branch | Leaf]:
        for name in names:
            group = self._groups.get(name)
            if group is not None:
                yield self.branch(group, group.id, group.title, group.clause)
                continue
            c = self._conditions[name]
            yield Leaf(c.id, c.text, c.clause, self._questions[c.fact], c.staff, c.staff_why, c.setting)
