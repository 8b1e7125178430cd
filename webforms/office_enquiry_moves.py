"""A question: note, pass on, close without an answer. After a problem the page comes again with what was typed."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.errors import BoleError, NotFound
from models.extensions import db
from models.office import enquiry_moves
from models.office.scope_inbox import ANSWERERS
from webforms.office_base import page, sentence, staff, staff_route, status_of
from webforms.office_enquiry_context import context, onward


@staff_route("/enquiries/<enquiry_id>/note", *ANSWERERS, methods=("POST",))
def note(enquiry_id: str) -> ResponseReturnValue:
    """A word between colleagues."""
    text = request.form.get("note", "")
    return _done(
        enquiry_id,
        lambda: enquiry_moves.note(staff(), enquiry_id, text),
        str(_("备注已记下，只有同事看得到。")),
        back=url_for("office.question", enquiry_id=enquiry_id),
    )


@staff_route("/enquiries/<enquiry_id>/pass", *ANSWERERS, methods=("POST",))
def pass_on(enquiry_id: str) -> ResponseReturnValue:
    """To the programme office, a unit or a colleague."""
    to, text = request.form.get("to", ""), request.form.get("pass_note", "")
    return _done(
        enquiry_id,
        lambda: enquiry_moves.pass_on(staff(), enquiry_id, to, text, _version()),
        str(_("问题已转交。")),
        back=url_for("office.questions"),
    )


@staff_route("/enquiries/<enquiry_id>/close", *ANSWERERS, methods=("POST",))
def close_question(enquiry_id: str) -> ResponseReturnValue:
    """End it without an answer, with a reason that the person is told."""
    reason = request.form.get("reason", "")
    return _done(
        enquiry_id,
        lambda: enquiry_moves.close(staff(), enquiry_id, reason, _version()),
        str(_("问题已结束，对方会看到原因。")),
    )


def _version() -> int:
    return request.form.get("version", 0, type=int)


def _done(enquiry_id: str, move: Callable[[], object], said: str, *, back: str = "") -> ResponseReturnValue:
    try:
        move()
    except NotFound:
        raise
    except BoleError as error:
        db.session.rollback()
        typed = {name: request.form.get(name, "") for name in ("note", "to", "pass_note", "reason")}
        status = status_of(error)
        return page("enquiry.html", status, problem=sentence(error), text="", used=[], **typed, **context(enquiry_id))
    flash(said, "info")  # what was typed as an answer stays on this device
    return redirect(back or onward())
