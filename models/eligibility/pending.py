"""Which question next: only facts that can still change a verdict or the route, best first.

The person stays within one category (the first claimed one that is undecided) until it is settled; within it, what
every category needs comes first (whoever is outside the scope answers nothing else for nothing), then the fact
that settles most for the reading it takes (a list of fifty is not one question), counted over its
possible answers; ties go by the pack's order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from models.eligibility.compiled import Compiled, State
from models.eligibility.reach import MET, NOT_MET, UNKNOWN
from models.eligibility.verdict import UNSURE
from models.programme.pack import Fact, When

_TREE_WEIGHT = 5
_LIST = 10  # options of a list that take as much reading as a plain question


def pending(c: Compiled, state: State, claimed: Sequence[str], on: date) -> tuple[str, ...]:
    """Facts worth asking now, best first; empty once every claimed category, the route and the form are settled."""
    claimed = counting(c, state, claimed)
    wanted: dict[str, None] = {}
    for name in claimed:
        askable = c.askable(c.category[name], state)
        if askable:
            if not wanted:
                trees = [c.category[other] for other in claimed]
                wanted.update(dict.fromkeys(_best_first(c, state, _of_all(c, state, askable), trees, on)))
            wanted.update(askable)
    if wanted:
        return tuple(wanted)
    if all(state.status(c.category[name]) == NOT_MET for name in claimed):
        return ()  # refused, or nothing claimed: no unit and no form to ask for
    route = route_asks(c, state)
    if route:
        return tuple(_best_first(c, state, dict.fromkeys(route), c.routes, on))
    return form_asks(c, state, claimed)


def _of_all(c: Compiled, state: State, askable: dict[str, None]) -> dict[str, None]:
    """Of these facts those that the general conditions ask; all of them where those ask none."""
    general = c.askable(c.general, state)
    return {name: None for name in askable if name in general} or askable


def _best_first(c: Compiled, state: State, names: dict[str, None], trees: Sequence[int], on: date) -> list[str]:
    if len(names) == 1:
        return list(names)
    matters = frozenset().union(*(c.under[index] for index in trees))
    score = {name: _settles(c, state, name, trees, matters, on) for name in names}
    return sorted(names, key=lambda name: (-score[name], c.fact_order[name]))


def _settles(
    c: Compiled, state: State, name: str, trees: Sequence[int], matters: frozenset[int], on: date
) -> float:  # fmt: skip
    """How many undecided conditions, groups and whole trees an answer settles, on average.

    What lies only under trees that are not wanted (categories not claimed) does not count."""
    watched = [*c.above[name], *(index for follower in c.followers[name] for index in c.reads[follower])]
    undecided = [index for index in watched if index in matters and not state.settled(index)]
    samples = c.samples(name, on)
    total = 0
    for value in samples:
        after = c.suppose(state, name, value, on)
        total += sum(_TREE_WEIGHT if i in trees else 1 for i in undecided if after.settled(i))
    return total / len(samples) / _effort(c.facts[name])


def _effort(fact: Fact) -> float:
    """What it takes to answer: every item of a list that may apply has to be thought about."""
    return 1 + len(fact.options) / (_LIST if fact.kind == "choices" else 2 * _LIST)


def route_asks(c: Compiled, state: State) -> tuple[str, ...]:
    """Facts that can still change the route: those of the first route that is neither met nor refused."""
    for route, index in zip(c.pack.routing.routes, c.routes, strict=True):
        status = state.status(index)
        if status == NOT_MET:
            continue
        if status == UNKNOWN:
            return tuple(c.askable(index, state))
        if status == MET and route.unit_by and state.values.get(route.unit_by) is None:
            return state.asks.get(route.unit_by, ())
        return ()
    return ()


def form_asks(c: Compiled, state: State, claimed: Sequence[str]) -> tuple[str, ...]:
    """Facts that no rule reads: the way in, and those that decide alone which sections, fields or documents apply."""
    documents = c.pack.documents.documents
    whens = [document.when for document in documents]
    for section in c.pack.form.sections:
        whens += [section.when, *(field.when for field in section.fields)]
    names = [c.pack.selection.channel_fact]
    names += [w.fact for w in whens if w and w.fact and not c.reads[w.fact] and _category_holds(c, state, w, claimed)]
    out: dict[str, None] = {}
    for name in filter(None, names):
        if state.values.get(name) is None and name not in state.inapplicable:
            out.update(dict.fromkeys(state.asks[name]))
    return tuple(sorted(out, key=c.fact_order.__getitem__))


def _category_holds(c: Compiled, state: State, when: When, claimed: Sequence[str]) -> bool:
    return not when.category or any(
        name in claimed and state.status(c.category[name]) != NOT_MET for name in when.category
    )


def counting(c: Compiled, state: State, claimed: Sequence[str]) -> tuple[str, ...]:
    """The claimed categories that still count: a tier below one that is met does not, whatever it would come to."""
    return tuple(
        name
        for name in claimed
        if not any(state.status(c.category[above]) == MET for above in c.above_tier.get(name, ()) if above in claimed)
    )


def claimed_categories(c: Compiled, claimed: Sequence[str] | str | None) -> tuple[str, ...]:
    """The categories claimed, in the notice's order, a ladder's tiers from the highest down: all of them if the person
    is not sure, none if not yet asked. A tier may also be claimed by itself."""
    if claimed is None:
        return ()
    everything = claimed == UNSURE
    return tuple(
        name for claim, names in c.claims.items() for name in names if everything or claim in claimed or name in claimed
    )
