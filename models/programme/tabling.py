"""References of the official tables, proven: what their cells show, who stands in them, and what is added up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from models.programme import figuring
from models.programme.grid import place
from models.programme.mentions import cells, grid_sources
from models.programme.official import FORMS
from models.programme.pack import GridCell, Pack, UnitTable, When
from models.programme.proving import acyclic, check_options, no_repeats, wrong

FILE = "workbooks.toml"
_PLAIN = ("seq", "category", "claim", "ladder", "clause", "unit_name", "blank")


def prove(
    pack: Pack, sources: Mapping[str, Collection[str]], prove_when: Callable[[str, str, When | None], None]
) -> None:
    """Raise PackError at the first reference that does not hold. `sources`: names by kind of source."""
    for key, cell in cells(pack):
        _source(f"{key}({cell.header}).source", cell.source, sources)
    for source in grid_sources(pack):
        if source != "opinion":
            _source("form.grid.sources", source, sources)
    books = pack.workbooks
    figuring.prove(pack)
    names = [*(table.id for table in books.people_tables()), *(table.id for table in books.unit_tables)]
    no_repeats(FILE, "tables", [*names, FORMS])
    for table in books.people_tables():
        prove_when(FILE, f"tables({table.id}).when", table.when)
    for unit_table in books.unit_tables:
        _unit_table(unit_table, f"unit_tables({unit_table.id})")
        _counted(pack, unit_table, f"unit_tables({unit_table.id})", prove_when)
    if books.form is None:
        return
    if bool(books.form.blocks) == bool(books.form.grid):
        wrong(FILE, "form", "a form has either blocks or a grid")
    for block in books.form.blocks:
        prove_when(FILE, f"form.blocks({block.title}).when", block.when)
    _grid("form.grid", books.form.grid)
    for row in books.form.above:
        _grid("form.above", (row,))


def _source(key: str, source: str, known: Mapping[str, Collection[str]]) -> None:
    kind, _, name = source.partition(":")
    if source not in _PLAIN and name not in known.get(kind, ()):
        wrong(FILE, key, f"{source!r} names nothing that is there")


def _grid(key: str, grid: Sequence[Sequence[GridCell]]) -> None:
    try:
        placed = place(grid)
    except ValueError as exc:
        wrong(FILE, key, str(exc))
    for each in placed:
        if each.cell.signature and each.cell.rows > 1:
            wrong(FILE, key, f"row {each.row + 1}: a cell to be signed stands in one row")
        if each.cell.tick and len(each.cell.sources) != 1:
            wrong(FILE, key, f"row {each.row + 1}: a cell to tick has one source")


def _unit_table(table: UnitTable, key: str) -> None:
    numbers = {column.id for column in table.columns if column.kind == "number"}
    no_repeats(FILE, f"{key}.columns", [column.id for column in table.columns])
    for column in table.columns:
        check_options(FILE, f"{key}.{column.id}", column.kind, column.options)
        if column.sum_of and (column.kind != "number" or not numbers.issuperset(column.sum_of)):
            wrong(FILE, f"{key}.{column.id}.sum_of", "adds up columns of numbers into a number")
    acyclic(FILE, f"{key}.sum_of", {column.id: list(column.sum_of) for column in table.columns})


def _counted(pack: Pack, table: UnitTable, key: str, prove_when: Callable[[str, str, When | None], None]) -> None:
    units = {unit.id for unit in pack.routing.units}
    if table.row_units and len(table.row_units) != len(table.rows):
        wrong(FILE, f"{key}.row_units", "names one unit for each of the rows")
    for name in table.row_units:
        if name not in units:
            wrong(FILE, f"{key}.row_units", f"there is no unit {name!r}")
    facts = {fact.id: fact for fact in (*pack.eligibility.facts, *pack.routing.facts)}
    if table.each and (table.each not in facts or facts[table.each].kind != "choice"):
        wrong(FILE, f"{key}.each", f"there is no choice fact {table.each!r}")
    known = {option.value for option in facts[table.each].options} if table.each else set()
    for value in table.each_options:
        if value not in known:
            wrong(FILE, f"{key}.each_options", f"{value!r} is no option of {table.each or 'anything'}")
    for column in table.columns:
        prove_when(FILE, f"{key}.{column.id}.count_of", column.count_of)
        if column.count_of is not None and (column.kind != "number" or column.sum_of or not table.row_units):
            wrong(FILE, f"{key}.{column.id}.count_of", "people are counted into typed numbers, in rows of units")
