"""Where a pack mentions clauses, and its cells and fields one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from models.programme.pack import Cell, FormField, Option, Pack, SummaryTable


def clause_uses(pack: Pack) -> Iterator[tuple[str, str, str, str]]:
    """Every mention of a clause: (kind of claim, file, key, reference); empty references are left out."""
    for kind, file, key, ref in _mentions(pack):
        if ref:
            yield kind, file, key, ref


def _mentions(pack: Pack) -> Iterator[tuple[str, str, str, str]]:
    programme, eligibility, routing = pack.programme, pack.eligibility, pack.routing
    yield "date", "programme.toml", "dates_clause", programme.dates_clause
    yield "date", "programme.toml", "retention", programme.retention.clause
    yield from (("date", "programme.toml", f"calendar({x.id})", x.clause) for x in programme.calendar)
    yield from (("duty", "programme.toml", f"duties({x.id})", x.clause) for x in programme.duties)
    yield from (("duty", "programme.toml", f"declarations({x.id})", x.clause) for x in programme.declarations)
    yield from (("open", "programme.toml", f"open_points({x.id})", x.clause) for x in programme.open_points)
    yield from (("rule", "programme.toml", f"settings({x.id})", x.clause) for x in programme.settings)
    yield "rule", "eligibility.toml", "general_clause", eligibility.general_clause
    for name, part in (("eligibility.toml", eligibility), ("routing.toml", routing)):
        kind = "rule" if part is eligibility else "route"
        yield from ((kind, name, f"conditions({x.id})", x.clause) for x in part.conditions)
        for fact in part.facts:
            yield kind, name, f"facts({fact.id})", fact.clause
            yield from _option_clauses(kind, name, f"facts({fact.id})", fact.options)
    yield from (("rule", "eligibility.toml", f"groups({x.id})", x.clause) for x in eligibility.groups)
    yield from (("rule", "eligibility.toml", f"categories({x.id})", x.clause) for x in eligibility.categories)
    yield from (("rule", "eligibility.toml", f"ladders({x.id})", x.clause) for x in eligibility.ladders)
    for section in pack.form.sections:
        yield "field", "form.toml", f"sections({section.id})", section.clause
        for field in section.fields:
            yield "field", "form.toml", f"fields({field.id})", field.clause
            yield from _option_clauses("field", "form.toml", f"fields({field.id})", field.options)
            for column in field.columns:
                yield "field", "form.toml", f"fields({field.id}).{column.id}", column.clause
                yield from _option_clauses("field", "form.toml", f"fields({field.id}).{column.id}", column.options)
    for given in pack.form.unit_fields:
        yield "field", "form.toml", f"unit_fields({given.id})", given.clause
        yield from _option_clauses("field", "form.toml", f"unit_fields({given.id})", given.options)
    for paper in pack.documents.documents:
        yield "document", "documents.toml", f"documents({paper.id})", paper.clause
        yield "document", "documents.toml", f"documents({paper.id}).originals", paper.originals_clause
    yield "route", "routing.toml", "fallback_clause", routing.fallback_clause
    yield from (("route", "routing.toml", f"units({x.id})", x.clause) for x in routing.units)
    yield from (("route", "routing.toml", f"routes({x.id})", x.clause) for x in routing.routes)
    yield "route", "routing.toml", "reports_clause", routing.reports_clause
    yield "route", "routing.toml", "not_twice_clause", routing.not_twice_clause
    yield from _table_clauses(pack)
    yield from _later_clauses(pack)


def _table_clauses(pack: Pack) -> Iterator[tuple[str, str, str, str]]:
    books = pack.workbooks
    yield from (("table", "workbooks.toml", table_key(pack, x), x.clause) for x in books.people_tables())
    for table in books.unit_tables:
        yield "table", "workbooks.toml", f"unit_tables({table.id})", table.clause
        yield from (("table", "workbooks.toml", f"unit_tables({table.id}).{x.id}", x.clause) for x in table.columns)
    if books.form is not None:
        yield "table", "workbooks.toml", "form", books.form.clause
        yield "table", "workbooks.toml", "form.opinion_clause", books.form.opinion_clause
        for row in (*books.form.above, *books.form.grid):
            yield from (("table", "workbooks.toml", f"form.grid({x.label or x.sources})", x.clause) for x in row)
    if books.volume is not None:
        yield "table", "workbooks.toml", "volume", books.volume.clause
    yield from (("table", "workbooks.toml", f"{key}({cell.header})", cell.clause) for key, cell in cells(pack))
    yield from (("table", "workbooks.toml", f"figures({x.id})", x.clause) for x in books.figures)


def _later_clauses(pack: Pack) -> Iterator[tuple[str, str, str, str]]:
    selection, scoring, later = pack.selection, pack.scoring, pack.afterwards
    yield from (("route", "selection.toml", f"channels({x.id})", x.clause) for x in selection.channels)
    yield from (("rule", "selection.toml", f"quotas({x.id})", x.clause) for x in selection.quotas)
    if scoring is not None:
        yield "rule", "scoring.toml", "clause", scoring.clause
        yield "rule", "scoring.toml", "shares_clause", scoring.shares_clause
        yield "duty", "scoring.toml", "panel", scoring.panel.clause if scoring.panel else ""
        yield from (("rule", "scoring.toml", f"dimensions({x.id})", x.clause) for x in scoring.dimensions)
        yield from (("rule", "scoring.toml", f"thresholds({x.category})", x.clause) for x in scoring.thresholds)
    yield "duty", "afterwards.toml", "admitted_clause", later.admitted_clause
    for name in ("changes", "exits", "benefits"):
        yield from (("duty", "afterwards.toml", f"{name}({x.id})", x.clause) for x in getattr(later, name))
    yield from (("date", "afterwards.toml", f"reviews({x.id})", x.clause) for x in later.reviews)


def table_key(pack: Pack, table: SummaryTable) -> str:
    """Where a table of people stands in workbooks.toml."""
    return "summary" if table is pack.workbooks.summary else f"tables({table.id})"


def _option_clauses(kind: str, file: str, key: str, options: Iterable[Option]) -> Iterator[tuple[str, str, str, str]]:
    yield from ((kind, file, f"{key}.options({option.value})", option.clause) for option in options)


def cells(pack: Pack) -> Iterator[tuple[str, Cell]]:
    """Every cell of the workbooks about people with the key of its table."""
    for table in pack.workbooks.people_tables():
        yield from ((f"{table_key(pack, table)}.columns", cell) for cell in table.columns)
    for block in pack.workbooks.form.blocks if pack.workbooks.form else ():
        yield from ((f"form.blocks({block.title}).cells", cell) for cell in block.cells)


def form_fields(pack: Pack) -> Iterator[FormField]:
    """Every field of the form, in order."""
    for section in pack.form.sections:
        yield from section.fields


def grid_sources(pack: Pack) -> Iterator[str]:
    """What the cells of a form drawn as a grid show."""
    form = pack.workbooks.form
    for row in (*form.above, *form.grid) if form else ():
        for cell in row:
            yield from cell.sources
