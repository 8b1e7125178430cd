"""Whom a change between two versions of a pack concerns: the answers it is about, and the categories it is part of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from models.programme.diff import Change
from models.programme.pack import Category, Condition, Document, Fact, FormField, Group, Pack, Section, Tree

_BY_KEY = {"consents": "consent", "declarations": "declaration", "documents": "document", "facts": "fact"}


@dataclass(frozen=True, slots=True)
class Reach:
    """`keys`: answer keys; `categories`: those whose rules it belongs to, or for which alone it is asked. `rule`: a
    claim of one of these categories is enough to be touched."""

    keys: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    rule: bool = False

    def touches(self, answered: Iterable[str], claimed: Iterable[str]) -> bool:
        """Whether somebody with answers to these keys, who claims these categories, has to do with it."""
        return not self.keys.isdisjoint(answered) or (self.rule and not self.categories.isdisjoint(claimed))


def reach(change: Change, old: Pack, new: Pack) -> Reach:
    """Whom `change` concerns; nobody where it is about tables, clauses or what stands on a page only."""
    sides = [(pack, thing) for pack, thing in zip((old, new), change.things, strict=True) if thing is not None]
    parts = change.path[:2]
    if parts[0] == "codes":
        return Reach(frozenset(key for pack in (old, new) for key in _users(pack, change.path[1])))
    if parts == ("programme", "settings") and change.depth:
        named = [(pack, c) for pack in (old, new) for c in _conditions(pack) if c.setting == change.path[2]]
        return _joined(_thing(pack, condition) for pack, condition in named)
    if parts in (("eligibility", "general"), ("eligibility", "general_clause")):
        return Reach(categories=frozenset(c.id for pack in (old, new) for c in pack.eligibility.categories), rule=True)
    if not change.depth:
        return Reach()
    prefix = _BY_KEY.get(parts[-1], "")
    keys = frozenset({f"{prefix}:{change.path[2]}"} if prefix else ())
    return _joined([Reach(keys), *(_thing(pack, thing) for pack, thing in sides)])


def _joined(parts: Iterable[Reach]) -> Reach:
    found = list(parts)
    return Reach(
        frozenset().union(*(one.keys for one in found)),
        frozenset().union(*(one.categories for one in found)),
        any(one.rule for one in found),
    )


def _thing(pack: Pack, thing: Any) -> Reach:
    if isinstance(thing, Section):
        return _joined(_thing(pack, spec) for spec in thing.fields)
    if isinstance(thing, FormField):
        return Reach(frozenset({f"field:{thing.id}"}), _only_for(thing.when))
    if isinstance(thing, Document):
        return Reach(frozenset({f"document:{thing.id}"}), _only_for(thing.when))
    if isinstance(thing, Fact):
        read = [c.id for c in _conditions(pack) if c.fact == thing.id]
        return Reach(frozenset({f"fact:{thing.id}"}), _over(pack, read))
    if isinstance(thing, Condition):
        return Reach(frozenset({f"fact:{thing.fact}"}), _over(pack, [thing.id]))
    if isinstance(thing, Category):
        return Reach(categories=frozenset({thing.id}), rule=True)
    if isinstance(thing, Group):
        return Reach(categories=_over(pack, [thing.id]), rule=True)
    when = getattr(thing, "when", None)
    if isinstance(when, Tree):  # a route
        facts = {c.fact for c in _conditions(pack) if c.id in _under(pack, when)} | {getattr(thing, "unit_by", "")}
        return Reach(frozenset(f"fact:{name}" for name in facts if name))
    if hasattr(thing, "plain") and hasattr(thing, "categories"):  # tiers
        return Reach(categories=frozenset(thing.categories), rule=True)
    return Reach()


def _only_for(when: Any) -> frozenset[str]:
    return frozenset(when.category if when is not None else ())


def _conditions(pack: Pack) -> tuple[Condition, ...]:
    return (*pack.eligibility.conditions, *pack.routing.conditions)


def _parts(tree: Tree) -> tuple[str, ...]:
    return (*tree.all, *tree.any, *tree.none)


def _under(pack: Pack, tree: Tree) -> set[str]:
    """Conditions and groups below a tree."""
    groups = {group.id: group for group in pack.eligibility.groups}
    found: set[str] = set()
    todo = list(_parts(tree))
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += _parts(groups[name]) if name in groups else ()
    return found


def _over(pack: Pack, names: Iterable[str]) -> frozenset[str]:
    """Categories whose rules name one of these conditions or groups, directly or not."""
    wanted = set(names)
    everybody = not wanted.isdisjoint(_under(pack, pack.eligibility.general))
    return frozenset(
        category.id
        for category in pack.eligibility.categories
        if everybody or not wanted.isdisjoint(_under(pack, category))
    )


def _users(pack: Pack, codes: str) -> Iterator[str]:
    """Answer keys of the facts and fields whose options come from a code list."""
    for fact in (*pack.eligibility.facts, *pack.routing.facts):
        if fact.codes == codes:
            yield f"fact:{fact.id}"
    for section in pack.form.sections:
        for spec in section.fields:
            if codes in (spec.codes, *(column.codes for column in spec.columns)):
                yield f"field:{spec.id}"
