"""Photographed pages as staff see them: small in lists, marked by default, and as they are for a reason."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from models import clock, storage
from models.application import packs, queries
from models.application.labels import label
from models.application.pages import bound_to
from models.application.tables import Application, DocumentPage
from models.clock import CHINA
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.office import audit, reviews, scope
from models.office.change_states import is_evidence
from models.unit_of_work import unit_of_work
from webforms import office_trail, preview
from webforms.office_applications import READERS
from webforms.office_base import lang, page, sentence, staff, staff_route


@staff_route("/pages/<page_id>", *READERS)
def photo(page_id: str) -> ResponseReturnValue:
    """One photographed page, marked, with its neighbours."""
    found = scope.page(staff(), page_id)
    audit.write_now(staff().id, audit.VIEW_PAGE, f"page:{found.id}")
    return page("photo.html", **_place(page_id))


@staff_route("/pages/<page_id>/image/<any(preview,thumb):size>", *READERS)
def image(page_id: str, size: str) -> ResponseReturnValue:
    """The rebuilt picture, marked for whoever looks, or a small one for lists; never the upload as it came, never
    cached."""
    found = scope.page(staff(), page_id)
    data = _stored(found, found.image_key if size == "preview" else found.thumb_key)
    if size == "preview":
        data = preview.preview(data, _mark(found))
    headers = {"Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"}
    return Response(data, mimetype="image/jpeg", headers=headers)


@staff_route("/pages/<page_id>/full", *READERS, methods=("GET", "POST"))
def full_photo(page_id: str) -> ResponseReturnValue:
    """Ask for a reason, then show the page without a mark. The picture is in this one answer: it has no address that
    could be opened, sent on or cached."""
    found = scope.page(staff(), page_id)
    reason, picture, problem = request.form.get("reason", ""), "", ""
    if request.method == "POST":
        try:
            reason = reviews.check_reason(reason)
        except InvalidAnswer as error:
            problem = sentence(error)
        else:
            picture = base64.b64encode(_stored(found, found.image_key)).decode()
            staff_id, subject = staff().id, f"page:{found.id}"
            with unit_of_work() as session:
                audit.write(session, staff_id, audit.FULL_PAGE, subject, reason)
    status = 422 if problem else 200
    return page("photo_full.html", status, picture=picture, reason=reason, problem=problem, **_place(page_id))


def _stored(found: DocumentPage, key: str | None) -> bytes:
    if key is None:
        raise NotFound("office.not_found")
    return storage.get(key, bound_to(found.id))


def _mark(found: DocumentPage) -> str:
    """What it is for, who looks, and when, in China's time; in Chinese whatever the page's language, as the papers."""
    pack = packs.pack_of(db.session.get_one(Application, found.application_id))
    at = clock.current().now().astimezone(CHINA)
    return f"仅用于{pack.programme.short.zh}申报 · {staff().display_name} · {at:%Y-%m-%d %H:%M}"


def _place(page_id: str) -> dict[str, Any]:
    """The page among those of its application. Raises NotFound out of reach."""
    found = scope.page(staff(), page_id)
    view = queries.view(found.application_id)
    items = (*reviews.evidence(view, lang()), *_proofs(view))
    order = [(item, kept) for item in items for kept in item.pages]
    at = next((n for n, (_item, kept) in enumerate(order) if kept.id == page_id), None)
    if at is None:
        raise NotFound("office.not_found")
    item, kept = order[at]
    return {
        "item": item,
        "photo": kept,
        "number": [p.id for p in item.pages].index(page_id) + 1,
        "before": order[at - 1][1].id if at else None,
        "after": order[at + 1][1].id if at + 1 < len(order) else None,
        "application": view.application,
        "trail": office_trail.carried(),
        "back": office_trail.page_of(view.application.id),
    }


def _proofs(view: queries.ApplicationView) -> Iterator[reviews.Evidence]:
    """Photos that prove a change asked for after admission, a document a request."""
    for name in dict.fromkeys(one.document for one in view.pages if is_evidence(one.document)):
        key = f"document:{name}"
        yield reviews.Evidence(key, label(view.pack, key, lang()), "", False, view.document_pages(name))
