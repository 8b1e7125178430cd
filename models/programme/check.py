"""Proving a pack: what claims each clause, what is said but never used, and its words against the notice itself.

`check_pack` needs the pack alone. `prove_quotes` needs the text of the notice, which is not part of the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.programme import mentions
from models.programme.numbering import numbered_paragraphs
from models.programme.pack import Column, Fact, FormField, Pack, Tree, When

KINDS = ("rule", "field", "date", "duty", "document", "table", "route", "open", "parts")
_STEP = re.compile(r"\([^()]*\)|\d+|[^\d()]")
_ELISION = re.compile(r"…+|\.{3,}|⋯+")
_SHORTEST = 6
_ANNOUNCED = re.compile(r"例如|比如|譬如|如[：:]|for (?:example|instance)\b|e\.g\.|such as\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `bole check` prints. `claims`: clause → what claims it (see KINDS), in the notice's order; a heading
    without words of its own is claimed by its parts. No `problems` means the pack is whole."""

    slug: str
    problems: tuple[str, ...]
    claims: dict[str, tuple[str, ...]]

    @property
    def total(self) -> int:
        """How many clauses the notice has."""
        return len(self.claims)

    @property
    def claimed(self) -> int:
        """How many of them something claims."""
        return sum(1 for kinds in self.claims.values() if kinds)

    def by_kind(self) -> dict[str, int]:
        """How many clauses each kind claims."""
        return {kind: sum(1 for kinds in self.claims.values() if kind in kinds) for kind in KINDS}


def check_pack(pack: Pack) -> CheckReport:
    """Claims of every clause, and what is wrong: clauses nobody claims, quotations that are not in their clause,
    facts, conditions and groups that nothing uses, routes that cannot be reached, units nothing leads to, examples
    that say themselves that they are examples (the doors say it), tables that were inferred without an open point."""
    claims = _claims(pack)
    problems = [f"clauses.toml: {ref}: nothing claims this clause" for ref, kinds in claims.items() if not kinds]
    problems += _quotes_outside(pack)
    problems += _unused(pack)
    problems += _unreachable(pack)
    problems += _announced_examples(pack)
    problems += _inferred(pack)
    return CheckReport(pack.slug, tuple(problems), claims)


def _claims(pack: Pack) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {clause.ref: set() for clause in pack.clauses}
    for kind, _, _, ref in mentions.clause_uses(pack):
        found[ref].add(kind)
    for clause in pack.clauses:
        if clause.open:
            found[clause.ref].add("open")
    # Longest first, so that a heading of headings sees its parts already claimed.
    for clause in sorted(pack.clauses, key=lambda c: -len(steps(c.ref))):
        parts = [ref for ref in found if is_part(ref, clause.ref)]
        if not found[clause.ref] and not clause.quote and parts and all(found[ref] for ref in parts):
            found[clause.ref].add("parts")
    return {ref: tuple(kind for kind in KINDS if kind in kinds) for ref, kinds in found.items()}


def steps(ref: str) -> tuple[str, ...]:
    """``三(二)4(1)`` → 三 · (二) · 4 · (1)."""
    return tuple(_STEP.findall(ref))


def is_part(ref: str, whole: str) -> bool:
    """Whether `ref` lies below `whole` in the notice's numbering."""
    part, of = steps(ref), steps(whole)
    return len(part) > len(of) and part[: len(of)] == of


def _quotes_outside(pack: Pack) -> Iterator[str]:
    quotes = {clause.ref: clause.quote for clause in pack.clauses}
    for file, part in (("eligibility.toml", pack.eligibility), ("routing.toml", pack.routing)):
        for condition in part.conditions:
            if condition.quote and not occurs(condition.quote, quotes[condition.clause]):
                yield f"{file}: conditions({condition.id}).quote: not among the words of {condition.clause}"


def _unused(pack: Pack) -> Iterator[str]:
    trees: list[Tree] = [pack.eligibility.general, *pack.eligibility.groups, *pack.eligibility.categories]
    trees += [route.when for route in pack.routing.routes]
    names = {name for tree in trees for name in (*tree.all, *tree.any, *tree.none)}
    whens = list(_whens(pack))
    all_facts = (*pack.eligibility.facts, *pack.routing.facts)
    conditions = (*pack.eligibility.conditions, *pack.routing.conditions)
    names |= {name for when in whens for name in when.condition}
    names |= {name for fact in all_facts for name in fact.ask_when}
    asked = {c.fact for c in conditions} | {route.unit_by for route in pack.routing.routes}
    asked |= {when.fact for when in _asking(pack)} | {pack.selection.channel_fact}
    shown = {cell.source for _, cell in mentions.cells(pack)} | set(mentions.grid_sources(pack))
    shown |= {f"fact:{name}" for name in (*(w.fact for w in whens), *(f.from_fact for f in mentions.form_fields(pack)))}
    shown |= {f"fact:{table.each}" for table in pack.workbooks.unit_tables}
    for fact in (fact for fact in all_facts if fact.id not in asked):
        if f"fact:{fact.id}" in shown:
            yield f"facts({fact.id}): shown, but never asked: no condition, route or `when` of a question reads it"
        else:
            yield f"facts({fact.id}): nothing uses this fact"
    yield from (f"conditions({c.id}): nothing uses this condition" for c in conditions if c.id not in names)
    yield from (f"groups({g.id}): nothing uses this group" for g in pack.eligibility.groups if g.id not in names)
    used = {condition.setting for condition in conditions}
    settings = pack.programme.settings
    yield from (f"settings({s.id}): no condition uses this setting" for s in settings if s.id not in used)


def _announced_examples(pack: Pack) -> Iterator[str]:
    asked: list[tuple[str, Fact | FormField | Column]] = [
        (f"facts({fact.id})", fact) for fact in (*pack.eligibility.facts, *pack.routing.facts)
    ]
    for field in mentions.form_fields(pack):
        asked.append((f"form.toml: fields({field.id})", field))
        asked += [(f"form.toml: fields({field.id}).columns({column.id})", column) for column in field.columns]
    for place, spec in asked:
        for lang in ("zh", "en"):
            if spec.example is not None and _ANNOUNCED.match(spec.example.get(lang)):
                yield f"{place}.example.{lang}: begins with “for example”, which is said before it anyway"


def _inferred(pack: Pack) -> Iterator[str]:
    """Where columns or layout are inferred, an open point on the same clause tells staff."""
    said = {point.clause for point in pack.programme.open_points}
    for table in pack.workbooks.people_tables():
        if table.inferred and table.clause not in said:
            key = mentions.table_key(pack, table)
            yield f"workbooks.toml: {key}.inferred: no open point on {table.clause} says that the columns are not given"
    form = pack.workbooks.form
    if form is not None and form.inferred and form.clause not in said:
        yield f"workbooks.toml: form.inferred: no open point on {form.clause} says that the layout is not given"


def _whens(pack: Pack) -> Iterator[When]:
    yield from _asking(pack)
    found: list[When | None] = [given.when for given in pack.form.unit_fields]
    found += [table.when for table in pack.workbooks.people_tables()]
    found += [column.count_of for table in pack.workbooks.unit_tables for column in table.columns]
    found += [block.when for block in pack.workbooks.form.blocks] if pack.workbooks.form else []
    yield from (when for when in found if when is not None)


def _asking(pack: Pack) -> Iterator[When]:
    """Where a `when` stands whose fact is asked for its sake (see `pending.form_asks`)."""
    found: list[When | None] = [document.when for document in pack.documents.documents]
    for section in pack.form.sections:
        found += [section.when, *(field.when for field in section.fields)]
    yield from (when for when in found if when is not None)


def _unreachable(pack: Pack) -> Iterator[str]:
    routing = pack.routing
    seen: list[Tree] = []
    for route in routing.routes:
        tree = Tree(all=route.when.all, any=route.when.any, none=route.when.none)
        if Tree() in seen or tree in seen:
            yield f"routing.toml: routes({route.id}): an earlier route always decides first"
        seen.append(tree)
    reached = {routing.office, routing.fallback} | {route.unit for route in routing.routes}
    reached |= {unit.parent for unit in routing.units}
    facts = {fact.id: fact for fact in (*pack.eligibility.facts, *routing.facts)}
    for route in routing.routes:
        if route.unit_by:
            reached |= {option.value for option in facts[route.unit_by].options}
    yield from (f"routing.toml: units({u.id}): no route leads here" for u in routing.units if u.id not in reached)


def prove_quotes(pack: Pack, notice_text: str) -> list[str]:
    """What the notice itself contradicts: quotations that are not in it (blanks do not count; ``……`` stands for words
    left out), and its numbered paragraphs that no clause covers, by reference or by a quotation out of them."""
    text = _bare(notice_text)
    problems = [
        f"clauses.toml: {clause.ref}: the quotation is not in the notice: {clause.quote}"
        for clause in pack.clauses
        if clause.quote and not occurs(clause.quote, text)
    ]
    for file, part in (("eligibility.toml", pack.eligibility), ("routing.toml", pack.routing)):
        problems += [
            f"{file}: conditions({c.id}).quote: the quotation is not in the notice: {c.quote}"
            for c in part.conditions
            if c.quote and not occurs(c.quote, text)
        ]
    refs = {clause.ref for clause in pack.clauses}
    quotes = [_bare(clause.quote) for clause in pack.clauses if len(_bare(clause.quote)) >= _SHORTEST]
    for ref, words in numbered_paragraphs(notice_text):
        if ref not in refs and not any(quote in _bare(words) for quote in quotes):
            problems.append(f"the notice: {ref}: no clause covers this paragraph")
    return problems


def occurs(quote: str, text: str) -> bool:
    """Whether the words of a quotation are in the text in order, blanks aside."""
    rest, at = _bare(text), 0
    for piece in quoted_pieces(quote):
        found = rest.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def quoted_pieces(quote: str) -> list[str]:
    """The stretches of a quotation between its ``……``, without blanks."""
    return [piece for piece in map(_bare, _ELISION.split(quote)) if piece]


def _bare(text: str) -> str:
    return re.sub(r"[\s\u3000\u200b\ufeff]+", "", text)
