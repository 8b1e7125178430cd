"""What the grid's script asks for: rows saved as they are typed, and a pasted text taken apart. JSON both ways."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.errors import InvalidAnswer
from models.extensions import db
from models.office import scope, unit_tables
from models.office.unit_table_saving import MOST_AT_ONCE, Result, SentRow, save
from models.office.unit_tables import Place, SheetRow
from models.office.unit_totals import added
from models.programme import pasting, unit_rows
from webforms.office_base import sentence, staff, staff_route
from webforms.office_grid import cells_of, sums_of
from webforms.office_tables import note, place_of

FILLERS = (scope.REVIEWER, scope.OFFICE)


@staff_route("/tables/<round_id>/<unit_id>/<table_id>/rows", *FILLERS, methods=("POST",))
def save_rows(round_id: str, unit_id: str, table_id: str) -> ResponseReturnValue:
    """Save rows; each comes back as it stands now, with what is wrong in it."""
    place = place_of(round_id, unit_id, table_id)
    sent = _sent(place)
    if sent is None:
        return jsonify(problem=str(_("没有保存：内容不完整，请刷新页面再试。"))), 400
    try:
        results = save(staff(), place, sent)
    except InvalidAnswer as error:
        return jsonify(problem=sentence(error)), 422
    raw = {row.id: row.raw for row in sent}
    sheet = added(place.table, tuple(dict(row.values) for row in unit_tables.sheet(db.session(), place)))
    return jsonify(
        rows=[_told(place, result, raw.get(result.id)) for result in results],
        total={name: value for name, value in sheet.total.items() if isinstance(value, int)},
        grand=sheet.grand,
    )


@staff_route("/tables/<round_id>/<unit_id>/<table_id>/paste", *FILLERS, methods=("POST",))
def paste(round_id: str, unit_id: str, table_id: str) -> ResponseReturnValue:
    """A pasted text as raw values by row and column, from the column it was pasted into; nothing is saved here."""
    place = place_of(round_id, unit_id, table_id)
    body = request.get_json(silent=True)
    told = body if isinstance(body, dict) else {}
    text, column, room = told.get("text"), told.get("column"), told.get("room")
    if not isinstance(text, str) or not isinstance(column, str) or not isinstance(room, int):
        return jsonify(problem=str(_("没有贴进去：内容不完整，请刷新页面再试。"))), 400
    room = min(max(0, room), MOST_AT_ONCE)
    try:
        return jsonify(rows=pasting.placed(place.table, pasting.cells(text), column, room))
    except InvalidAnswer as error:
        return jsonify(problem=sentence(error)), 422


def _sent(place: Place) -> list[SentRow] | None:
    """The rows of the body; None where it has another shape."""
    body = request.get_json(silent=True)
    rows = body.get("rows") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        return None
    names = {column.id for column in unit_rows.typed_columns(place.table)}
    out = []
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not isinstance(row.get("version"), int):
            return None
        raw = row.get("values")
        if raw is not None and (not isinstance(raw, dict) or not set(raw) <= names):
            return None
        if raw is not None and not all(isinstance(value, str) for value in raw.values()):
            return None
        out.append(SentRow(row["id"], row["version"], raw))
    return out


def _told(place: Place, result: Result, raw: Any) -> dict[str, Any]:
    row = result.row or SheetRow(result.id, 0, {})
    keep = raw if result.state == "invalid" else None
    values = dict(row.values)
    unit_rows.add_up(place.table, values)
    return {
        "id": result.id,
        "state": result.state,
        "version": row.version,
        "note": note(result),
        "sums": sums_of(place, values),
        "cells": {
            cell.column.id: {"text": cell.text, "mask": cell.mask, "problem": cell.problem}
            for cell in cells_of(place, row, keep, result.problems)
        },
        "lacks": [column.header for column in unit_rows.lacking(place.table, row.values)],
    }
