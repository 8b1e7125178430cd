"""A unit's tables of people (汇总表, 推荐表): one row a person, spare rows with the same drop-downs."""

from __future__ import annotations

from datetime import date

from models.office.workbook_data import Record, UnitRecords, standing_in
from models.programme.pack import Cell, Pack, SummaryTable, UnitField
from workers.sheets.cover import Entered, cover_feed
from workers.sheets.official import Column, Rows, Table, column_width, draw
from workers.sheets.values import Source, cell_value, code_list

_LEAST = {
    "id_number": 20.5,
    "passport_number": 12.5,
    "phone": 14.5,
    "date": 12.5,
    "month": 9.5,
}  # narrower would show ####### or wrap
_CENTRED = {"seq", "choice", "yes_no", "date", "month", "number", "id_number", "phone"}
_NAMES_FIRST = 3  # a name that far to the left stays in sight when the sheet is scrolled sideways


def build_table(pack: Pack, table: SummaryTable, unit: UnitRecords, on: date, edition: str = "") -> bytes:
    """The table of `unit` as .xlsx bytes; with the keys of its rows where it is an `edition`. Same records, same day:
    same bytes."""
    records = standing_in(unit, table)
    sources = [Source(pack, cell) for cell in table.columns]
    columns = tuple(
        _column(pack, cell, source, place)
        for place, (cell, source) in enumerate(zip(table.columns, sources, strict=True))
    )
    rows = (_row(pack, table, sources, record, number) for number, record in enumerate(records, start=1))
    body = Rows(len(records), rows, keys=[record.application_id for record in records], edition=edition)
    drawn = draw(
        Table(
            *(table.label, table.title, columns, table.header_line, table.footer_line, table.notes, table.spare_rows),
            keyed=bool(edition),
        ),
        body,
        on,
    )
    by_unit = dict.fromkeys(source.spec for source in sources if isinstance(source.spec, UnitField))
    entered = Entered(tuple(by_unit), records)
    title, inferred = table.title, table.inferred
    cover = cover_feed(
        drawn.cover, pack, unit, on, title, inferred=inferred, rows=len(records), entered=entered, edition=edition
    )
    return drawn.to_bytes([drawn.feed(body, unit.unit_name, on), cover], unit.unit_name, edition)


def _column(pack: Pack, cell: Cell, source: Source, place: int) -> Column:
    kind = source.spec.kind if source.spec is not None else source.kind
    return Column(
        cell.header,
        column_width(cell.header, cell.width, _LEAST.get(kind, 0.0)),
        cell.group,
        centred=kind in _CENTRED,
        number=kind in ("seq", "number"),
        codes=code_list(pack, cell, source),
        keep=cell.source == "field:name" and place < _NAMES_FIRST,
    )


def _row(pack: Pack, table: SummaryTable, sources: list[Source], record: Record, number: int) -> list[str | int | None]:
    return [cell_value(pack, cell, source, record, number) for cell, source in zip(table.columns, sources, strict=True)]
