"""Documents: one a page, several photographed pages a document, with or without JavaScript."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from flask import current_app, jsonify, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models import storage
from models.application import lifecycle, service
from models.application import pages as stored_pages
from models.application.queries import ApplicationView
from models.application.tables import DocumentPage
from models.documents.remarks import REMARKS
from models.errors import InvalidAnswer, NotFound
from models.interview import wording
from models.interview.steps import Ask
from models.programme.pack import Document
from models.programme.papers import paper_of
from webforms import uploads
from webforms.apply_base import (
    DOOR,
    Problem,
    blueprint,
    coming_from,
    editable,
    next_task,
    onward,
    open_keys,
    opened,
    page,
    returned_reasons,
    say,
)
from webforms.apply_prefill import wants_look
from webforms.i18n import lang


@blueprint.get("/p/<slug>/d/<name>")
def document(slug: str, name: str) -> ResponseReturnValue:
    """What counts as this document, the pages so far, and the way to add one."""
    view = opened(slug)
    ask = _ask(view, name)
    shown = ask is not None and (_may_add(view, ask) or _waits(view, name))
    return _show(view, ask, name) if ask is not None and shown else redirect(onward(view))


def _may_add(view: ApplicationView, ask: Ask) -> bool:
    """Whether a photo can be added now: in a draft, to what was returned, or in place of a bad one."""
    if editable(view):
        allowed = open_keys(view)
        return allowed is None or ask.key in allowed
    pages = view.document_pages(ask.key.partition(":")[2])
    return view.application.status == lifecycle.SUBMITTED and any(one.state == "retake" for one in pages)


def _waits(view: ApplicationView, name: str) -> bool:
    """Whether a photo of a handed-in document is being looked at."""
    return any(one.state == "received" for one in view.document_pages(name))


@blueprint.post("/p/<slug>/d/<name>")
def add_pages(slug: str, name: str) -> ResponseReturnValue:
    """Keep the photos of the form. A script asks for JSON and sends one photo at a time."""
    view = opened(slug)
    ask = _ask(view, name)
    if ask is None:
        return redirect(onward(view))
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    if not uploads.files() and not wants_json:
        return _go_on(view, ask, name)
    received = uploads.receive(view.application.id, name, DOOR)
    if wants_json:
        return _answer(received)
    view = opened(slug)
    if received.refused is not None:
        return _show(view, ask, name, [Problem("photo", say(received.refused))])
    return redirect(_here(slug, name, "pages"))


def _answer(received: uploads.Received) -> ResponseReturnValue:
    if received.refused is not None:
        return jsonify(kept=received.kept, error=say(received.refused)), 422
    return jsonify(kept=received.kept)


def _go_on(view: ApplicationView, ask: Ask, name: str) -> ResponseReturnValue:
    """「继续」 without a new photo: on if there is enough, skipped if it may be, else said."""
    if ask.key in view.plan.answered:
        if wants_look(view, name):
            return redirect(url_for("apply.prefilled", slug=view.pack.slug))
        return redirect(next_task(view))
    if not ask.required and not view.document_pages(name):
        try:
            service.skip_document(view.application.id, name)
        except InvalidAnswer as exc:
            return _show(view, ask, name, [Problem("photo", say(exc))])
        return redirect(next_task(opened(view.pack.slug)))
    if any(one.state == "retake" for one in view.document_pages(name)):
        return _show(view, ask, name, [Problem("photo", _("有照片看不清，请重拍后再继续。"))])
    return _show(view, ask, name, [Problem("photo", _("请先拍照或选一张照片。"))])


@blueprint.post("/p/<slug>/d/<name>/remove")
def remove_page(slug: str, name: str) -> ResponseReturnValue:
    """Remove one page of a document."""
    return _change(slug, name, lambda app_id, page_id: service.remove_page(app_id, page_id), "pages")


@blueprint.post("/p/<slug>/d/<name>/move")
def move_page(slug: str, name: str) -> ResponseReturnValue:
    """Put one page at another place of its document. The form says which, so that pressing twice moves once."""
    place = request.form.get("place", 1, type=int)
    return _change(slug, name, lambda app_id, page_id: service.move_page(app_id, page_id, place))


@blueprint.post("/p/<slug>/d/<name>/turn")
def turn_page(slug: str, name: str) -> ResponseReturnValue:
    """Turn one page a quarter clockwise, from how the person saw it."""
    seen = request.form.get("seen", type=int)
    return _change(slug, name, lambda app_id, page_id: service.turn_page(app_id, page_id, seen))


def _change(slug: str, name: str, act: Callable[[str, str], None], anchor: str = "") -> ResponseReturnValue:
    view = opened(slug)
    found = next((one for one in view.document_pages(name) if one.id == request.form.get("page", "")), None)
    if found is None:  # pressed twice, or on another device: it is gone already
        return redirect(_here(slug, name, "pages"))
    try:
        act(view.application.id, found.id)
    except InvalidAnswer as exc:
        ask = _ask(view, name)
        return redirect(onward(view)) if ask is None else _show(view, ask, name, [Problem("pages", say(exc))])
    return redirect(_here(slug, name, anchor or f"page-{found.id}"))


def _here(slug: str, name: str, anchor: str) -> str:
    return url_for("apply.document", slug=slug, name=name, back=coming_from() or None) + f"#{anchor}"


@blueprint.get("/p/<slug>/page/<page_id>")
def thumb(slug: str, page_id: str) -> ResponseReturnValue:
    """The person's own page, small, from the rebuilt copy only."""
    view = opened(slug)
    found = _page(view, page_id)
    if found.thumb_key is None:
        raise NotFound("error.not_found")
    response = make_response(storage.get(found.thumb_key, stored_pages.bound_to(found.id)))
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _page(view: ApplicationView, page_id: str) -> DocumentPage:
    found = next((one for one in view.pages if one.id == page_id), None)
    if found is None:
        raise NotFound("error.not_found")
    return found


def _ask(view: ApplicationView, name: str) -> Ask | None:
    return view.plan.ask(f"document:{name}")


def _spec(view: ApplicationView, name: str) -> Document:
    return next(one for one in view.pack.documents.documents if one.id == name)


def _show(view: ApplicationView, ask: Ask, name: str, problems: list[Problem] | None = None) -> ResponseReturnValue:
    pages = view.document_pages(name)
    usable = sum(one.state != "retake" for one in pages)
    may_add, spec = _may_add(view, ask), _spec(view, name)
    wanted = request.values.get("retake") or request.form.get("replaces")
    replaceable = [one for one in pages if may_add and (editable(view) or one.state == "retake")]
    again = next((one for one in replaceable if one.id == wanted), None)
    answer = page(
        "document",
        view,
        problems=problems or (),
        ask=ask,
        document=spec,
        paper=paper_of(spec),
        sample=_sample(spec),
        name=name,
        pages=pages,
        again=again,
        again_number=pages.index(again) + 1 if again else 0,
        reason=_retake_reason,
        left_out=_left_out,
        remarks=REMARKS,
        room=_room(ask, usable) if may_add else 0,
        changeable=may_add and editable(view),
        handed_in=not editable(view),
        answered=ask.key in view.plan.answered,
        returned=ask.key in view.outstanding,
        returned_reason=returned_reasons(view).get(ask.key, ""),
        key=secrets.token_hex(12),
    )
    response = make_response(answer)
    if spec.portrait:  # no other page of ours may use a camera
        response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    return response


def _sample(document: Document) -> str:
    """The drawing of what it looks like, among the static files; empty where there is none."""
    paper = paper_of(document)
    name = f"samples/{paper.sample if paper else 'page'}.svg"
    return name if (Path(current_app.static_folder or "") / name).is_file() else ""


def _room(ask: Ask, usable: int) -> int:
    return max(0, ask.max_pages - usable) if ask.max_pages else 1


def _left_out(one: DocumentPage) -> str:
    """That a PDF had more pages than were kept, said beside its first one."""
    found = next((flag for flag in one.flags if flag["code"] == "flag.pdf_more"), None)
    return wording.say("photo.pdf_more", lang(), pages=found["pages"], kept=found["kept"]) if found else ""


def _retake_reason(one: DocumentPage) -> str:
    return wording.say(one.reason, lang()) if one.reason else ""
