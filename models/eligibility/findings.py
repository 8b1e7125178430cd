"""Findings for people, built from an evaluated state: each condition with clause, quotation and the facts used.

A part that stands under `none` is shown with its status turned round, so that *met* always reads as "in order".
"""

from __future__ import annotations

from models.eligibility.compiled import Compiled, State
from models.eligibility.reach import NEGATED, UNKNOWN
from models.eligibility.verdict import FactValue, Finding, GroupFinding, Status
from models.interview import wording
from models.programme.pack import Category, Group, Text, Tree

_STATUS = (Status.MET, Status.STAFF, Status.UNKNOWN, Status.NOT_MET)


class Findings:
    """The findings of one state; conditions and groups used twice are built once."""

    def __init__(self, c: Compiled, state: State) -> None:
        self._c = c
        self._state = state
        self._groups = {group.id: group for group in c.pack.eligibility.groups}
        self._made: dict[tuple[str, bool], Finding | GroupFinding] = {}

    def category(self, category: Category) -> GroupFinding:
        """The category's own parts; its status counts the general conditions in."""
        return self._tree(category, self._c.category[category.id], category.id, category.clause, category.name)

    def general(self) -> GroupFinding:
        """What every category needs as well."""
        eligibility = self._c.pack.eligibility
        title = wording.text("verdict.general")
        return self._tree(eligibility.general, self._c.general, "general", eligibility.general_clause, title)

    def _tree(
        self, tree: Tree, index: int, ident: str, clause: str, title: Text, *, negated: bool = False
    ) -> GroupFinding:
        status = self._state.status(index)
        parts = [self._part(name, False) for name in (*tree.all, *tree.any)]
        parts += [self._part(name, True) for name in tree.none]
        return GroupFinding(
            id=ident,
            status=_STATUS[NEGATED[status] if negated else status],
            clause=clause,
            title=title,
            mode=_mode(tree),
            parts=tuple(parts),
            unsure=status == UNKNOWN and not self._c.askable(index, self._state),
            alternatives=frozenset(tree.any),
        )

    def _part(self, name: str, negated: bool) -> Finding | GroupFinding:
        made = self._made.get((name, negated))
        if made is None:
            group = self._groups.get(name)
            made = self._group(group, negated) if group is not None else self._condition(name, negated)
            self._made[(name, negated)] = made
        return made

    def _group(self, group: Group, negated: bool) -> GroupFinding:
        index = self._c.number[group.id]
        return self._tree(group, index, group.id, group.clause, group.title, negated=negated)

    def _condition(self, name: str, negated: bool) -> Finding:
        index = self._c.number[name]
        condition, state = self._c.conditions[index], self._state
        status = state.status(index)
        return Finding(
            condition=name,
            status=_STATUS[NEGATED[status] if negated else status],
            clause=condition.clause,
            quote=condition.quote or self._c.quotes.get(condition.clause, ""),
            text=condition.text,
            facts=self._used(condition.fact),
            unsure=status == UNKNOWN and not state.asks.get(condition.fact),
            staff_why=condition.staff_why,
            evidence=condition.evidence,
        )

    def _used(self, fact: str) -> dict[str, FactValue | None]:
        """The fact read; where it makes no sense for the person, also the facts that say so."""
        state = self._state
        used: dict[str, FactValue | None] = {fact: state.values.get(fact)}
        if fact in state.inapplicable:
            used[fact] = None
            for gate in self._c.gates[fact]:
                used.update(self._used(self._c.conditions[gate].fact))
        return used


def _mode(tree: Tree) -> str:
    if tree.any:
        return "any" if not tree.all and not tree.none else "mixed"
    return "mixed" if tree.all and tree.none else "all"
