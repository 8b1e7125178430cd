"""A pack made ready for judging: conditions as predicates, trees as index lists, evaluated on reaches (see `reach`).

A fact whose `ask_when` is refused makes no sense for the person: every condition that reads it is not met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.eligibility import operators
from models.eligibility.reach import (
    MET,
    NOT_MET,
    ONLY_NOT_MET,
    ONLY_UNKNOWN,
    OPEN,
    SETTLED,
    STAFF,
    STATUS_OF,
    UNKNOWN,
    Node,
    join,
    that_matter,
)
from models.eligibility.samples import candidates
from models.eligibility.verdict import UNSURE
from models.programme.pack import Condition, Eligibility, Fact, Ladder, Pack, Tree

_KEPT = 64


@dataclass(slots=True)
class State:
    """One evaluation: the reach of every node, and for every fact what to ask to get on with it."""

    values: dict[str, Any]
    reach: list[int]
    asks: dict[str, tuple[str, ...]]  # of facts not known: facts to ask now (empty: unsure, nothing to ask)
    inapplicable: set[str]

    def status(self, index: int) -> int:
        """The status of a node: UNKNOWN while it can still end in more than one, or hangs on an unsure answer."""
        return STATUS_OF[self.reach[index]]

    def settled(self, index: int) -> bool:
        """Whether no further answer can change the node."""
        return SETTLED[self.reach[index]]


class Compiled:
    """All that does not depend on answers. Made once a pack; see `compiled`."""

    def __init__(self, pack: Pack) -> None:
        eligibility, routing = pack.eligibility, pack.routing
        self.pack = pack
        self.facts: dict[str, Fact] = {fact.id: fact for fact in (*eligibility.facts, *routing.facts)}
        self.fact_order = {name: index for index, name in enumerate(self.facts)}
        self.conditions: tuple[Condition, ...] = (*eligibility.conditions, *routing.conditions)
        self.count = len(self.conditions)
        self.number: dict[str, int] = {c.id: index for index, c in enumerate(self.conditions)}
        self.predicates = [operators.predicate(c.op, c.value, self.facts[c.fact], c.as_of) for c in self.conditions]
        self.nodes: list[Node] = []
        groups = {group.id: group for group in eligibility.groups}
        for group in eligibility.groups:
            self._add_group(group.id, groups)
        self.general = self._add(eligibility.general)
        self.own = {c.id: self._add(c) for c in eligibility.categories}
        self.category = {c.id: self.join(self.general, self.own[c.id]) for c in eligibility.categories}
        self.above_tier = _above_tiers(eligibility)
        self.claims = _claims(eligibility)
        self.routes = tuple(self._add(route.when) for route in routing.routes)
        self.options = {name: frozenset(o.value for o in fact.options) for name, fact in self.facts.items()}
        self.quotes = {clause.ref: clause.quote for clause in pack.clauses}
        self._index()

    def _add_group(self, name: str, groups: Mapping[str, Tree]) -> None:
        if name in self.number:
            return
        tree = groups[name]
        for part in (*tree.all, *tree.any, *tree.none):
            if part in groups:
                self._add_group(part, groups)
        self.number[name] = self._add(tree)

    def _add(self, tree: Tree) -> int:
        def numbers(names: Sequence[str]) -> tuple[int, ...]:
            return tuple(self.number[name] for name in names)

        self.nodes.append(Node(numbers(tree.all), numbers(tree.any), numbers(tree.none)))
        return self.count + len(self.nodes) - 1

    def join(self, first: int, second: int) -> int:
        self.nodes.append(Node((first, second), (), ()))
        return self.count + len(self.nodes) - 1

    def _index(self) -> None:
        """Which conditions read a fact, which facts wait for it, and which trees stand above it."""
        self.reads: dict[str, list[int]] = {name: [] for name in self.facts}
        for index, condition in enumerate(self.conditions):
            self.reads[condition.fact].append(index)
        self.gates = {name: tuple(self.number[gate] for gate in fact.ask_when) for name, fact in self.facts.items()}
        self.gated_order = self._by_gates()
        self.followers = {name: self._followers(name) for name in self.facts}
        self.above = {name: self._above(name) for name in self.facts}
        self._samples: dict[str, tuple[Any, ...]] = {}
        self.under = {index: self._under(index) for index in (*self.category.values(), *self.routes)}

    def _under(self, index: int) -> frozenset[int]:
        """A tree with everything below it, and what the questions on the way wait for."""
        found: set[int] = set()
        todo = [index]
        while todo:
            number = todo.pop()
            if number in found:
                continue
            found.add(number)
            if number < self.count:
                todo += self.gates[self.conditions[number].fact]
            else:
                todo += self.nodes[number - self.count].parts
        return frozenset(found)

    def _by_gates(self) -> tuple[str, ...]:
        order: dict[str, None] = {}

        def visit(name: str) -> None:
            if name not in order:
                for gate in self.gates[name]:
                    visit(self.conditions[gate].fact)
                order[name] = None

        for name in self.facts:
            visit(name)
        return tuple(order)

    def _followers(self, name: str) -> tuple[str, ...]:
        """The fact itself and those gated by it, directly or not, in the order of the gates."""
        found = {name}
        for other in self.gated_order:
            if any(self.conditions[gate].fact in found for gate in self.gates[other]):
                found.add(other)
        return tuple(other for other in self.gated_order if other in found)

    def _above(self, name: str) -> tuple[int, ...]:
        touched = {index for follower in self.followers[name] for index in self.reads[follower]}
        out: list[int] = []
        for offset, node in enumerate(self.nodes):
            if not touched.isdisjoint(node.parts):
                touched.add(self.count + offset)
                out.append(self.count + offset)
        return tuple(out)

    def known(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The answers that this pack can judge: lists as tuples; strangers and values of another pack left out."""
        out: dict[str, Any] = {}
        for name, value in facts.items():
            fact = self.facts.get(name)
            if fact is None or value is None:
                continue
            if isinstance(value, list):
                value = tuple(value)
            if (value == UNSURE and fact.unsure) or _fits(fact, value, self.options[name]):
                out[name] = value
        return out

    def evaluate(self, values: dict[str, Any], on: date) -> State:
        """Judge every condition and tree. `values` come from `known`."""
        state = State(values, [0] * (self.count + len(self.nodes)), {}, set())
        for name in self.gated_order:
            self._fact(name, state, on)
        for offset, node in enumerate(self.nodes):
            state.reach[self.count + offset] = join(node, state.reach)
        return state

    def suppose(self, state: State, name: str, value: Any, on: date) -> State:
        """The state with one more answer; only what stands on that fact is judged again."""
        after = State({**state.values, name: value}, state.reach.copy(), dict(state.asks), set(state.inapplicable))
        for follower in self.followers[name]:
            after.asks.pop(follower, None)
            self._fact(follower, after, on)
        for index in self.above[name]:
            after.reach[index] = join(self.nodes[index - self.count], after.reach)
        return after

    def _fact(self, name: str, state: State, on: date) -> None:
        """Judge the conditions that read one fact; its gates are judged already."""
        value = state.values.get(name)
        if any(state.reach[index] == ONLY_NOT_MET for index in self.gates[name]):
            state.inapplicable.add(name)
            for index in self.reads[name]:
                state.reach[index] = ONLY_NOT_MET
            return
        state.inapplicable.discard(name)
        if value is None or value == UNSURE:
            asks = state.asks[name] = self._ask_first(name, state) if value is None else ()
            for index in self.reads[name]:
                state.reach[index] = OPEN[self.conditions[index].staff] if asks else ONLY_UNKNOWN
            return
        for index in self.reads[name]:
            fits = self.predicates[index](value, on)
            state.reach[index] = 1 << (NOT_MET if not fits else STAFF if self.conditions[index].staff else MET)

    def _ask_first(self, name: str, state: State) -> tuple[str, ...]:
        """The fact itself, or what its gates wait for; nothing if a gate hangs on an unsure answer."""
        waiting = [self.conditions[index].fact for index in self.gates[name] if state.status(index) == UNKNOWN]
        if not waiting:
            return (name,)
        if any(not state.asks[gate] for gate in waiting):
            return ()
        return tuple(dict.fromkeys(ask for gate in waiting for ask in state.asks[gate]))

    def askable(self, index: int, state: State) -> dict[str, None]:
        """Facts whose answer could still settle this node, in the notice's order; empty if it is settled or unsure."""
        out: dict[str, None] = {}
        self._collect(index, state, out, set())
        return out

    def _collect(self, index: int, state: State, out: dict[str, None], seen: set[int]) -> None:
        if state.settled(index) or index in seen:
            return
        seen.add(index)
        if index < self.count:
            out.update(dict.fromkeys(state.asks[self.conditions[index].fact]))
            return
        for part in that_matter(self.nodes[index - self.count], state.reach):
            self._collect(part, state, out, seen)

    def samples(self, name: str, on: date) -> tuple[Any, ...]:
        """One answer for each way this fact's conditions can come out: enough to tell what asking it may settle."""
        if name in self._samples:
            return self._samples[name]
        fact = self.facts[name]
        by_outcome: dict[tuple[bool, ...], Any] = {}
        conditions = [self.conditions[index] for index in self.reads[name]]
        days = [operators.reference_day(condition.as_of, on) for condition in conditions]
        for value in candidates(fact, [condition.value for condition in conditions], [on, *days]):
            outcome = tuple(self.predicates[index](value, on) for index in self.reads[name])
            by_outcome.setdefault(outcome, value)
        found = tuple(by_outcome.values())
        if fact.kind != "date":
            self._samples[name] = found
        return found


def _above_tiers(eligibility: Eligibility) -> dict[str, tuple[str, ...]]:
    """For every tier of a ladder, the tiers above it."""
    return {
        name: ladder.categories[:place]
        for ladder in eligibility.ladders
        for place, name in enumerate(ladder.categories)
    }


def _claims(eligibility: Eligibility) -> dict[str, tuple[str, ...]]:
    """What may be claimed, and the categories behind it: a ladder's tiers from the highest down, or the category."""
    return {claim.id: claim.categories if isinstance(claim, Ladder) else (claim.id,) for claim in eligibility.claims()}


def _fits(fact: Fact, value: Any, options: frozenset[str]) -> bool:
    if fact.kind == "yes_no":
        return isinstance(value, bool)
    if fact.kind == "number":
        return isinstance(value, int) and not isinstance(value, bool)
    if fact.kind == "choice":
        return isinstance(value, str) and value in options
    if fact.kind == "choices":
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value) and options.issuperset(value)
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value)) and len(value) == 10
    except ValueError:
        return False


_compiled: dict[int, Compiled] = {}


def compiled(pack: Pack) -> Compiled:
    """The compiled form of this very pack, made once and kept while the pack is in use."""
    found = _compiled.get(id(pack))
    if found is None or found.pack is not pack:
        if len(_compiled) >= _KEPT:
            _compiled.clear()
        found = _compiled[id(pack)] = Compiled(pack)
    return found
