"""The verdict on one person on one day, with the clause behind every part of it.

Pure: the same facts, claim and day give the same assessment, whatever the order in which they were asked. Recent
assessments are kept, since a form is rendered many times over the same eligibility answers.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date

from models.eligibility.compiled import Compiled, State, compiled
from models.eligibility.findings import Findings
from models.eligibility.pending import claimed_categories, counting, pending
from models.eligibility.reach import MET, NOT_MET, STAFF, UNKNOWN, Node
from models.eligibility.route import route_of
from models.eligibility.verdict import Assessment, FactValue, Outcome
from models.programme.pack import Pack

_KEPT = 1024
_Key = tuple[int, frozenset[tuple[str, FactValue]], tuple[str, ...], date]
_recent: OrderedDict[_Key, tuple[Compiled, Assessment]] = OrderedDict()


def assess(pack: Pack, facts: Mapping[str, FactValue], claimed: Sequence[str] | str | None, on: date) -> Assessment:
    """Judge `facts` for the claimed categories (`UNSURE`: all; None: not asked yet) on the day `on`.

    A fact that is missing, or whose value the pack does not know, is unknown: never a pass and never a refusal.
    """
    c = compiled(pack)
    values, names = c.known(facts), claimed_categories(c, claimed)
    key = (id(c), frozenset(values.items()), names, on)
    kept = _recent.get(key)
    if kept is not None and kept[0] is c:
        return kept[1]
    assessment = _assess(c, c.evaluate(values, on), names, on)
    _recent[key] = (c, assessment)
    while len(_recent) > _KEPT:
        _recent.popitem(last=False)
    return assessment


def _assess(c: Compiled, state: State, claimed: tuple[str, ...], on: date) -> Assessment:
    findings = Findings(c, state)
    categories = {category.id: findings.category(category) for category in c.pack.eligibility.categories}
    claimed = counting(c, state, claimed)
    outcome = _outcome(c, state, claimed)
    return Assessment(
        outcome=outcome,
        categories=categories,
        claimed=claimed,
        general=findings.general(),
        route=route_of(c, state),
        nearest=_nearest(c, state) if outcome is Outcome.REFUSED else None,
        pending=pending(c, state, claimed, on),
    )


def _outcome(c: Compiled, state: State, claimed: Sequence[str]) -> Outcome:
    """Any met; else any for people to decide (or hanging on an unsure answer); else unknown; else refused."""
    nodes = [c.category[name] for name in claimed]
    statuses = {state.status(index) for index in nodes}
    if MET in statuses:
        return Outcome.ELIGIBLE
    unknown = [index for index in nodes if state.status(index) == UNKNOWN]
    if STAFF in statuses or any(not c.askable(index, state) for index in unknown):
        return Outcome.STAFF
    return Outcome.UNKNOWN if unknown or not nodes else Outcome.REFUSED


def _nearest(c: Compiled, state: State) -> str:
    """The category that lacks fewest conditions; one that the answers contradict only where all are contradicted."""
    rank = {
        name: (state.status(index) == NOT_MET, _lacks(c, state, index), place)
        for place, (name, index) in enumerate(c.category.items())
    }
    return min(rank, key=rank.__getitem__)


def _lacks(c: Compiled, state: State, index: int) -> int:
    """How many more conditions would have to be met."""
    if state.status(index) in (MET, STAFF):
        return 0
    if index < c.count:
        return 1
    node: Node = c.nodes[index - c.count]
    lacking = sum(_lacks(c, state, part) for part in node.all)
    if node.any:
        lacking += min(_lacks(c, state, part) for part in node.any)
    return lacking + sum(1 for part in node.none if state.status(part) in (MET, UNKNOWN))
