"""People who have applied in another programme as well, as the office is told of it, and the switches by which both
offices agree to be told at all."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.application import admission
from models.application.lifecycle import LIVE
from models.application.tables import Application
from models.errors import BoleError, NotFound
from models.extensions import db
from models.office import audit, elsewhere, identity_numbers, scope, scope_elsewhere
from models.office.batch_tables import Elsewhere
from models.office.tables import Staff
from models.programme.loader import load_pack
from webforms.office_base import lang, page, sentence, staff, staff_route, status_of

SHOWN = 200


@staff_route("/elsewhere", scope.OFFICE)
def elsewhere_page() -> ResponseReturnValue:
    """Who waits, the longest first, or who has been settled; below, with whom the office compares."""
    past = request.args.get("show") == elsewhere.SETTLED
    query = scope_elsewhere.cases(staff())
    if past:
        query = query.where(Elsewhere.state == elsewhere.SETTLED).order_by(Elsewhere.settled_at.desc(), Elsewhere.id)
    else:
        query = query.where(Elsewhere.state == elsewhere.OPEN, Application.status.in_(LIVE))
        query = query.order_by(Elsewhere.found_at, Elsewhere.id)
    cases = db.session.execute(query.limit(SHOWN)).all()
    choices = elsewhere.choices(db.session(), staff())
    words: dict[str, Any] = {"cases": cases, "past": past, "choices": choices, "titles": _titles(cases)}
    return page("elsewhere.html", **words, how=_how, waiting=elsewhere.waiting(db.session(), staff()))


@staff_route("/elsewhere/switch", scope.OFFICE, methods=("POST",))
def switch_comparison() -> ResponseReturnValue:
    """Begin or cease to compare with another programme."""
    on = request.form.get("on") == "1"
    elsewhere.switch(staff(), request.form.get("other", ""), on)
    done = _("已打开。对方也打开以后才开始比对。") if on else _("已关闭。没有处理的不再显示，双方都是。")
    flash(done, "success")
    return redirect(url_for("office.elsewhere_page"), 303)


@staff_route("/elsewhere/<row_id>", scope.OFFICE, methods=("GET", "POST"))
def elsewhere_case(row_id: str) -> ResponseReturnValue:
    """One of them, and what the own office decides. Opening it is audited."""
    application_id, form = scope_elsewhere.get_row(staff(), row_id).application_id, request.form
    if request.method == "GET":
        audit.write_now(staff().id, audit.VIEW_ELSEWHERE, f"application:{application_id}")  # the person reads it
        return _shown(row_id)
    decision, version = form.get("decision", ""), form.get("version", 0, type=int)
    try:
        elsewhere.settle(staff(), row_id, version, decision, form.get("reason", ""))
    except NotFound:
        raise
    except BoleError as error:
        db.session.rollback()
        return _shown(row_id, sentence(error), status_of(error))
    if decision == elsewhere.END:
        flash(_("已记下。请在这里退回、不予通过，或者请本人撤回。"), "success")
        return redirect(url_for("office.application", application_id=application_id), 303)
    flash(_("已记下。"), "success")
    return redirect(url_for("office.elsewhere_page"), 303)


def _shown(row_id: str, problem: str = "", status: int = 200) -> ResponseReturnValue:
    found = db.session.execute(scope_elsewhere.cases(staff()).where(Elsewhere.id == row_id)).one_or_none()
    if found is None:  # the own application is no more to be looked at
        raise NotFound("office.not_found")
    row, application, intake, standing = found
    settler = db.session.get(Staff, row.settled_by) if row.settled_by else None
    return page(
        "elsewhere_case.html",
        status,
        row=row,
        application=application,
        intake=intake,
        how=_how(row.other, standing),
        title=_titles([found]).get(row.other, ""),
        settler=settler.display_name if settler else "",
        number=identity_numbers.masked(db.session(), [application]).get(application.id, ""),
        problem=problem,
        typed=request.form,
    )


def _titles(cases: Any) -> dict[str, str]:
    return {case[0].other: load_pack(case[0].other).programme.title.get(lang()) for case in cases}


def _how(other: str, standing: str) -> str:
    """How far the other application is, in the words of its programme where somebody has been admitted."""
    kind = elsewhere.kind(standing)
    if kind == elsewhere.ADMITTED:
        return str(admission.words(load_pack(other))["done"].get(lang()))
    return str(_("申报中") if kind == elsewhere.APPLIED else _("已结束"))
