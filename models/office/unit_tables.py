"""Tables that a unit fills in itself, read: kept a row at a time, sealed, as sheets and for the workbooks.

A sheet is one unit's copy of a table in one round (`part`: for one option of `UnitTable.each`). `unit_table_saving`
writes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models import crypto
from models.application.tables import Round
from models.errors import NotFound
from models.office import scope
from models.office.tables import Staff, UnitRow, UnitTableRow
from models.programme import unit_rows
from models.programme.loader import load_pack
from models.programme.pack import Option, Pack, UnitTable


@dataclass(frozen=True, slots=True)
class Place:
    """One sheet: a table of the pack for one round, unit and part."""

    pack: Pack
    table: UnitTable
    intake: Round
    unit: UnitRow
    part: str = ""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row with its canonical values; `version` 0: not stored yet (a row that the notice names)."""

    id: str
    version: int
    values: Mapping[str, Any] = field(repr=False)


def find(staff: Staff, round_id: str, unit_id: str, table_id: str, part: str = "") -> Place:
    """The sheet, if it is in reach. Raises NotFound for a foreign round or unit, and where the programme has no such
    table or part."""
    unit = scope.get_unit(staff, unit_id)
    intake = scope.get_round(staff, round_id)
    pack = load_pack(unit.programme)
    table = next((t for t in pack.workbooks.unit_tables if t.id == table_id), None)
    if table is None or (part and part not in {option.value for option in parts(pack, table)}):
        raise NotFound("office.not_found")
    return Place(pack, table, intake, unit, part)


def parts(pack: Pack, table: UnitTable) -> tuple[Option, ...]:
    """The options for each of which the unit fills in a copy; empty where there is one copy."""
    facts = (*pack.eligibility.facts, *pack.routing.facts)
    options = next((fact.options for fact in facts if fact.id == table.each), ())
    return tuple(option for option in options if not table.each_options or option.value in table.each_options)


def sheet(session: Session, place: Place) -> tuple[SheetRow, ...]:
    """The rows as they stand: named ones all there, others in the order in which they were added."""
    stored = {row.id: row for row in stored_rows(session, place)}
    if not place.table.rows:
        return tuple(stored.values())
    named = (named_id(place, number) for number in range(len(place.table.rows)))
    return tuple(stored.get(ident) or SheetRow(ident, 0, {}) for ident in named)


def named_id(place: Place, number: int) -> str:
    """The id of a row that the notice names: the same for everybody who types into it."""
    told = f"{place.intake.id}:{place.unit.id}:{place.table.id}:{place.part}:{number}"
    return hashlib.sha256(f"unit-row:{told}".encode()).hexdigest()[:32]


def filled(session: Session, pack: Pack, round_id: str, unit_id: str) -> dict[str, tuple[SheetRow, ...]]:
    """The unit's rows by table, copies for several parts put together, as the workbooks hold them; blank rows left
    out. Where named rows of several copies are added up, the version is 0: such a row is nowhere stored. Needs the
    running app (rows are opened)."""
    if not pack.workbooks.unit_tables:
        return {}
    intake, unit = session.get_one(Round, round_id), session.get_one(UnitRow, unit_id)
    out = {}
    for table in pack.workbooks.unit_tables:
        copies = [sheet(session, Place(pack, table, intake, unit, part)) for part in _parts(pack, table)]
        if len(copies) > 1 and table.rows:
            place = Place(pack, table, intake, unit)
            values = unit_rows.merged(table, [[row.values for row in copy] for copy in copies])
            rows = [SheetRow(named_id(place, number), 0, row) for number, row in enumerate(values)]
        else:
            rows = [row for copy in copies for row in copy]
        out[table.id] = tuple(row for row in rows if table.rows or not unit_rows.is_blank(row.values))
    return {name: rows for name, rows in out.items() if any(not unit_rows.is_blank(row.values) for row in rows)}


def begun(session: Session, round_id: str, unit_ids: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """How many rows are stored, by unit, table and part."""
    count = func.count()
    query = select(UnitTableRow.unit_id, UnitTableRow.kind, UnitTableRow.part, count)
    query = query.where(UnitTableRow.round_id == round_id, UnitTableRow.unit_id.in_(unit_ids))
    grouped = query.group_by(UnitTableRow.unit_id, UnitTableRow.kind, UnitTableRow.part)
    return {(unit, kind, part): number for unit, kind, part, number in session.execute(grouped)}


def _parts(pack: Pack, table: UnitTable) -> tuple[str, ...]:
    return tuple(option.value for option in parts(pack, table)) or ("",)


def stored_rows(session: Session, place: Place) -> list[SheetRow]:
    """The rows that are stored, in the order in which they were added."""
    ordered = of_sheet(place, UnitTableRow).order_by(UnitTableRow.position, UnitTableRow.id)
    return [opened(place, row) for row in session.scalars(ordered.execution_options(populate_existing=True))]


def opened(place: Place, row: UnitTableRow) -> SheetRow:
    """A stored row, opened, without columns that the table no longer has. Raises crypto.Damaged."""
    values = json.loads(crypto.ring().open(row.sealed, bound_to(place, row.id)))
    known = {column.id for column in unit_rows.typed_columns(place.table)}
    return SheetRow(row.id, row.version, {name: value for name, value in values.items() if name in known})


def of_sheet(place: Place, what: Any) -> Select[Any]:
    """A select of `what` over the rows of one sheet."""
    return select(what).where(
        UnitTableRow.round_id == place.intake.id,
        UnitTableRow.unit_id == place.unit.id,
        UnitTableRow.kind == place.table.id,
        UnitTableRow.part == place.part,
    )


def bound_to(place: Place, ident: str) -> str:
    """What a row is sealed for."""
    return row_bound_to(place.intake.id, place.unit.id, place.table.id, place.part, ident)


def row_bound_to(round_id: str, unit_id: str, kind: str, part: str, ident: str) -> str:
    """What a `UnitTableRow` is sealed for."""
    return f"unit_table_row:{round_id}:{unit_id}:{kind}:{part}:{ident}"
