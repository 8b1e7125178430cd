"""A list of people: which column holds what, the grid in which faulty cells are mended, and entering it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.application.tables import Round
from models.errors import BoleError, Conflict, InvalidAnswer
from models.extensions import db
from models.office import batch_dropping, batch_mending, batches, scope, scope_entry
from models.office.batch_mending import Saved, Sent
from models.office.batch_rows import Content, unseal
from models.office.batch_tables import Batch, BatchRow
from models.programme import pasting
from models.programme.entry_columns import EntryColumn, entry_columns
from models.programme.loader import load_pack
from webforms.i18n import counted as _n
from webforms.office_base import lang, page, sentence, staff, staff_route, status_of
from webforms.office_doubles import outcomes
from webforms.office_entry import ENTERERS, entered_people

PAGE = 100  # rows on a page
_CELL, _VERSION = "c:", "v:"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a matched column."""

    place: int
    text: str
    problem: str
    head: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the page shows it."""

    id: str
    number: int
    version: int
    cells: tuple[Cell, ...]
    lacks: tuple[str, ...]
    verdict: str


@dataclass(frozen=True, slots=True)
class Head:
    """A column that is taken."""

    place: int
    column: EntryColumn


def _heads(batch: Batch) -> list[Head]:
    known = {one.key: one for one in entry_columns(load_pack(scope.programme(staff())))}
    return [Head(place, known[key]) for place, key in enumerate(batch.columns) if key in known]


def _row(row: BatchRow, content: Content, taken: list[Head]) -> Row:
    by_key: dict[str, list[str]] = {}
    for problem in content.problems:
        by_key.setdefault(problem.key, []).append(problem.text[lang()])
    placed = {head.column.key for head in taken}
    # What has no column of its own is said in the first cell, where whoever mends the row begins.
    loose = [text for key, texts in by_key.items() if key not in placed for text in texts]
    cells = []
    for at, head in enumerate(taken):
        said = [*by_key.get(head.column.key, ()), *(loose if at == 0 else ())]
        label = head.column.label.get("en") if lang() == "en" else head.column.head
        cells.append(Cell(head.place, content.cells[head.place], " ".join(said), label))
    lacks = tuple(one[lang()] for one in content.lacks)
    return Row(row.id, row.position, row.version, tuple(cells), lacks, content.verdict)


@staff_route("/entry/batches/<batch_id>", *ENTERERS, methods=("GET", "POST"))
def batch_page(batch_id: str) -> ResponseReturnValue:
    """The list as a grid; a POST saves it, matches its columns, enters or drops it."""
    batch = scope_entry.get_batch(staff(), batch_id)
    if request.method == "POST":
        return _posted(batch)
    if "HX-Request" in request.headers and batch.state not in (batches.READING, batches.ENTERING):
        return "", 200, {"HX-Refresh": "true"}  # who has waited for the grid gets its script with it
    return _shown(batch)


def _shown(batch: Batch, status: int = 200, problem: str = "") -> ResponseReturnValue:
    taken, counts = _heads(batch), batches.counts(db.session(), batch.id)
    faulty = request.args.get("show") == "faulty"
    rows = [row for row in batches.people(db.session(), batch.id) if row.sealed]
    if faulty:
        rows = [row for row in rows if row.state == batches.FAULTY]
    pages = max(1, -(-len(rows) // PAGE))
    at = min(max(1, request.args.get("page", 1, type=int)), pages)
    here = rows[(at - 1) * PAGE : at * PAGE]
    made = [_row(row, unseal(row.id, row.sealed), taken) for row in here if row.sealed]
    return page(
        "batch.html",
        status,
        batch=batch,
        intake=db.session.get_one(Round, batch.round_id),
        heads=taken,
        top=batches.heads(db.session(), batch.id),
        samples=_samples(rows),
        known=entry_columns(load_pack(scope.programme(staff()))),
        rows=made,
        counts=counts,
        faulty=faulty,
        at=at,
        pages=pages,
        problem=problem or (sentence(BoleError(batch.problem, **batch.params)) if batch.problem else ""),
        doubled=outcomes(batch.id),
        entered=entered_people(batch.id) if batch.state in (batches.ENTERED, batches.ENTERING) else [],
    )


def _samples(rows: list[BatchRow]) -> tuple[str, ...]:
    """The first row's cells: to see what a column without a head holds."""
    first = next((row for row in rows if row.sealed), None)
    return unseal(first.id, first.sealed).cells if first is not None and first.sealed else ()


def _posted(batch: Batch) -> ResponseReturnValue:
    action, version, batch_id = request.form.get("action", "save"), request.form.get("version", 0, type=int), batch.id
    try:
        if action == "map":
            columns = [request.form.get(f"column-{place}", "") for place in range(len(batch.columns))]
            batches.map_columns(staff(), batch_id, version, columns)
        elif action == "enter":
            batches.enter(staff(), batch_id, version)
        elif action == "drop":
            batch_dropping.drop(staff(), batch_id, version)
            flash(_("名单已丢弃。"), "success")
            return redirect(url_for("office.entered_page"))
        else:
            _save(batch_id, action)
    except (Conflict, InvalidAnswer) as error:
        db.session.rollback()
        status = status_of(error)
        return _shown(scope_entry.get_batch(staff(), batch_id), status, sentence(error))
    return redirect(url_for("office.batch_page", batch_id=batch_id, show=request.args.get("show") or None))


def _save(batch_id: str, action: str) -> None:
    """What the form holds, without a script."""
    gone = action.removeprefix("remove:") if action.startswith("remove:") else ""
    sent = []
    for ident in dict.fromkeys(request.form.getlist("row")):
        version = request.form.get(f"{_VERSION}{ident}", 0, type=int)
        names = [name for name in request.form if name.startswith(f"{_CELL}{ident}:")]
        cells = {int(name.rpartition(":")[2]): request.form[name] for name in names}
        sent.append(Sent(ident, version, None if ident == gone else cells))
    results = batch_mending.save_rows(staff(), batch_id, sent)
    late = sum(one.state == "conflict" for one in results)
    if late:
        flash(_n("%(n)d 行刚被同事改过，您填的还没有保存，请核对后再保存。", n=late), "warning")
    else:
        flash(_("已保存。"), "success")


@staff_route("/entry/batches/<batch_id>/rows", *ENTERERS, methods=("POST",))
def save_batch_rows(batch_id: str) -> ResponseReturnValue:
    """Save rows as they are typed; each comes back with what is wrong in it."""
    batch = scope_entry.get_batch(staff(), batch_id)
    sent = _sent()
    if sent is None:
        return jsonify(problem=str(_("没有保存：内容不完整，请刷新页面再试。"))), 400
    try:
        results = batch_mending.save_rows(staff(), batch_id, sent)
    except Conflict as error:
        db.session.rollback()
        return jsonify(problem=sentence(error)), 409
    taken = _heads(scope_entry.get_batch(staff(), batch.id))
    left = batches.counts(db.session(), batch_id)
    counts = {"all": left.get(batches.READY, 0) + left.get(batches.FAULTY, 0), "faulty": left.get(batches.FAULTY, 0)}
    return jsonify(rows=[_told(one, taken) for one in results], total={}, grand=None, counts=counts)


@staff_route("/entry/batches/<batch_id>/paste", *ENTERERS, methods=("POST",))
def paste_into_batch(batch_id: str) -> ResponseReturnValue:
    """A pasted text as cells by row, from the column it was pasted into; nothing is saved here."""
    batch = scope_entry.get_batch(staff(), batch_id)
    body = request.get_json(silent=True)
    told = body if isinstance(body, dict) else {}
    text, column, room = told.get("text"), told.get("column"), told.get("room")
    names = [f"c{head.place}" for head in _heads(batch)]
    if not isinstance(text, str) or column not in names or not isinstance(room, int):
        return jsonify(problem=str(_("没有贴进去：内容不完整，请刷新页面再试。"))), 400
    try:
        rows = pasting.cells(text)
    except InvalidAnswer as error:
        return jsonify(problem=sentence(error)), 422
    onward = names[names.index(column) :]
    return jsonify(rows=[dict(zip(onward, row, strict=False)) for row in rows[: max(0, room)]])


def _sent() -> list[Sent] | None:
    body = request.get_json(silent=True)
    rows = body.get("rows") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        return None
    out = []
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not isinstance(row.get("version"), int):
            return None
        cells = _cells(row.get("values"))
        if cells is None and row.get("values") is not None:
            return None
        out.append(Sent(row["id"], row["version"], cells))
    return out


def _cells(values: Any) -> Mapping[int, str] | None:
    if not isinstance(values, dict):
        return None
    names = list(values)
    if not all(name[:1] == "c" and name[1:].isdecimal() and isinstance(values[name], str) for name in names):
        return None
    return {int(name[1:]): values[name] for name in names}


def _told(one: Saved, taken: list[Head]) -> dict[str, Any]:
    content = one.content
    cells: dict[str, Any] = {}
    said = ""
    if content is not None:
        shown = _row(BatchRow(id=one.id, position=0, version=one.version), content, taken)
        cells = {f"c{cell.place}": {"text": cell.text, "mask": "", "problem": cell.problem} for cell in shown.cells}
        said = render_template("office/_batch_said.html", row=shown)
    note = str(_("同事刚改过这一行。下面是您填的；再保存一次，就用您填的。")) if one.state == "conflict" else ""
    lacks = [label[lang()] for label in content.lacks][:5] if content is not None else []
    return {
        "id": one.id,
        "state": one.state,
        "version": one.version,
        "note": note,
        "sums": {},
        "cells": cells,
        "lacks": lacks,
        "said": said,
    }
