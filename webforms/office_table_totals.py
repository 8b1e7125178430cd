"""A table of numbers over all units, for the programme office: by row, by part, and whether it adds up."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from models.errors import NotFound
from models.extensions import db
from models.office import scope, unit_tables, unit_totals
from models.programme.loader import load_pack
from webforms.office_base import lang, page, staff, staff_route


@staff_route("/tables/<round_id>/totals/<table_id>", scope.OFFICE)
def table_totals(round_id: str, table_id: str) -> ResponseReturnValue:
    """The sum over the units, whole and a part at a time."""
    intake = scope.get_round(staff(), round_id)
    pack = load_pack(intake.programme)
    table = next((t for t in pack.workbooks.unit_tables if t.id == table_id and t.rows), None)
    if table is None:
        raise NotFound("office.not_found")
    found = unit_totals.totals(db.session(), pack, intake, table)
    labels = {option.value: option.label.get(lang()) for option in unit_tables.parts(pack, table)}
    return page(
        "table_totals.html",
        table=table,
        intake=intake,
        whole=unit_totals.together(table, found),
        parts=[(labels.get(part.value, ""), part) for part in found if part.units],
        named=bool(labels),
        outermost=unit_totals.outermost(table),
    )
