"""What the unit fills in about a person (an employer's rating): a form on the application's page, for staff alone."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.office import scope, unit_entries
from webforms import office_trail
from webforms.i18n import counted as _n
from webforms.office_applications import application_context
from webforms.office_base import page, sentence, staff, staff_route

_FIELD, _VERSION = "unit:", "version:"


@staff_route("/applications/<application_id>/unit-fields", scope.REVIEWER, scope.OFFICE, methods=("GET", "POST"))
def unit_fields(application_id: str) -> ResponseReturnValue:
    """Fill in and save; after a problem the form again, with everything typed."""
    scope.get_application(staff(), application_id)  # before anything typed is looked at
    problem, problems, status = "", dict[str, str](), 200
    if request.method == "POST":
        try:
            found = _save(application_id)
        except Conflict as error:
            db.session.rollback()
            problem, status = sentence(error), 409
        else:
            if not found:
                flash(_("已保存。"), "success")
                return redirect(_next(application_id))
            problems = {key: sentence(error) for key, error in found.items()}
            problem, status = str(_n("有 %(n)d 项填写有误，都还没有保存；请改正后再保存。", n=len(problems))), 422
    context = application_context(application_id)
    return page("unit_fields.html", status, problem=problem, problems=problems, typed=_typed(), **context)


def _save(application_id: str) -> dict[str, InvalidAnswer]:
    versions = {
        name.removeprefix(_VERSION): request.form.get(name, 0, type=int)
        for name in request.form
        if name.startswith(_VERSION)
    }
    return unit_entries.save(staff(), application_id, _typed(), versions)


def _typed() -> dict[str, str]:
    """What was sent, by field."""
    return {name.removeprefix(_FIELD): value.strip() for name, value in request.form.items() if name.startswith(_FIELD)}


def _next(application_id: str) -> str:
    """On to the next person in the queue where the clerk asked for it, else back to this one."""
    following = request.form.get("then", "")
    if following and following == application_context(application_id)["following"]:
        return url_for("office.application", application_id=following, _anchor="unit-fields", **office_trail.carried())
    return office_trail.page_of(application_id)
