"""What was given in another programme on this device: brought over with a consent to exactly that, or not."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.application import reuse, reuse_words
from models.application.queries import ApplicationView
from models.errors import Conflict, NotFound
from webforms.apply_base import DOOR, Problem, blueprint, bringable, onward, opened, page, require_form, say
from webforms.i18n import lang


@blueprint.route("/p/<slug>/bring", methods=["GET", "POST"])
def bring(slug: str) -> ResponseReturnValue:
    """One question before the form; later reached from the task list."""
    view = opened(slug)
    elsewhere = require_form(view)
    if elsewhere:
        return elsewhere
    offer = bringable(view)
    if offer is None:  # nothing (any more): a second tap, or the other application has gone
        return redirect(url_for("apply.tasks", slug=slug) if request.method == "POST" else onward(view))
    if request.method == "GET":
        return _show(view, offer)
    if request.form.get("choice") == "no":
        reuse.decline(view.application.id, offer.source.slug, DOOR)
        return redirect(url_for("apply.tasks", slug=slug))
    if not request.form.get("agree"):
        return _show(view, offer, [Problem("agree", _("请先打勾同意，或者选“不用，重新填”。"))])
    return _accept(view, offer)


def _accept(view: ApplicationView, offer: reuse.Offer) -> ResponseReturnValue:
    slug = view.pack.slug
    try:
        reuse.accept(view.application.id, offer.source_id, request.form.get("mark", ""), DOOR)
    except (Conflict, NotFound) as exc:
        view = opened(slug)
        now = bringable(view)
        return redirect(onward(view)) if now is None else _show(view, now, [Problem("what", say(exc))])
    return redirect(url_for("apply.tasks", slug=slug))


def _show(view: ApplicationView, offer: reuse.Offer, problems: list[Problem] | None = None) -> ResponseReturnValue:
    return page(
        "bring",
        view,
        kept=False,
        problems=problems or (),
        question=reuse_words.question(offer, lang()),
        lines=reuse_words.lines(offer, lang()),
        consent=reuse_words.consent(offer, lang()),
        version=reuse.CONSENT_VERSION,
        mark=offer.mark,
    )
