"""Going on with an application on another device: by link, by the chat's link, or by receipt code.

A receipt code is shown and read out, so it opens only what it says by itself: once an ID number has been given, its
last four characters are asked too. Attempts are limited by address and by code, and every failure reads the same.
"""

from __future__ import annotations

import hmac

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from bot_adapter.channels.origin import forbid_cross_site, from_here
from models.application import handoff as handoff_link
from models.application import queries
from models.application.queries import ApplicationView
from models.errors import NotFound
from models.programme.form import IDENTITY_KINDS
from models.programme.typed import fold
from webforms import access
from webforms.access import limiter
from webforms.apply_base import Problem, blueprint, page, switching

BY_ADDRESS = "20 per hour"
BY_CODE = "5 per 15 minutes"
BY_LINK = "60 per hour"


def _failed(response: Response) -> bool:
    """Only what failed is counted: a whole office may sit behind one address."""
    return response.status_code >= 400


@blueprint.get("/resume")
def resume() -> ResponseReturnValue:
    """The form for the receipt code."""
    return page("resume", receipt="", last4="", expired=bool(request.args.get("expired")))


@blueprint.post("/resume")
@limiter.limit(BY_ADDRESS, deduct_when=_failed)
@limiter.limit(BY_CODE, key_func=access.receipt_key, deduct_when=_failed)
def resume_by_code() -> ResponseReturnValue:
    """Open the application of this code, if what the person knows agrees."""
    forbid_cross_site()
    code, last4 = request.form.get("receipt", "")[:40], request.form.get("last4", "")[:20]
    if switching():
        return page("resume", receipt=code, last4=last4, expired=False)
    view = _by_code(code)
    if view is None or not _knows(view, last4):
        problem = _("编号或身份证（护照）号最后四位不对，请核对后再试。")
        return page("resume", receipt=code, last4=last4, expired=False, problems=[Problem("receipt", problem)])
    return _enter(view)


def _by_code(code: str) -> ApplicationView | None:
    try:
        return queries.view(queries.by_receipt(code).id)
    except NotFound:
        return None


def _knows(view: ApplicationView, last4: str) -> bool:
    """Whether the person knows the ID number given in this application; without one nothing personal may be in it."""
    fields = (field for section in view.pack.form.sections for field in section.fields)
    numbers = [view.answers.get(f"field:{field.id}") for field in fields if field.kind in IDENTITY_KINDS]
    given = [number for number in numbers if isinstance(number, str) and number]
    if not given:
        # Nothing personal may be in it: any other sealed answer keeps the draft shut to a bare code.
        return not any(view.answers.get(key) for key in view.sealed_keys)
    guess = fold(last4).upper().encode()
    return any(hmac.compare_digest(number[-4:].upper().encode(), guess) for number in given)


def _enter(view: ApplicationView, link: str = "") -> ResponseReturnValue:
    slug = view.pack.slug
    access.hold(slug, view.application.id, link)
    return redirect(url_for("apply.go_on", slug=slug))


@blueprint.route("/r/<token>", methods=["GET", "POST"])
@limiter.limit(BY_LINK, deduct_when=_failed)
def resume_link(token: str) -> ResponseReturnValue:
    """A resume link: remembered on this device, then the address shows nothing of it."""
    return _followed(queries.view(queries.by_resume_token(token).id), token)


@blueprint.route("/h/<token>", methods=["GET", "POST"])
@limiter.limit(BY_LINK, deduct_when=_failed)
def handoff(token: str) -> ResponseReturnValue:
    """A link that another door (the chat) made."""
    found = handoff_link.read(token)
    if found is None:
        return page("resume", receipt="", last4="", expired=True, status=410)
    view = queries.view(found)
    if view.application.status == "deleted":
        raise NotFound("error.not_found")
    return _followed(view)


def _followed(view: ApplicationView, link: str = "") -> ResponseReturnValue:
    """Anybody can send anybody a link: before an application becomes this device's, it says whose it is and asks, or
    a person would write their own data into a stranger's. Not asked again: from our own pages, and for what is held."""
    if request.method == "POST":
        forbid_cross_site()
        return _enter(view, link)
    held = access.application_id(view.pack.slug)
    if from_here() or held == view.application.id:
        return _enter(view, link)
    return page("enter", pack=view.pack, slug=view.pack.slug, application=view.application, other=_receipt_of(held))


def _receipt_of(app_id: str | None) -> str:
    """The receipt code of the application that this device holds already, if it is still there."""
    try:
        application = queries.view(app_id).application if app_id else None
    except NotFound:
        return ""
    return application.receipt if application is not None and application.status != "deleted" else ""
