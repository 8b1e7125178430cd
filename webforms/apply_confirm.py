"""Whom a unit has entered sees all of it, corrects it, agrees or objects. The link alone shows nothing: the last four
characters of the ID number are asked first, few times a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from bot_adapter.channels.origin import forbid_cross_site
from models import clock
from models.application import expiring, lifecycle, queries, service
from models.application.queries import ApplicationView
from models.errors import BoleError, Conflict, IllegalTransition, NotFound, NotOpen, NotReady
from models.extensions import db
from models.interview import entering
from models.interview.prepared import prepared
from models.interview.steps import Stage
from models.office import confirmations
from models.office.batch_tables import Confirmation
from models.office.masking import mask
from models.programme.fields import display
from models.programme.pack import Text
from webforms import access, signed_papers
from webforms.access import limiter
from webforms.apply_base import DOOR, Problem, attach, blueprint, opened, page, say, switching
from webforms.apply_submit import CheckLine, CheckPart, parts
from webforms.apply_verdict import verdict_lines
from webforms.forms import bind
from webforms.i18n import lang

BY_ADDRESS = "60 per hour"  # a whole unit may sit behind one address; a link has its own, smaller number


def _failed(response: Response) -> bool:
    return response.status_code >= 400


@blueprint.get("/c/<token>")
@limiter.limit(BY_ADDRESS, deduct_when=_failed)
def confirm(token: str) -> ResponseReturnValue:
    """Ask for the last four characters, and say nothing about anybody."""
    return _ask(confirmations.by_token(token), token)


@blueprint.post("/c/<token>")
@limiter.limit(BY_ADDRESS, deduct_when=_failed)
def confirm_prove(token: str) -> ResponseReturnValue:
    """With the right ones, the application is open on this device."""
    forbid_cross_site()
    row = confirmations.by_token(token)
    last4 = request.form.get("last4", "")[:20]
    if switching():
        return _ask(row, token, last4)
    app_id = row.application_id
    if not confirmations.prove(token, last4):
        return _ask(confirmations.by_token(token), token, last4, wrong=True)
    application = queries.view(app_id).application
    access.hold(application.programme, app_id)
    return redirect(url_for("apply.entered", slug=application.programme))


def _ask(row: Confirmation, token: str, last4: str = "", *, wrong: bool = False) -> ResponseReturnValue:
    view = queries.view(row.application_id)
    over = confirmations.is_over(row) or view.application.status == lifecycle.DELETED
    problems = [Problem("last4", _("后四位不对，请看着证件再输一次。"))] if wrong and not over else []
    left = max(0, confirmations.MOST_TRIES - row.tries)
    title = view.pack.programme.short
    gone = 410 if over else 200
    return page(
        "confirm_prove", problems=problems, status=gone, token=token, last4=last4, over=over, left=left, title=title
    )


@blueprint.route("/p/<slug>/entered", methods=["GET", "POST"])
def entered(slug: str) -> ResponseReturnValue:
    """All that the unit has entered, the verdict on it, the consents and declarations; agree, change or object."""
    view = opened(slug)
    row = confirmations.of_application(view.application.id)
    if row is None:
        raise NotFound("error.not_found")
    if request.method == "POST" and not switching():
        if request.form.get("answer") == "object":
            return _object(view, row)
        return _agree(view, row)
    return _shown(view, row, request.form if request.method == "POST" else None)


def _as_if_agreed(view: ApplicationView) -> ApplicationView:
    """The same application with what would be live once everything is agreed to, to be looked at."""
    held = replace(view.held, answers=entering.agreed(view.pack, view.answers))
    return ApplicationView(view.snapshot, held, view.pages, view.findings)


def _shown(
    view: ApplicationView,
    row: Confirmation,
    sent: Any = None,
    refused: Mapping[str, BoleError] | None = None,
    problem: str = "",
) -> ResponseReturnValue:
    whole = _as_if_agreed(view)
    plan = whole.plan
    asks = {ask.key: ask for ask in plan.asks if ask.stage in (Stage.CONSENT, Stage.DECLARATION)}
    consents = {key: ask for key, ask in asks.items() if ask.stage is Stage.CONSENT}
    said = {key: ask for key, ask in asks.items() if ask.stage is Stage.DECLARATION}
    version = (view.pack.slug, view.pack.programme.version)
    fields, declared = bind(version, consents, view.answers, sent), bind(version, said, view.answers, sent)
    problems = [Problem("main", problem)] if problem else []
    problems += attach([*fields, *declared], refused or {})
    missing = [ask for ask in plan.asks if ask.key not in plan.answered and ask.key not in asks]
    return page(
        "entered",
        view,
        kept=False,
        problems=problems,
        confirmation=row,
        paper=signed_papers.paper(row.application_id),
        unit=_unit(row),
        check_parts=[*parts(whole, change=False), *_resting(whole)],
        lines=verdict_lines(view.pack, plan.assessment, ()),
        outcome=plan.assessment.outcome.value,
        fields=fields,
        declared=declared,
        missing=missing,
        retention=expiring.words(view.pack),
        draft=view.application.status == lifecycle.DRAFT,
        may_object=lifecycle.allows(view.application.status, "withdrawn"),
        today=clock.current().today(),
    )


def _resting(whole: ApplicationView) -> list[CheckPart]:
    """What is held and not asked yet, because a question before it is open: the person sees all of it."""
    ready = prepared(whole.pack)
    asks = (*ready.facts.values(), *ready.fields.values())
    held = [ask for ask in asks if ask.key in whole.answers and whole.plan.ask(ask.key) is None]
    lines = []
    for ask in held:
        shown = display(ask, whole.answers[ask.key], lang())
        masked = mask(ask.kind, shown) if ask.key in whole.sealed_keys and shown else ""
        lines.append(CheckLine(ask.label, shown, "", False, (), masked))
    return [CheckPart(_("单位填写的其他内容"), tuple(lines))] if lines else []


def _unit(row: Confirmation) -> Text:
    return signed_papers.unit_name(row)


def _agree(view: ApplicationView, row: Confirmation) -> ResponseReturnValue:
    """Keep what was ticked; then hand in, or go on to what is to be changed or added."""
    slug, app_id = view.pack.slug, view.application.id
    wanted: dict[str, Any] = {}
    for ask in _as_if_agreed(view).plan.asks:
        if ask.stage in (Stage.CONSENT, Stage.DECLARATION) and view.answers.get(ask.key) is not True:
            wanted[ask.key] = bool(request.form.get(ask.key))
    change = request.form.get("answer") == "change"
    if change:  # the declarations are about what is handed in, and that comes later
        wanted = {key: value for key, value in wanted.items() if key.startswith("consent:")}
    refused = confirmations.agree(app_id, wanted, DOOR)
    if refused:
        return _shown(opened(slug), row, request.form, refused)
    if change:
        return redirect(url_for("apply.check", slug=slug))
    try:
        service.submit(app_id, DOOR)
    except NotReady:
        return redirect(url_for("apply.go_on", slug=slug))
    except (Conflict, NotOpen) as error:
        db.session.rollback()
        return _shown(opened(slug), confirmations.of_application(app_id) or row, request.form, problem=say(error))
    return redirect(url_for("apply.receipt", slug=slug))


def _object(view: ApplicationView, row: Confirmation) -> ResponseReturnValue:
    if request.form.get("sure") != "yes":
        return page("entered_object", view, unit=_unit(row))
    try:
        confirmations.object_to(view.application.id)
    except IllegalTransition as error:
        db.session.rollback()
        return _shown(opened(view.pack.slug), row, problem=say(error))
    return page("entered_objected", opened(view.pack.slug), unit=_unit(row))
