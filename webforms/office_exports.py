"""Exports: asked for from a search or the queue, approved by a second person, fetched while their time lasts."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models import clock
from models.application.tables import Application
from models.errors import BoleError, NotFound
from models.extensions import db
from models.office import exports, scope, scope_exports, searching, worklist
from models.office.queue_filter import Filter
from models.office.tables import Staff
from models.office.workbook_data import file_name
from models.office.workbook_files import XLSX
from models.programme.loader import load_pack
from webforms.downloads import disposition
from webforms.office_base import lang, page, sentence, staff, staff_route, status_of
from webforms.office_search import read

MAY = scope_exports.MAY


@staff_route("/exports", *MAY)
def exports_page() -> ResponseReturnValue:
    """One's own exports and those of one's unit, the latest first."""
    rows = exports.listed(staff())
    ids = {row.staff_id for row in rows} | {row.approved_by for row in rows if row.approved_by}
    return page(
        "exports.html", rows=rows, names=_names(ids), may={r.id for r in rows if exports.may_settle(staff(), r)}
    )


@staff_route("/exports/new", *MAY, methods=("GET", "POST"))
def new_export() -> ResponseReturnValue:
    """What is to be exported of a search's or the queue's result, and why."""
    if request.method == "GET":
        return redirect(url_for("office.search"))
    people, problem, status = _people(), "", 200
    if request.form.get("step") == "ask":
        chosen = [key for key, _label, _hidden in _columns() if key in request.form.getlist("column")]
        full = request.form.get("full") == "1"
        try:
            ident = exports.ask(staff(), people, chosen, full, request.form.get("reason", ""))
            return redirect(url_for("office.export_page", export_id=ident), 303)
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), 422
    words: dict[str, Any] = {"count": len(people), "columns": _columns(), "alone": exports.alone()}
    words |= {"full": exports.role_of(staff()) == scope.OFFICE, "most": exports.MOST, "typed": request.form}
    return page("export_new.html", status, problem=problem, **words)


@staff_route("/exports/<export_id>", *MAY, methods=("GET", "POST"))
def export_page(export_id: str) -> ResponseReturnValue:
    """One export: how far it is; for a second person to approve or refuse."""
    row = scope_exports.get_export(staff(), export_id)
    problem, status = "", 200
    if request.method == "POST":
        approved = request.form.get("do") == "approve"
        try:
            exports.settle(staff(), export_id, approved, request.form.get("words", ""))
            told = _("已同意，文件正在生成。") if approved else _("已拒绝，申请导出的同事看得到您写的话。")
            flash(str(told), "success")
            return redirect(url_for("office.exports_page"), 303)
        except NotFound:
            raise
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), status_of(error)
            row = scope_exports.get_export(staff(), export_id)
    held = exports.content(row)
    labels = {key: label for key, label, _hidden in _columns()}
    words: dict[str, Any] = {"row": row, "held": held, "columns": [labels.get(key, key) for key in held.columns]}
    words |= {"names": _names({row.staff_id, row.approved_by or 0}), "may": exports.may_settle(staff(), row)}
    live = row.staff_id == staff().id and exports.is_ready(row)
    return page("export.html", status, problem=problem, live=live, **words)


@staff_route("/exports/<export_id>/file", *MAY)
def export_file(export_id: str) -> ResponseReturnValue:
    """The file, for whoever asked for it, while its time lasts. In the audit before the bytes leave."""
    try:
        row, data = exports.take(staff(), export_id)
    except NotFound:
        raise
    except BoleError as error:
        db.session.rollback()
        flash(sentence(error), "warning")
        return redirect(url_for("office.export_page", export_id=export_id))
    short = load_pack(row.programme).programme.short.zh
    unit = staff().unit
    name = file_name(unit.name if unit else "", short, f"导出{row.id[:8]}", clock.current().today())
    response = Response(data, mimetype=XLSX)
    response.headers["Content-Disposition"] = disposition(name)
    return response


def _people() -> list[str]:
    """Who is meant, in the order in which they are shown."""
    if request.form.get("from") == "queue":
        return [one for one, _version in worklist.ids(staff(), Filter.read(request.args), exports.MOST + 1)]
    wanted = read()
    if wanted.empty:
        return []
    newest = searching.matching(staff(), wanted).order_by(Application.submitted_at.desc(), Application.id.desc())
    return list(db.session.scalars(newest.with_only_columns(Application.id).limit(exports.MOST + 1)))


def _columns() -> list[tuple[str, str, bool]]:
    """Answers that can be columns: key, label, whether it is hidden on pages."""
    pack = load_pack(scope.programme(staff()))
    labels = exports.labels(pack, lang())
    fields = [
        field
        for section in pack.form.sections
        for field in section.fields
        if field.kind != "rows" and field.profile != "name"
    ]
    return [(f"field:{one.id}", labels[f"field:{one.id}"], one.sensitive) for one in fields]


def _names(ids: set[int]) -> dict[int, str]:
    found = db.session.execute(db.select(Staff.id, Staff.display_name).where(Staff.id.in_(ids)))
    return {row[0]: row[1] for row in found}
