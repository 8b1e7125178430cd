"""One decision about many cases: what it would mean for each, confirmed, taken back in time, and how it went."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models import clock
from models.application import labels
from models.application.tables import new_id
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.interview import wording
from models.office import bulk, reason_sentences, scope, scope_bulk
from models.office.bulk_choice import APPROVE, RETURN, Choice, check
from models.office.queue_filter import Filter
from models.programme.loader import load_pack
from webforms.office_applications import PREPARED_OPINIONS
from webforms.office_base import lang, page, sentence, staff, staff_route
from webforms.office_decisions import signed
from webforms.office_leases import ticked

DECIDERS = (scope.REVIEWER, scope.OFFICE)


@staff_route("/bulk", *DECIDERS, methods=("POST",))
def bulk_preview() -> ResponseReturnValue:
    """What would happen to each of the ticked cases, or to all that the filter shows. Writes nothing."""
    chosen = ticked()
    if not chosen:
        flash(str(_("请先勾选申报。")), "warning")
        return redirect(_queue())
    return _preview(_choice(), chosen)


@staff_route("/bulk/begin", *DECIDERS, methods=("POST",))
def begin_bulk() -> ResponseReturnValue:
    """Confirm what was looked at; what has been chosen otherwise since is looked at first."""
    choice, chosen, bulk_id = _choice(), ticked(), request.form.get("bulk", "")[:32] or new_id()
    if bulk.begun(staff(), bulk_id):  # pressed twice
        return redirect(url_for("office.bulk_page", bulk_id=bulk_id), 303)
    try:
        check(choice)
        found = bulk.survey(staff(), chosen, choice, lang())
        if request.form.get("looked") != choice.digest([case.application.id for case in found.possible]):
            raise InvalidAnswer("bulk.look_again")
        bulk.begin(staff(), bulk_id, choice, found)
    except InvalidAnswer as error:
        db.session.rollback()
        return _preview(choice, chosen, sentence(error), 422)
    return redirect(url_for("office.bulk_page", bulk_id=bulk_id), 303)


@staff_route("/bulk", *DECIDERS)
def bulks_page() -> ResponseReturnValue:
    """The latest of them."""
    return page("bulks.html", courses=bulk.listed(staff()))


@staff_route("/bulk/<bulk_id>", *DECIDERS)
def bulk_page(bulk_id: str) -> ResponseReturnValue:
    """How one goes, case by case; it looks again by itself until it is over."""
    row = scope_bulk.get_bulk(staff(), bulk_id)
    (course,) = bulk.course([row])
    choice, pack = Choice.of(row), load_pack(row.programme)
    reasons = [labels.named(pack, key, reason, lang()) for key, reason in choice.reasons.items()]
    items = [(one, found, _said(one.problem)) for one, found in bulk.items(staff(), row)]
    return page("bulk.html", course=course, reasons=reasons, items=items)


@staff_route("/bulk/<bulk_id>/undo", *DECIDERS, methods=("POST",))
def undo_bulk(bulk_id: str) -> ResponseReturnValue:
    """Take it back while nothing has happened."""
    try:
        bulk.undo(staff(), bulk_id)
    except InvalidAnswer as error:
        db.session.rollback()
        flash(sentence(error), "warning")
    else:
        flash(str(_("已撤销，没有办理任何一份。")), "success")
    return redirect(url_for("office.bulk_page", bulk_id=bulk_id), 303)


def _said(problem: str) -> str:
    return wording.say(problem, lang()) if problem else ""


def _choice() -> Choice:
    action = request.form.get("action", "")
    if action == APPROVE:
        return Choice(APPROVE, signed())
    given = {key: request.form.get(f"reason:{key}", "").strip() for key in request.form.getlist("key")[:200]}
    if action != RETURN:
        raise NotFound("office.not_found")
    return Choice(RETURN, reasons=given)


def _preview(
    choice: Choice, chosen: list[tuple[str, int]], problem: str = "", status: int = 200
) -> ResponseReturnValue:
    found = bulk.survey(staff(), chosen, choice, lang())
    possible = [case.application.id for case in found.possible]
    problems = {case.application.id: _said(case.problem) for case in found.impossible}
    context: dict[str, Any] = {
        "choice": choice,
        "found": found,
        "problems": problems,
        "looked": choice.digest(possible),
        "bulk_id": request.form.get("bulk", "")[:32] or new_id(),
        "problem": problem,
        "typed": request.form,
        "prepared": reason_sentences.offered(scope.programme(staff()), "zh"),
        "prepared_opinions": [wording.say(f"office.opinion.{name}", "zh") for name in PREPARED_OPINIONS],
        "back": _queue(),
        "filter": Filter.read(request.args).query(),
        "now": clock.current().today(),
    }
    return page(f"bulk_{'approve' if choice.action == APPROVE else 'return'}.html", status, **context)


def _queue() -> str:
    return url_for("office.queue", **Filter.read(request.args).query())
