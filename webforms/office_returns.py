"""Workbooks that a unit has edited: uploaded, compared cell by cell, decided on, applied."""

from __future__ import annotations

from contextlib import closing
from itertools import groupby

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from models.application.tables import Application
from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.interview import wording
from models.office import returns, scope, scope_returns
from models.office.edition_tables import Edition, WorkbookReturn
from models.office.hidden_columns import hidden
from models.office.masking import mask
from models.office.return_cells import Choice
from models.office.return_diff import CONFLICT
from models.programme.loader import load_pack
from models.programme.official_columns import slots
from webforms.office_base import lang, page, sentence, staff, staff_route, status_of
from webforms.office_workbooks import COLLECTORS

_CELL = "cell-"  # names of the choices begin with it
_SHOWN = 50


@staff_route("/returns", *COLLECTORS)
def returns_page() -> ResponseReturnValue:
    """Upload, and what has been uploaded."""
    return _list()


@staff_route("/returns/new", *COLLECTORS, methods=("POST",))
def upload_return() -> ResponseReturnValue:
    """Keep a file and have it read."""
    with closing(request.files.get("file") or FileStorage()) as upload:
        data, name = upload.stream.read(returns.LARGEST + 1), upload.filename or ""
    try:
        ident = returns.upload(staff(), name, data)
    except InvalidAnswer as error:
        return _list(422, sentence(error))
    return redirect(url_for("office.return_page", return_id=ident))


@staff_route("/returns/<return_id>", *COLLECTORS)
def return_page(return_id: str) -> ResponseReturnValue:
    """What is otherwise in the file, person by person, and what is to become of it."""
    return _one(scope_returns.get_return(staff(), return_id))


@staff_route("/returns/<return_id>/decide", *COLLECTORS, methods=("POST",))
def decide_return(return_id: str) -> ResponseReturnValue:
    """Keep choices, apply them, or put the file aside."""
    row = scope_returns.get_return(staff(), return_id)
    version = request.form.get("version", 0, type=int)
    chosen = {name.removeprefix(_CELL): way for name, way in request.form.items() if name.startswith(_CELL)}
    act = request.form.get("act", "keep")
    try:
        if act == "drop":
            returns.drop(staff(), return_id, version)
        elif act == "apply":
            returns.apply(staff(), return_id, version, chosen)
        else:
            returns.decide(staff(), return_id, version, chosen | _many(row, act))
    except (InvalidAnswer, Conflict) as error:
        status = status_of(error)
        return _one(scope_returns.get_return(staff(), return_id), status, sentence(error), chosen)
    if act == "keep":
        flash(_("已保存选择，还没有改动任何内容。"), "success")
    return redirect(url_for("office.return_page", return_id=return_id))


def _many(row: WorkbookReturn, act: str) -> dict[str, str]:
    """``theirs:<column>``, ``ours:<column>``: a choice for all conflicts of a column, or with ``*`` for all."""
    way, _sign, column = act.partition(":")
    if way not in ("theirs", "ours") or row.state != returns.READ:
        return {}
    cells = returns.shown(db.session(), row)
    return {one.id: way for one in cells if one.kind == CONFLICT and column in ("*", one.column)}


def _list(status: int = 200, problem: str = "") -> ResponseReturnValue:
    query = scope_returns.returns(staff()).order_by(WorkbookReturn.created_at.desc(), WorkbookReturn.id).limit(_SHOWN)
    rows = list(db.session.scalars(query))
    books = load_pack(scope.programme(staff())).workbooks
    return page(
        "returns.html", status, rows=rows, books=books, problem=problem, largest=returns.LARGEST >> 20, said=_said
    )


def _said(row: WorkbookReturn) -> str:
    return wording.say(row.problem, lang(), **row.params) if row.problem else ""


def _one(
    row: WorkbookReturn, status: int = 200, problem: str = "", chosen: dict[str, str] | None = None
) -> ResponseReturnValue:
    pack = load_pack(scope.programme(staff()))
    cells = returns.shown(db.session(), row) if row.state == returns.READ else []
    heads = {each.id: each.header for each in slots(pack, row.kind)} if row.kind else {}
    veiled = hidden(pack, row.kind)
    keys = [one.key for one in cells] + list(row.params.get("missing", ()))
    reached = scope.applications(staff()).where(Application.id.in_(keys))
    names = {one.id: one.name or one.receipt for one in db.session.scalars(reached)}
    groups = [(key, list(group)) for key, group in groupby(cells, key=lambda one: one.key)]
    conflicts = [one for one in cells if one.kind == CONFLICT]

    def text(one: Choice, value: str) -> str:
        return mask(veiled[one.column], value) if one.column in veiled else value

    def why(one: Choice) -> str:
        return wording.say(one.problem, lang(), **one.params)

    return page(
        "returned.html",
        status,
        row=row,
        edition=db.session.get(Edition, row.edition_id) if row.edition_id else None,
        label=pack.workbooks.label(row.kind) if row.kind else "",
        groups=groups,
        heads=heads,
        names=names,
        columns=list(dict.fromkeys(one.column for one in conflicts)),
        counts={kind: sum(1 for one in cells if one.kind == kind) for kind in ("change", CONFLICT, "refused")},
        proposed=len({one.key for one in cells if one.kind != "refused" and one.column.startswith("field:")}),
        text=text,
        why=why,
        said=_said(row),
        problem=problem,
        chosen=chosen or {},
    )
