"""Which unit collects: the first route whose tree is met decides; people decide where the notice leaves it open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from models.eligibility.compiled import Compiled, State, compiled
from models.eligibility.pending import route_asks
from models.eligibility.reach import MET, NOT_MET, STAFF, UNKNOWN
from models.eligibility.verdict import UNSURE, FactValue, RouteFinding, Status
from models.interview import wording
from models.programme.pack import Fact, Pack, Route


def find_route(pack: Pack, facts: Mapping[str, FactValue], on: date) -> RouteFinding:
    """The collecting unit by clause. Unknown while a question remains; `staff_decides` gives the unit that sorts the
    rest out and the candidates."""
    c = compiled(pack)
    return route_of(c, c.evaluate(c.known(facts), on))


def route_of(c: Compiled, state: State) -> RouteFinding:
    """As `find_route`, of a state already evaluated."""
    routing = c.pack.routing
    for place, (route, index) in enumerate(zip(routing.routes, c.routes, strict=True)):
        status = state.status(index)
        if status == NOT_MET:
            continue
        if status == UNKNOWN:
            return _open(c, state, route, place)
        unit = route.unit or _chosen(c.facts[route.unit_by], state)
        if unit is None:
            return _open(c, state, route, place)
        if route.staff or status == STAFF:
            return _staff(c, route, (unit,))
        return RouteFinding(unit, route.clause, _quote(c, route.clause), route.text, Status.MET, (), route.supporting)
    return _fallback(c, ())


def _open(c: Compiled, state: State, route: Route, place: int) -> RouteFinding:
    """Undecided: unknown if a question can settle it, else for people, with every unit that is still possible."""
    if route_asks(c, state):
        text = wording.text("route.unknown")
        return RouteFinding(None, route.clause, _quote(c, route.clause), text, Status.UNKNOWN)
    candidates: dict[str, None] = {}
    for number, (other, index) in enumerate(zip(c.pack.routing.routes, c.routes, strict=True)):
        if number >= place and state.status(index) != NOT_MET:
            candidates.update(dict.fromkeys(_units(c.facts, other, state)))
    if state.status(c.routes[place]) == MET:
        return _staff(c, route, tuple(candidates))  # the clause is certain, only the unit under it is not
    return _fallback(c, tuple(candidates))


def _staff(c: Compiled, route: Route, candidates: tuple[str, ...]) -> RouteFinding:
    fallback = c.pack.routing.fallback
    quote = _quote(c, route.clause)
    return RouteFinding(fallback, route.clause, quote, route.text, Status.STAFF, candidates, route.supporting)


def _fallback(c: Compiled, candidates: tuple[str, ...]) -> RouteFinding:
    """No clause is certain: the unit that sorts out the rest, by the clause that says so."""
    unit, clause = c.pack.routing.fallback, c.pack.routing.fallback_clause
    return RouteFinding(unit, clause, _quote(c, clause), wording.text("route.fallback"), Status.STAFF, candidates)


def _chosen(fact: Fact, state: State) -> str | None:
    value = state.values.get(fact.id)
    return value if isinstance(value, str) and value != UNSURE else None


def _units(facts: Mapping[str, Fact], route: Route, state: State) -> tuple[str, ...]:
    if route.unit:
        return (route.unit,)
    chosen = _chosen(facts[route.unit_by], state)
    return (chosen,) if chosen else tuple(option.value for option in facts[route.unit_by].options)


def _quote(c: Compiled, clause: str) -> str:
    return c.quotes.get(clause, "")
