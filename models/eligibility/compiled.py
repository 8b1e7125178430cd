"""A pack made ready for judging: conditions as predicates, trees as index lists, evaluated on small bit sets.

Each condition and tree has a *reach*: the set of statuses that it can still end in. One that is answered reaches one
status; one that is not yet reaches two or more and is UNKNOWN; one that hangs on 「不确定」 reaches only UNKNOWN.
So a tree is settled exactly when its reach is one status, and no question is asked for what cannot change it.
In *all* the worst wins: MET < STAFF < UNKNOWN < NOT_MET; in *any* the best of MET < UNKNOWN < STAFF < NOT_MET.
A fact whose `ask_when` is refused makes no sense for the person: every condition that reads it is not met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from models.eligibility import operators
from models.eligibility.verdict import UNSURE
from models.programme.pack import Condition, Fact, Pack, Tree

MET: Final = 0
STAFF: Final = 1
UNKNOWN: Final = 2
NOT_MET: Final = 3
_ANY_RANK = (0, 2, 1, 3)
NEGATED = (NOT_MET, STAFF, UNKNOWN, MET)
_KEPT = 64
_SETS = range(16)


def _members(reach: int) -> list[int]:
    return [status for status in (MET, STAFF, UNKNOWN, NOT_MET) if reach >> status & 1]


def _union(statuses: Iterable[int]) -> int:
    reach = 0
    for status in statuses:
        reach |= 1 << status
    return reach


def _better(a: int, b: int) -> int:
    return a if _ANY_RANK[a] <= _ANY_RANK[b] else b


# Tables over all sets of statuses: the reach of two parts joined, of a part turned round, and the status of a reach.
_ALL = [[_union(max(a, b) for a in _members(x) for b in _members(y)) for y in _SETS] for x in _SETS]
_ANY = [[_union(_better(a, b) for a in _members(x) for b in _members(y)) for y in _SETS] for x in _SETS]
_NONE = [_union(NEGATED[a] for a in _members(x)) for x in _SETS]
_STATUS = [_members(x)[0] if len(_members(x)) == 1 else UNKNOWN for x in _SETS]
_SETTLED = [len(_members(x)) == 1 for x in _SETS]
_ONLY_MET, _ONLY_UNKNOWN, _ONLY_NOT_MET = 1 << MET, 1 << UNKNOWN, 1 << NOT_MET
_OPEN = (_ONLY_MET | _ONLY_NOT_MET, 1 << STAFF | _ONLY_NOT_MET)  # not answered: by whether people decide a match


@dataclass(frozen=True, slots=True)
class Node:
    """A tree over node numbers (conditions first, then trees, parts always before wholes)."""

    all: tuple[int, ...]
    any: tuple[int, ...]
    none: tuple[int, ...]

    @property
    def parts(self) -> tuple[int, ...]:
        return self.all + self.any + self.none


@dataclass(slots=True)
class State:
    """One evaluation: the reach of every node, and for every fact what to ask to get on with it."""

    values: dict[str, Any]
    reach: list[int]
    asks: dict[str, tuple[str, ...]]  # of facts not known: facts to ask now (empty: unsure, nothing to ask)
    inapplicable: set[str]

    def status(self, index: int) -> int:
        """The status of a node: UNKNOWN while it can still end in more than one, or hangs on an unsure answer."""
        return _STATUS[self.reach[index]]

    def settled(self, index: int) -> bool:
        """Whether no further answer can change the node."""
        return _SETTLED[self.reach[index]]


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
        self.predicates = [operators.predicate(c.op, c.value, self.facts[c.fact]) for c in self.conditions]
        self.nodes: list[Node] = []
        groups = {group.id: group for group in eligibility.groups}
        for group in eligibility.groups:
            self._add_group(group.id, groups)
        self.general = self._add(eligibility.general)
        self.own = {c.id: self._add(c) for c in eligibility.categories}
        self.category = {c.id: self._join(self.general, self.own[c.id]) for c in eligibility.categories}
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

    def _join(self, first: int, second: int) -> int:
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
            state.reach[self.count + offset] = _join(node, state.reach)
        return state

    def suppose(self, state: State, name: str, value: Any, on: date) -> State:
        """The state with one more answer; only what stands on that fact is judged again."""
        after = State({**state.values, name: value}, state.reach.copy(), dict(state.asks), set(state.inapplicable))
        for follower in self.followers[name]:
            after.asks.pop(follower, None)
            self._fact(follower, after, on)
        for index in self.above[name]:
            after.reach[index] = _join(self.nodes[index - self.count], after.reach)
        return after

    def _fact(self, name: str, state: State, on: date) -> None:
        """Judge the conditions that read one fact; its gates are judged already."""
        value = state.values.get(name)
        if any(state.reach[index] == _ONLY_NOT_MET for index in self.gates[name]):
            state.inapplicable.add(name)
            for index in self.reads[name]:
                state.reach[index] = _ONLY_NOT_MET
            return
        state.inapplicable.discard(name)
        if value is None or value == UNSURE:
            asks = state.asks[name] = self._ask_first(name, state) if value is None else ()
            for index in self.reads[name]:
                state.reach[index] = _OPEN[self.conditions[index].staff] if asks else _ONLY_UNKNOWN
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
        for part in _that_matter(self.nodes[index - self.count], state.reach):
            self._collect(part, state, out, seen)

    def samples(self, name: str, on: date) -> tuple[Any, ...]:
        """One answer for each way this fact's conditions can come out: enough to tell what asking it may settle."""
        if name in self._samples:
            return self._samples[name]
        fact = self.facts[name]
        by_outcome: dict[tuple[bool, ...], Any] = {}
        for value in self._candidates(fact, on):
            outcome = tuple(self.predicates[index](value, on) for index in self.reads[name])
            by_outcome.setdefault(outcome, value)
        found = tuple(by_outcome.values())
        if fact.kind != "date":
            self._samples[name] = found
        return found

    def _candidates(self, fact: Fact, on: date) -> list[Any]:
        if fact.kind == "yes_no":
            return [True, False]
        if fact.kind == "choice":
            return [option.value for option in fact.options]
        if fact.kind == "choices":
            values = [option.value for option in fact.options]
            return [(), *((value,) for value in values), tuple(values)]
        wanted = [c.value for c in (self.conditions[index] for index in self.reads[fact.id])]
        if fact.kind == "number":
            around = {int(w) + step for w in wanted if isinstance(w, int) for step in (-1, 0, 1)}
            return sorted(max(0, n) for n in around) or [0]
        return _dates_around(wanted, on)


def _join(node: Node, reach: Sequence[int]) -> int:
    """All AND at least one of any AND none of none."""
    out = _ONLY_MET
    for index in node.all:
        out = _ALL[out][reach[index]]
    if node.any:
        out = _ALL[out][_any_of(node.any, reach)]
    for index in node.none:
        out = _ALL[out][_NONE[reach[index]]]
    return out


def _any_of(parts: Iterable[int], reach: Sequence[int]) -> int:
    out = _ONLY_NOT_MET
    for index in parts:
        out = _ANY[out][reach[index]]
    return out


def _that_matter(node: Node, reach: Sequence[int]) -> list[int]:
    """The parts of an open tree that can still change it, whatever the other parts turn out to be."""
    any_part = _any_of(node.any, reach) if node.any else _ONLY_MET
    parts = [(index, reach[index]) for index in node.all]
    parts += [(index, _NONE[reach[index]]) for index in node.none]
    # An *all* can be changed by a part that may come out worse than the least that the others will be.
    best = [_members(own)[0] for _, own in parts] + [_members(any_part)[0]]
    out = []
    for place, (index, own) in enumerate(parts):
        floor = max((other for number, other in enumerate(best) if number != place), default=MET)
        if _members(own)[-1] > floor:
            out.append(index)
    if node.any and _members(any_part)[-1] > max(best[:-1], default=MET):
        out += _that_matter_to_any(node.any, reach)
    return sorted(out, key=node.parts.index)


def _that_matter_to_any(parts: Sequence[int], reach: Sequence[int]) -> list[int]:
    """An *any* can be changed by a part that may come out better than the best that the others will surely be."""
    ranks = {index: [_ANY_RANK[status] for status in _members(reach[index])] for index in parts}
    return [
        index
        for index in parts
        if min(ranks[index]) < min((max(ranks[other]) for other in parts if other != index), default=len(_ANY_RANK))
    ]


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


def _dates_around(wanted: Sequence[Any], on: date) -> list[str]:
    days = {on}
    for limit in wanted:
        if isinstance(limit, date):
            days.add(limit)
        elif isinstance(limit, int):
            days |= {_years_before(on, limit), _years_before(on, limit + 1)}
    around = {day + timedelta(days=step) for day in days for step in (-1, 0, 1)}
    return [day.isoformat() for day in sorted(around)]


def _years_before(on: date, years: int) -> date:
    year = max(date.min.year + 1, on.year - years)
    return date(year, on.month, min(on.day, 28)) if (on.month, on.day) == (2, 29) else on.replace(year=year)


_compiled: dict[int, Compiled] = {}


def compiled(pack: Pack) -> Compiled:
    """The compiled form of this very pack, made once and kept while the pack is in use."""
    found = _compiled.get(id(pack))
    if found is None or found.pack is not pack:
        if len(_compiled) >= _KEPT:
            _compiled.clear()
        found = _compiled[id(pack)] = Compiled(pack)
    return found
