"""Answers for everybody: approved once from an answered question, tied to a clause, renewed, withdrawn."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.errors import BoleError, Conflict, NotFound
from models.extensions import db
from models.interview import wording
from models.office import approved, scope
from models.office.approved import Draft
from models.office.tables import ApprovedAnswer, Enquiry, Staff
from models.programme.loader import load_pack
from webforms.office_base import lang, page, sentence, staff, staff_route, status_of

STATES = ("given", "aside", "withdrawn")


@staff_route("/answers", scope.OFFICE)
def answers_page() -> ResponseReturnValue:
    """Every answer by whether it is given, put aside because its clause reads otherwise now, or withdrawn."""
    query = scope.approved(staff()).order_by(ApprovedAnswer.approved_at.desc(), ApprovedAnswer.id)
    rows = list(db.session.scalars(query))
    pack = load_pack(scope.programme(staff())) if rows else None
    of = {row.id: approved.state(row, pack) for row in rows if pack is not None}
    state = request.args.get("state", STATES[0])
    shown = [row for row in rows if of[row.id] == state]
    counts = [(name, sum(found == name for found in of.values())) for name in STATES]
    return page("answers.html", rows=shown, state=state, counts=counts, names=_names(shown))


@staff_route("/enquiries/<enquiry_id>/approve", scope.OFFICE, methods=("GET", "POST"))
def approve_answer(enquiry_id: str) -> ResponseReturnValue:
    """Approve an answered question's answer for everybody."""
    enquiry = scope.get_enquiry(staff(), enquiry_id)
    before = db.session.scalar(scope.approved(staff()).where(ApprovedAnswer.enquiry_id == enquiry_id))
    if before is not None and request.method == "GET":
        return redirect(url_for("office.approved_answer", answer_id=before.id))
    if request.method == "GET":
        clause = approved.quoted(load_pack(enquiry.programme), enquiry.answer)
        return _form(Draft(enquiry.question, enquiry.answer, "", clause), enquiry=enquiry)
    return _saved(lambda draft: approved.approve(staff(), enquiry_id, draft), enquiry=enquiry)


@staff_route("/answers/<answer_id>", scope.OFFICE, methods=("GET", "POST"))
def approved_answer(answer_id: str) -> ResponseReturnValue:
    """One answer: change it, or approve it again under the clause as it reads now."""
    row = scope.get_approved(staff(), answer_id)
    if request.method == "GET":
        return _form(Draft(row.question, row.answer, row.answer_en, row.clause), row=row)
    version = request.form.get("version", 0, type=int)
    return _saved(lambda draft: approved.revise(staff(), answer_id, draft, version), row=row)


@staff_route("/answers/<answer_id>/withdraw", scope.OFFICE, methods=("POST",))
def withdraw_answer(answer_id: str) -> ResponseReturnValue:
    """Stop giving it."""
    try:
        approved.withdraw(staff(), answer_id, request.form.get("version", 0, type=int))
    except Conflict as error:
        flash(sentence(error), "warning")
        return redirect(url_for("office.approved_answer", answer_id=answer_id))
    flash(_("这条公用答复不再给出。"), "success")
    return redirect(url_for("office.answers_page", state="withdrawn"))


def _saved(save: Any, **about: Any) -> ResponseReturnValue:
    """Keep what was written; what looks like something of a person has to be confirmed first."""
    form = request.form
    draft = Draft(*(form.get(name, "") for name in ("question", "answer", "answer_en", "clause")))
    doubts = [wording.say(key, lang()) for key in approved.doubts(draft)]
    if doubts and not form.get("sure"):
        return _form(draft, 422, doubts=doubts, **about)
    try:
        save(draft)
    except NotFound:
        raise
    except BoleError as error:
        db.session.rollback()
        return _form(draft, status_of(error), problem=sentence(error), **about)
    flash(_("以后有人问同样的问题，就会收到这条答复。"), "success")
    return redirect(url_for("office.answers_page"))


def _form(
    draft: Draft,
    status: int = 200,
    *,
    enquiry: Enquiry | None = None,
    row: ApprovedAnswer | None = None,
    doubts: list[str] | None = None,
    problem: str = "",
) -> ResponseReturnValue:
    pack = load_pack(scope.programme(staff()))
    clauses = approved.citable(pack)
    return page(
        "answer_form.html",
        status,
        draft=draft,
        enquiry=enquiry,
        row=row,
        state=approved.state(row, pack) if row is not None else "",
        clauses=clauses,
        quote=next((clause.quote for clause in clauses if clause.ref == draft.clause), ""),
        doubts=doubts or [],
        problem=problem,
    )


def _names(rows: list[ApprovedAnswer]) -> dict[int, str]:
    ids = {row.approved_by for row in rows if row.approved_by}
    return {n: found.display_name for n in ids if (found := db.session.get(Staff, n))}
