"""The shared inbox: the list, one question with everything beside it, take, answer, ask back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from models import clock
from models.errors import BoleError, Conflict, NotFound
from models.extensions import db
from models.office import (
    audit,
    enquiries,
    enquiry_list,
    enquiry_moves,
    enquiry_queue,
    enquiry_states,
    prepared_answers,
    scope,
)
from models.office.scope_inbox import ANSWERERS
from models.office.tables import Enquiry, UnitRow
from webforms.office_base import fragment, lang, page, sentence, staff, staff_route, status_of
from webforms.office_enquiry_context import context, inserted, names, onward
from webforms.office_format import waited


@staff_route("/enquiries", *ANSWERERS)
def questions() -> ResponseReturnValue:
    """Questions: those that wait for us, who has waited longest first; filters are links."""
    state, unit = request.args.get("state", ""), request.args.get("unit", "")[:32]
    state = state if state in enquiry_list.VIEWS else ""
    number, now = max(request.args.get("page", 1, type=int), 1), clock.current().now()
    shown = enquiry_list.view(staff(), state, now, unit=unit, page=number)
    desks = _desks({*shown.units, *(row.unit_id for row in shown.rows)})
    return page(
        "enquiries.html",
        shown=shown,
        state=state,
        unit=unit,
        number=number,
        desks=desks,
        views=enquiry_list.VIEWS,
        standing=lambda row: enquiry_states.standing(row, now),
        lapsed=lambda row: enquiry_states.is_lapsed(row, now),
        since=enquiry_states.waits_since,
        age=lambda at: enquiry_list.age(at, now),
        waited=lambda at: waited(at, now),
        usual=_usual(shown.rows, now),
        names=names(n for row in shown.rows for n in (row.taken_by, row.answered_by) if n),
    )


@staff_route("/enquiries/<enquiry_id>", *ANSWERERS, methods=("GET", "POST"))
def question(enquiry_id: str) -> ResponseReturnValue:
    """One question, its thread, what was said around it and who asked; the form of the answer, after a problem with
    what was written. Opening it is audited, and begins the lease of whoever has it anew."""
    if request.method == "GET":
        audit_subject = f"enquiry:{scope.get_enquiry(staff(), enquiry_id).id}"
        audit.write_now(staff().id, audit.VIEW_ENQUIRY, audit_subject)
        enquiries.keep(staff(), enquiry_id)
        return _page(enquiry_id)
    if what := request.form.get("insert", ""):
        return _inserted(enquiry_id, what)
    move = enquiry_moves.ask_back if request.form.get("do") == "ask" else _answered
    text, version = request.form.get("answer", ""), request.form.get("version", 0, type=int)
    try:
        move(staff(), enquiry_id, text, version)
    except NotFound:
        raise
    except BoleError as error:
        db.session.rollback()
        return _page(enquiry_id, problem=sentence(error), status=status_of(error), text=text)
    prepared_answers.used(staff(), _used())
    if move is _answered:
        flash(_("答复已发出，对方在聊天和进度页都能看到。"), "success")
    else:
        flash(_("追问已发出，等对方回答；回答了会回到待接手。"), "success")
    return redirect(onward())


def _answered(member: object, enquiry_id: str, text: str, version: int) -> object:
    return enquiries.answer(enquiry_id, staff(), text, version)


def _used() -> list[str]:
    return request.form.getlist("prepared")[:20]


def _inserted(enquiry_id: str, what: str) -> ResponseReturnValue:
    """The form again with a clause or a prepared answer in it; nothing is kept."""
    kind, _colon, ident = what.partition(":")
    text = inserted(enquiry_id, request.form.get("answer", ""), what)
    used = [*_used(), ident] if kind == "prepared" else _used()
    if fragment():
        return page("_answer_box.html", text=text, used=used, inserted=True)
    return _page(enquiry_id, text=text, used=used)


def _page(
    enquiry_id: str, *, problem: str = "", status: int = 200, text: str = "", used: list[str] | None = None
) -> ResponseReturnValue:
    shown = used if used is not None else _used()
    return page("enquiry.html", status, problem=problem, text=text, used=shown, **context(enquiry_id))


@staff_route("/enquiries/<enquiry_id>/take", *ANSWERERS, methods=("POST",))
def take(enquiry_id: str) -> ResponseReturnValue:
    """Say that one is answering it."""
    problem = ""
    try:
        enquiries.take(staff(), enquiry_id, request.form.get("version", 0, type=int))
    except Conflict as error:
        db.session.rollback()
        problem = sentence(error)
    if fragment():
        return page("_taken.html", problem=problem, **context(enquiry_id))
    if problem:
        flash(problem, "warning")
    return redirect(url_for("office.question", enquiry_id=enquiry_id))


@staff_route("/enquiries/<enquiry_id>/keep", *ANSWERERS, methods=("POST",))
def keep(enquiry_id: str) -> ResponseReturnValue:
    """Somebody types: their lease begins anew."""
    enquiries.keep(staff(), enquiry_id)
    return Response("", 204)


@staff_route("/enquiries/<enquiry_id>/release", *ANSWERERS, methods=("POST",))
def release(enquiry_id: str) -> ResponseReturnValue:
    """Give it back to the queue."""
    try:
        enquiries.release(staff(), enquiry_id)
    except Conflict as error:
        db.session.rollback()
        flash(sentence(error), "warning")
    return redirect(url_for("office.questions"))


def _usual(rows: Iterable[Enquiry], now: datetime) -> dict[str | None, str]:
    """How long an answer takes at each desk of these, as the people who ask are told; empty where nothing is said."""
    desks = {row.unit_id: row for row in rows if row.state in enquiry_states.FOR_US}
    return {unit: enquiry_queue.told_usual(db.session(), row, now, lang()) for unit, row in desks.items()}


def _desks(ids: set[str | None]) -> dict[str, UnitRow]:
    found = db.session.scalars(select(UnitRow).where(UnitRow.id.in_([one for one in ids if one])))
    return {row.id: row for row in found}
