"""The question queue: list, take, answer, with the person's state beside."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import case

from models import clock
from models.application.packs import pack_of
from models.application.tables import Application
from models.errors import BoleError, Conflict, NotFound
from models.extensions import db
from models.office import enquiries, scope
from models.office.tables import Enquiry, Staff
from models.programme.loader import load_pack
from models.programme.pack import Pack
from webforms.office_base import fragment, lang, page, sentence, staff, staff_route
from webforms.office_format import ago

ANSWERERS = (scope.ANSWERER, scope.REVIEWER, scope.OFFICE)
LIMIT = 200


@staff_route("/enquiries", *ANSWERERS)
def questions() -> ResponseReturnValue:
    """Questions, those that wait first, oldest first."""
    state = request.args.get("state", "")
    query = scope.enquiries(staff())
    query = query.where(Enquiry.state == state) if state else query.where(Enquiry.state != enquiries.ANSWERED)
    if state == enquiries.ANSWERED:
        query = query.order_by(Enquiry.answered_at.desc())
    else:
        query = query.order_by(case((Enquiry.state == enquiries.OPEN, 0), else_=1), Enquiry.created_at)
    rows = db.session.scalars(query.limit(LIMIT)).all()
    now = clock.current().now()
    return page("enquiries.html", rows=rows, state=state, waited=lambda at: ago(at, now), takers=_names(list(rows)))


@staff_route("/enquiries/<enquiry_id>", *ANSWERERS, methods=("GET", "POST"))
def question(enquiry_id: str) -> ResponseReturnValue:
    """One question, the person's state, and the answer's form; after a problem with what was written."""
    problem, status, text = "", 200, request.form.get("answer", "")
    if request.method == "POST":
        try:
            enquiries.answer(enquiry_id, staff(), text, request.form.get("version", 0, type=int))
        except NotFound:
            raise
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), 409 if isinstance(error, Conflict) else 422
        else:
            flash(_("答复已发出，对方在聊天和进度页都能看到。"), "success")
            return redirect(url_for("office.questions"))
    return page("enquiry.html", status, problem=problem, text=text, **_context(enquiry_id))


@staff_route("/enquiries/<enquiry_id>/take", *ANSWERERS, methods=("POST",))
def take(enquiry_id: str) -> ResponseReturnValue:
    """Say that one is answering it."""
    try:
        enquiries.take(staff(), enquiry_id, request.form.get("version", 0, type=int))
    except Conflict as error:
        if fragment():
            return page("_taken.html", 200, problem=sentence(error), **_context(enquiry_id))
        flash(sentence(error), "warning")
    if fragment():
        return page("_taken.html", problem="", **_context(enquiry_id))
    return redirect(url_for("office.question", enquiry_id=enquiry_id))


@staff_route("/enquiries/<enquiry_id>/release", *ANSWERERS, methods=("POST",))
def release(enquiry_id: str) -> ResponseReturnValue:
    """Give it back to the queue."""
    try:
        enquiries.release(staff(), enquiry_id)
    except Conflict as error:
        flash(sentence(error), "warning")
    return redirect(url_for("office.questions"))


def _context(enquiry_id: str) -> dict[str, Any]:
    enquiry = scope.get_enquiry(staff(), enquiry_id)
    application = db.session.get(Application, enquiry.application_id) if enquiry.application_id else None
    return {
        "enquiry": enquiry,
        "application": application,
        "reachable": application is not None and _reaches(application.id),
        "programme": load_pack(enquiry.programme).programme.short.get(lang()),
        "step": _step_name(enquiry, pack_of(application) if application else load_pack(enquiry.programme)),
        "takers": _names([enquiry]),
    }


def _reaches(application_id: str) -> bool:
    return db.session.scalar(scope.applications(staff()).where(Application.id == application_id)) is not None


def _names(rows: list[Enquiry]) -> dict[int, str]:
    """Who took or answered the questions: colleagues' names, also of those who have left."""
    ids = {n for row in rows for n in (row.taken_by, row.answered_by) if n}
    return {n: found.display_name for n in ids if (found := db.session.get(Staff, n))}


def _step_name(enquiry: Enquiry, pack: Pack) -> str:
    """Where the person was: the wording of the question that stood before them."""
    kind, _colon, name = enquiry.step_key.partition(":")
    if kind == "fact":
        facts = (*pack.eligibility.facts, *pack.routing.facts)
        return next((fact.question.get(lang()) for fact in facts if fact.id == name), "")
    if kind == "field":
        asked = (field for section in pack.form.sections for field in section.fields)
        return next((field.label.get(lang()) for field in asked if field.id == name), "")
    if kind == "document":
        return next((d.title.get(lang()) for d in pack.documents.documents if d.id == name), "")
    return {"claim": str(_("选择类别")), "verdict": str(_("查看结论")), "declaration": str(_("声明"))}.get(kind, "")
