"""The reviewer's sheet: typed, read, derived and the photo side by side, differences first; on to a decision by key."""

from __future__ import annotations

import base64

from flask import Response, request
from flask.typing import ResponseReturnValue

from models import storage
from models.application import differences, queries
from models.application.pages import bound_to
from models.application.tables import DocumentPage
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.office import audit, scope, sheets
from webforms.crops import crop
from webforms.office_applications import READERS, application_context
from webforms.office_base import fragment, lang, page, sentence, staff, staff_route
from webforms.office_leases import opened


@staff_route("/applications/<application_id>/sheet", *READERS)
def sheet(application_id: str) -> ResponseReturnValue:
    """One table of everything that the papers show. Opening it is audited as opening the application."""
    opened(scope.get_application(staff(), application_id))
    context = application_context(application_id)
    context["plain"] = {name: value for name, value in context["trail"].items() if name != "sheet"}
    context["trail"] = {**context["plain"], "sheet": 1}
    made = sheets.sheet(context["view"], lang())
    others = [doubt.other for doubt in made.doubts if doubt.other]
    reach = set(db.session.scalars(scope.ids(staff(), others))) if others else set()
    return page("sheet.html", sheet=made, reach=reach, **context)


@staff_route("/pages/<page_id>/crop/<name>", *READERS)
def crop_image(page_id: str, name: str) -> ResponseReturnValue:
    """The photo around what was read, cut from the rebuilt copy; audited as looking at the page, never cached. What is
    masked has no such address: it is shown for a reason, by `reveal_reading`."""
    kept = scope.page(staff(), page_id)
    view = queries.view(kept.application_id)
    one, _ = sheets.found(view, page_id, name)
    if sheets.is_hidden(view, one):
        raise NotFound("office.not_found")
    picture = _cut(kept, name)
    if not picture:
        raise NotFound("office.not_found")
    audit.write_now(staff().id, audit.VIEW_PAGE, f"page:{page_id}")
    headers = {"Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"}
    return Response(picture, mimetype="image/jpeg", headers=headers)


@staff_route("/pages/<page_id>/reading/<name>", *READERS, methods=("GET", "POST"))
def reveal_reading(page_id: str, name: str) -> ResponseReturnValue:
    """Ask for a reason, then show what was typed and read in plain, with the photo around it, in this one answer."""
    kept = scope.page(staff(), page_id)
    one, _ = sheets.found(queries.view(kept.application_id), page_id, name)
    reason, values, picture, problem = request.form.get("reason", ""), None, "", ""
    if request.method == "POST":
        try:
            values = sheets.reveal(staff(), page_id, name, reason, lang())
        except InvalidAnswer as error:
            db.session.rollback()
            problem = sentence(error)
        else:
            picture = base64.b64encode(_cut(scope.page(staff(), page_id), name)).decode()
    template = "_reading_revealed.html" if fragment() else "reveal_reading.html"
    status = 422 if problem and not fragment() else 200  # htmx puts nothing into the page but a 200
    words = {"page_id": page_id, "name": name, "reason": reason, "problem": problem, "values": values}
    back = scope.page(staff(), page_id).application_id
    label = differences.label(one).get(lang())
    return page(template, status, picture=picture, application_id=back, label=label, **words)


def _cut(kept: DocumentPage, name: str) -> bytes:
    """The piece of the page; empty where the page is not rebuilt yet or nobody knows where on it that stands."""
    one, reading = sheets.found(queries.view(kept.application_id), kept.id, name)
    if kept.image_key is None or one.found is None or one.found.box is None:
        return b""
    return crop(storage.get(kept.image_key, bound_to(kept.id)), one.found.box, reading.quarter_turns)
