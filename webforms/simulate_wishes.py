"""What an invented person should turn out to be, in the terms of any pack: conditions to meet, conditions to miss.

A wish is a weight a condition: met is worth that much. The answer to a fact is the value worth most, so nothing here
knows a notice; the real engine then says what came of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from random import Random
from typing import Any

from models.eligibility import operators
from models.programme.pack import Condition, Fact, Pack, Route, Tree

_WANTED, _UNWANTED, _ELSEWHERE, _UNIT, _CLOSED = 6.0, -6.0, -1.5, 12.0, -1000.0
_COMBINATIONS = 3  # random pairs tried for a question with several answers


class Wishes:
    """Weights for one person, and the best answer to each fact under them."""

    def __init__(self, pack: Pack, random: Random) -> None:
        self._pack = pack
        self._random = random
        self._conditions = {c.id: c for c in (*pack.eligibility.conditions, *pack.routing.conditions)}
        self._trees: dict[str, Tree] = {g.id: g for g in pack.eligibility.groups}
        self._of_fact: dict[str, list[Condition]] = defaultdict(list)
        for condition in self._conditions.values():
            self._of_fact[condition.fact].append(condition)
        self._weight: dict[str, float] = defaultdict(float)
        self._values: dict[tuple[str, Any], float] = defaultdict(float)

    def category(self, ident: str) -> None:
        """Wish to fit this category, and what all categories need."""
        self._tree(self._pack.eligibility.general, wanted=True)
        self._tree(next(c for c in self._pack.eligibility.categories if c.id == ident), wanted=True)

    def unit(self, ident: str) -> None:
        """Wish to be collected by this unit: meet its route, and none that comes before it.

        A unit that no route names gets those whom no route takes.
        """
        leading = [r for r in self._pack.routing.routes if _leads_to(self._pack, r, ident)]
        chosen = self._random.choice(leading) if leading else None
        if chosen is not None:
            self._tree(chosen.when, wanted=True)
            if chosen.unit_by:
                self._values[chosen.unit_by, ident] += _UNIT
        for route in self._pack.routing.routes:
            if route is chosen:
                return
            for name in self._leaves(route.when):
                if not self._weight[name]:
                    self._weight[name] = _ELSEWHERE

    def not_by(self, channels: Collection[str]) -> None:
        """Come by none of these ways in, whatever else is wished."""
        for ident in channels:
            self._values[self._pack.selection.channel_fact, ident] += _CLOSED

    def answer(self, fact: Fact, on: date) -> Any:
        """The value that grants most; among equals, chance."""
        values = candidates(fact, self._of_fact[fact.id], self._random, on)
        worth = [self._worth(fact, value, on) for value in values]
        best = max(worth)
        return self._random.choice([v for v, w in zip(values, worth, strict=True) if w == best])

    def _worth(self, fact: Fact, value: Any, on: date) -> float:
        total = self._values.get((fact.id, value), 0.0)
        for condition in self._of_fact[fact.id]:
            weight = self._weight.get(condition.id, 0.0)
            if weight and operators.holds(condition.op, value, condition.value, fact, on, condition.as_of):
                total += weight
        return total

    def _tree(self, tree: Tree, *, wanted: bool) -> None:
        for name in tree.all:
            self._name(name, wanted=wanted)
        if tree.any:
            for name in (self._random.choice(tree.any),) if wanted else tree.any:
                self._name(name, wanted=wanted)
        for name in tree.none:
            self._name(name, wanted=not wanted)

    def _name(self, name: str, *, wanted: bool) -> None:
        if name in self._trees:
            self._tree(self._trees[name], wanted=wanted)
            return
        self._weight[name] = _WANTED if wanted else _UNWANTED
        for gate in self._facts()[self._conditions[name].fact].ask_when:
            if wanted and gate != name:  # a question that is never asked cannot be answered rightly
                self._name(gate, wanted=True)

    def _facts(self) -> dict[str, Fact]:
        return {f.id: f for f in (*self._pack.eligibility.facts, *self._pack.routing.facts)}

    def _leaves(self, tree: Tree) -> list[str]:
        names: list[str] = []
        for name in (*tree.all, *tree.any):
            names += self._leaves(self._trees[name]) if name in self._trees else [name]
        return names


def _leads_to(pack: Pack, route: Route, unit: str) -> bool:
    if route.staff:
        return False
    if route.unit_by:
        facts = (*pack.eligibility.facts, *pack.routing.facts)
        return any(o.value == unit for f in facts if f.id == route.unit_by for o in f.options)
    return route.unit == unit


def candidates(fact: Fact, conditions: list[Condition], random: Random, on: date) -> list[Any]:
    """Answers worth trying: every option, and both sides of each threshold."""
    if fact.kind == "yes_no":
        return [True, False]
    values = [option.value for option in fact.options]
    if fact.kind == "choice":
        return list(values)
    if fact.kind == "choices":
        some: list[tuple[str, ...]] = [(), *((value,) for value in values)]
        if len(values) > 1:
            some += [tuple(sorted(random.sample(values, 2), key=values.index)) for _ in range(_COMBINATIONS)]
        return some
    limits = [c.value for c in conditions]
    if fact.kind == "number":
        numbers = [n for n in limits if isinstance(n, int) and not isinstance(n, bool)]
        return sorted({0, *(max(0, n + step) for n in numbers for step in (-1, 0, 1, 3))})
    return [day.isoformat() for day in _days(limits, random, on)]


def _days(limits: list[Any], random: Random, on: date) -> list[date]:
    days = {on - timedelta(days=random.randrange(365, 30 * 365))}
    for limit in limits:
        if isinstance(limit, date):
            days |= {limit, limit - timedelta(days=1), limit + timedelta(days=1)}
        elif isinstance(limit, int):
            days |= {on - timedelta(days=366 * limit + 30), on - timedelta(days=365 * max(limit - 1, 0) + 30)}
    return sorted(day for day in days if day <= on)
