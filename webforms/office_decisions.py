"""What staff decide: return named items, approve, decline by a clause, hand to another unit.

Each is a page of its own that keeps what was typed when something is wrong or a colleague was faster.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models import clock
from models.application import labels, lifecycle, moving, service
from models.errors import BoleError, Conflict, IllegalTransition, InvalidAnswer, NotFound
from models.extensions import db
from models.office import audit, decisions, reason_sentences, reviews, scope, sheets
from models.unit_of_work import unit_of_work
from webforms import office_trail
from webforms.office_applications import application_context, unit_choices
from webforms.office_base import lang, page, sentence, staff, staff_route, status_of
from webforms.office_registry import day_of

DECIDERS = (scope.REVIEWER, scope.OFFICE)
_BOTH = ("GET", "POST")
_EVENT = {  # what must be possible for each
    **{audit.RETURN: "items_returned", audit.APPROVE: "approved", audit.DECLINE: "declined"},
    **{audit.REROUTE: "rerouted", audit.REOPEN: "reopened"},
}


@staff_route("/applications/<application_id>/return", *DECIDERS, methods=_BOTH)
def return_items(application_id: str) -> ResponseReturnValue:
    """Tick fields and documents, each with its reason; only these open again for the person."""
    return _decision(application_id, audit.RETURN, _return, _return_words)


@staff_route("/applications/<application_id>/approve", *DECIDERS, methods=_BOTH)
def approve(application_id: str) -> ResponseReturnValue:
    """Approve, with the opinion that goes into the official form."""
    return _decision(application_id, audit.APPROVE, _approve)


@staff_route("/applications/<application_id>/decline", *DECIDERS, methods=_BOTH)
def decline(application_id: str) -> ResponseReturnValue:
    """Decline, naming the clause and the reason."""
    return _decision(
        application_id, audit.DECLINE, _decline, lambda context: {"judged": reviews.judged_clauses(context["view"])}
    )


@staff_route("/applications/<application_id>/reroute", *DECIDERS, methods=_BOTH)
def reroute(application_id: str) -> ResponseReturnValue:
    """Hand the application to the unit that collects it: the office to any, a unit back to the office."""
    return _decision(application_id, audit.REROUTE, _reroute, lambda _context: {"targets": unit_choices()})


@staff_route("/applications/<application_id>/reopen", scope.OFFICE, methods=_BOTH)
def reopen(application_id: str) -> ResponseReturnValue:
    """Open a handed-in application again under the version of the programme that is in force now."""
    return _decision(application_id, audit.REOPEN, _reopen, _reopen_words)


def _decision(
    application_id: str,
    action: str,
    act: Callable[[str, int], str],
    words: Callable[[dict[str, Any]], dict[str, Any]] = lambda _context: {},
) -> ResponseReturnValue:
    """Show a decision's form, or carry it out; after a problem the form again, with everything typed."""
    found = scope.get_decidable(staff(), application_id)  # before anything typed is looked at
    follow = office_trail.following(staff(), found)
    problem, status = "", 200
    if request.method == "POST":
        try:
            done = _carry_out(application_id, action, act)
        except NotFound:
            raise
        except BoleError as error:
            db.session.rollback()
            problem, status = _kindly(error, application_id, action), status_of(error)
        else:
            flash(done, "success")
            return redirect(_next(application_id, follow))
    context = application_context(application_id)
    return page(
        f"{action}.html", status, problem=problem, typed=request.form, follow=follow, **context, **words(context)
    )


def _carry_out(application_id: str, action: str, act: Callable[[str, int], str]) -> str:
    """The decision and its line in the audit, in one transaction."""
    staff_id, version = staff().id, request.form.get("version", 0, type=int)
    with unit_of_work() as session:
        done = act(application_id, version)
        decisions.settle(session, staff_id, action, application_id)
    return done


def _kindly(error: BoleError, application_id: str, action: str) -> str:
    if isinstance(error, IllegalTransition):
        return sentence(InvalidAnswer("office.not_now"))
    if isinstance(error, Conflict):
        now = scope.get_application(staff(), application_id).status
        return sentence(Conflict("office.changed" if lifecycle.allows(now, _EVENT[action]) else "office.settled"))
    return sentence(error)


def _next(application_id: str, follow: str | None) -> str:
    """On to the next case of the queue that the person came from, or to the queue itself where they ask for it or
    nothing is left; without a queue back to this one while it is in reach."""
    if request.form.get("then") == "queue" or (office_trail.current() and not follow):
        return office_trail.queue()
    if follow:
        return office_trail.page_of(follow)
    return office_trail.page_of(application_id) if _in_reach(application_id) else url_for("office.queue")


def _in_reach(application_id: str) -> bool:
    try:
        scope.get_application(staff(), application_id)
    except NotFound:
        return False
    return True


def _return(application_id: str, version: int) -> str:
    keys = request.form.getlist("item")
    if not keys:
        raise InvalidAnswer("office.nothing_ticked")
    known = reviews.returnable(_view(application_id))
    if not set(keys) <= set(known):
        raise InvalidAnswer("office.item_unknown")
    reasons = {key: _reason(f"reason:{key}") for key in known if key in keys}
    returned = decisions.return_items(staff().id, application_id, version, reasons)
    return str(_("已退回 %(n)d 项，已通知本人补正。", n=returned))


def _return_words(context: dict[str, Any]) -> dict[str, Any]:
    """The prepared reasons, in the language that the applicant reads."""
    language = context["application"].language
    reasons = reason_sentences.offered(context["application"].programme, language)
    suggested = {line.key: line.text for line in context["findings"] if line.key}
    taken = frozenset(request.args.getlist("take"))  # on the sheet, by the ids of its rows
    proposed = sheets.prepared(context["view"], taken, language)
    return {"prepared": reasons, "suggested": suggested, "proposed": proposed}


def signed() -> decisions.Signed:
    """The opinion that was typed, with who signs it and when."""
    signer, day = request.form.get("signer", staff().display_name), day_of("day") or clock.current().today()
    return decisions.Signed(request.form.get("opinion", "").strip(), signer, day)


def _approve(application_id: str, version: int) -> str:
    decisions.approve(db.session(), staff().id, application_id, version, signed())
    return str(_("已通过，已通知本人。"))


def _decline(application_id: str, version: int) -> str:
    clause = request.form.get("clause", "")
    if clause not in reviews.clauses(_view(application_id).pack):
        raise InvalidAnswer("office.clause_unknown")
    service.decline(application_id, staff().id, version, clause, _reason("reason"))
    return str(_("已作出不予通过的决定，已通知本人。"))


def _reroute(application_id: str, version: int) -> str:
    wanted = request.form.get("unit", "")
    if not wanted:
        raise InvalidAnswer("office.unit_unknown")
    target = scope.get_reroute_target(staff(), wanted)
    if target.id == scope.get_application(staff(), application_id).unit_id:
        raise InvalidAnswer("office.same_unit")
    name = target.name_en if lang() == "en" else target.name
    service.reroute(application_id, target.id, staff().id, version, _reason("reason"))
    return str(_("已转给%(unit)s。", unit=name))


def _reopen(application_id: str, version: int) -> str:
    service.reopen(application_id, staff().id, version, _reason("reason"))
    return str(_("已按新版本重新开放，已通知本人。"))


def _reopen_words(context: dict[str, Any]) -> dict[str, Any]:
    """What it would mean for this person."""
    found = moving.preview(db.session(), context["application"])
    return {"turn": found, "again": [labels.label(found.new, key, lang()) for key in found.again] if found else []}


def _reason(field: str) -> str:
    return reviews.check_reason(request.form.get(field, ""))


def _view(application_id: str) -> Any:
    from models.application import queries

    return queries.view(application_id)
