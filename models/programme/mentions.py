"""Where a pack mentions clauses, and its cells and fields one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from models.programme.pack import Cell, FormField, Option, Pack


def clause_uses(pack: Pack) -> Iterator[tuple[str, str, str, str]]:
    """Every mention of a clause: (kind of claim, file, key, reference); empty references are left out."""
    for kind, file, key, ref in _mentions(pack):
        if ref:
            yield kind, file, key, ref


def _mentions(pack: Pack) -> Iterator[tuple[str, str, str, str]]:
    programme, eligibility, routing = pack.programme, pack.eligibility, pack.routing
    yield "date", "programme.toml", "dates_clause", programme.dates_clause
    yield from (("date", "programme.toml", f"calendar({x.id})", x.clause) for x in programme.calendar)
    yield from (("duty", "programme.toml", f"duties({x.id})", x.clause) for x in programme.duties)
    yield from (("duty", "programme.toml", f"declarations({x.id})", x.clause) for x in programme.declarations)
    yield from (("open", "programme.toml", f"open_points({x.id})", x.clause) for x in programme.open_points)
    yield "rule", "eligibility.toml", "general_clause", eligibility.general_clause
    for name, part in (("eligibility.toml", eligibility), ("routing.toml", routing)):
        kind = "rule" if part is eligibility else "route"
        yield from ((kind, name, f"conditions({x.id})", x.clause) for x in part.conditions)
        for fact in part.facts:
            yield kind, name, f"facts({fact.id})", fact.clause
            yield from _option_clauses(kind, name, f"facts({fact.id})", fact.options)
    yield from (("rule", "eligibility.toml", f"groups({x.id})", x.clause) for x in eligibility.groups)
    yield from (("rule", "eligibility.toml", f"categories({x.id})", x.clause) for x in eligibility.categories)
    for section in pack.form.sections:
        yield "field", "form.toml", f"sections({section.id})", section.clause
        for field in section.fields:
            yield "field", "form.toml", f"fields({field.id})", field.clause
            yield from _option_clauses("field", "form.toml", f"fields({field.id})", field.options)
            for column in field.columns:
                yield "field", "form.toml", f"fields({field.id}).{column.id}", column.clause
                yield from _option_clauses("field", "form.toml", f"fields({field.id}).{column.id}", column.options)
    yield from (("document", "documents.toml", f"documents({x.id})", x.clause) for x in pack.documents.documents)
    yield "route", "routing.toml", "fallback_clause", routing.fallback_clause
    yield from (("route", "routing.toml", f"units({x.id})", x.clause) for x in routing.units)
    yield from (("route", "routing.toml", f"routes({x.id})", x.clause) for x in routing.routes)
    summary, form = pack.workbooks.summary, pack.workbooks.form
    yield "table", "workbooks.toml", "summary", summary.clause
    yield "table", "workbooks.toml", "form", form.clause
    yield "table", "workbooks.toml", "form.opinion_clause", form.opinion_clause
    yield from (("table", "workbooks.toml", f"{key}({cell.header})", cell.clause) for key, cell in cells(pack))


def _option_clauses(kind: str, file: str, key: str, options: Iterable[Option]) -> Iterator[tuple[str, str, str, str]]:
    yield from ((kind, file, f"{key}.options({option.value})", option.clause) for option in options)


def cells(pack: Pack) -> Iterator[tuple[str, Cell]]:
    """Every cell of the two workbooks with the key of its table."""
    yield from (("summary.columns", cell) for cell in pack.workbooks.summary.columns)
    for block in pack.workbooks.form.blocks:
        yield from ((f"form.blocks({block.title}).cells", cell) for cell in block.cells)


def form_fields(pack: Pack) -> Iterator[FormField]:
    """Every field of the form, in order."""
    for section in pack.form.sections:
        yield from section.fields
