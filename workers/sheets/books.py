"""Which builder makes a workbook of a kind."""

from __future__ import annotations

from datetime import date

from models.office.template_layout import Template
from models.office.workbook_data import UnitRecords, standing_in
from models.programme.official import FORMS
from models.programme.pack import Pack
from models.programme.unit_rows import computed
from workers.sheets.form_documents import fill_forms
from workers.sheets.forms import Portraits, build_forms
from workers.sheets.summary import build_table
from workers.sheets.template_fill import fill
from workers.sheets.unit_sheet import build_unit_table


def build(
    pack: Pack,
    unit: UnitRecords,
    kind: str,
    on: date,
    portraits: Portraits,
    template: Template | None = None,
    edition: str = "",
) -> bytes:
    """The workbook as bytes, filled into `template` if there is one; a table says which `edition` it is, for when it
    comes back. LookupError for a kind that the programme does not have."""
    if kind == FORMS and template is not None and unit.records:  # without people the drawn index says so
        return fill_forms(pack, template.data, unit, portraits)
    if template is not None and kind != FORMS:
        return fill(pack, kind, template, unit, on, edition)
    if kind == FORMS:
        return build_forms(pack, unit, on, portraits)
    for table in pack.workbooks.people_tables():
        if table.id == kind:
            return build_table(pack, table, unit, on, edition)
    for unit_table in pack.workbooks.unit_tables:
        if unit_table.id == kind:
            return build_unit_table(pack, unit_table, unit, on, edition)
    raise LookupError(f"no table {kind!r}")


def rows_of(pack: Pack, unit: UnitRecords, kind: str) -> int:
    """How many rows the workbook has, or people in its forms."""
    for table in pack.workbooks.people_tables():
        if table.id == kind:
            return len(standing_in(unit, table))
    for unit_table in pack.workbooks.unit_tables:
        if unit_table.id == kind:
            return len(computed(unit_table, unit.unit_rows.get(kind, ())))
    return len(unit.records)
