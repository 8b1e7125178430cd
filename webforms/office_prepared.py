"""Prepared answers: the list, a new one, one changed or removed; for the programme's office."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.errors import BoleError, NotFound
from models.extensions import db
from models.office import approved, prepared_answers, scope, scope_inbox
from models.office.inbox_tables import PreparedAnswer
from models.office.prepared_answers import Draft
from models.programme.loader import load_pack
from webforms.office_base import page, sentence, staff, staff_route, status_of


@staff_route("/prepared", scope.OFFICE)
def prepared_page() -> ResponseReturnValue:
    """Every prepared answer, the most used first."""
    return page("prepared.html", rows=prepared_answers.listed(staff()))


@staff_route("/prepared/new", scope.OFFICE, methods=("GET", "POST"))
def new_prepared() -> ResponseReturnValue:
    """Write one."""
    return _form(None) if request.method == "GET" else _saved(None)


@staff_route("/prepared/<prepared_id>", scope.OFFICE, methods=("GET", "POST"))
def prepared_answer(prepared_id: str) -> ResponseReturnValue:
    """Change one, or remove it."""
    row = scope_inbox.get_prepared(staff(), prepared_id)
    if request.method == "GET":
        return _form(row)
    if request.form.get("do") == "remove":
        prepared_answers.remove(staff(), prepared_id)
        flash(_("这条常用答复已删除。"), "success")
        return redirect(url_for("office.prepared_page"))
    return _saved(row)


def _saved(row: PreparedAnswer | None) -> ResponseReturnValue:
    form = request.form
    draft = Draft(*(form.get(name, "") for name in ("title", "text", "text_en", "clause")))
    ident = row.id if row is not None else ""
    try:
        prepared_answers.save(staff(), draft, ident, form.get("version", 0, type=int))
    except NotFound:
        raise
    except BoleError as error:
        db.session.rollback()
        again = scope_inbox.get_prepared(staff(), ident) if ident else None
        return _form(again, status_of(error), draft=draft, problem=sentence(error))
    flash(_("常用答复已保存，答复问题时可以插入。"), "success")
    return redirect(url_for("office.prepared_page"))


def _form(
    row: PreparedAnswer | None, status: int = 200, *, draft: Draft | None = None, problem: str = ""
) -> ResponseReturnValue:
    if draft is None:
        draft = Draft(row.title, row.text, row.text_en, row.clause) if row is not None else Draft("", "")
    clauses = approved.citable(load_pack(scope.programme(staff())))
    return page("prepared_form.html", status, row=row, draft=draft, clauses=clauses, problem=problem)
