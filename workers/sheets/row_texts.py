"""What a table's rows say, cell by cell, by the keys of the rows: for editions, and to compare a returned file with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.office.editions import SEQUENCE, Rows
from models.office.workbook_data import Record, UnitRecords, standing_in
from models.programme.official import FORMS, SummaryTable, UnitTable
from models.programme.official_columns import table_of
from models.programme.pack import Pack
from models.programme.unit_rows import computed
from workers.sheets.text import clean
from workers.sheets.unit_sheet import unit_value
from workers.sheets.values import Source, cell_value

_UNSAID = (SEQUENCE, "blank")


def row_texts(pack: Pack, unit: UnitRecords, kind: str) -> Rows:
    """The rows of the workbook of `kind` by key, in its order; none of people's forms. LookupError: no such table."""
    if kind == FORMS:
        return {}
    table = table_of(pack, kind)
    if isinstance(table, UnitTable):
        return of_unit(table, unit.unit_row_ids.get(kind, ()), unit.unit_rows.get(kind, ()))
    return of_people(pack, table, standing_in(unit, table))


def of_people(pack: Pack, table: SummaryTable, records: Sequence[Record]) -> dict[str, dict[str, str]]:
    """Each person's cells. What a table shows twice is said once, as it stands first."""
    sources = {cell.source: (cell, Source(pack, cell)) for cell in reversed(table.columns)}
    wanted = [(name, *sources[name]) for name in dict.fromkeys(cell.source for cell in table.columns)]
    wanted = [each for each in wanted if each[0] not in _UNSAID]
    return {
        record.application_id: _filled(
            {name: cell_value(pack, cell, source, record, 0) for name, cell, source in wanted}
        )
        for record in records
    }


def of_unit(table: UnitTable, ids: Sequence[str], typed: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Each row's cells, sums among them."""
    return {
        ident: _filled({f"column:{each.id}": unit_value(each, row.get(each.id)) for each in table.columns})
        for ident, row in zip(ids, computed(table, typed), strict=False)
    }


def _filled(cells: Mapping[str, object]) -> dict[str, str]:
    texts = {name: clean(str(value)) for name, value in cells.items() if value is not None}
    return {name: text for name, text in texts.items() if text}
