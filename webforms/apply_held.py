"""What is held of a person, who looked at it, and all of it to take along (PIPL, articles 44 and 45)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from bot_adapter import exchanges
from models import clock, storage
from models.application import expiring, labels, looks, pages, queries
from models.application.queries import ApplicationView
from models.application.tables import ConsentRecord
from models.application.timeline import status_name
from models.crypto import Damaged
from models.errors import NotFound
from models.extensions import db
from models.office import threads
from models.office.tables import Enquiry
from webforms import signed_papers
from webforms.apply_base import blueprint, opened, page
from webforms.apply_submit import parts, unit_name
from webforms.downloads import disposition
from webforms.i18n import lang


@blueprint.get("/p/<slug>/held")
def held(slug: str) -> ResponseReturnValue:
    """What is kept, for how long, who looked; and the ways to see, correct, take along and delete it."""
    view = opened(slug)
    return page("held", view, kept=False, **_told(view), pages=len(view.pages))


@blueprint.post("/p/<slug>/held/file")
def held_file(slug: str) -> ResponseReturnValue:
    """Everything in one file: to read (.html), for another system (.json), and the photos."""
    view = opened(slug)
    response = Response(_archive(view), mimetype="application/zip")
    response.headers["Content-Disposition"] = disposition(f"{_('我的申报')}_{view.application.receipt}.zip")
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _told(view: ApplicationView) -> dict[str, Any]:
    application, language = view.application, lang()
    return {
        "looks": [_look(view, one) for one in looks.looks(db.session(), application)],
        "consents": list(_consents(view)),
        "retention": expiring.words(view.pack),
        "paper": signed_papers.paper(application.id),
        "status_name": status_name(view.pack, application.status, language),
        "unit_name": unit_name(view),
    }


def _look(view: ApplicationView, one: looks.Look) -> dict[str, Any]:
    about = labels.label(view.pack, one.key, lang()) if one.key else ""
    name = (one.unit.name_en if lang() == "en" else one.unit.name) if one.unit else _("系统管理员")
    return {"at": one.at, "unit": name, "what": f"{_what(one.what)}{about}"}


def _what(what: str) -> str:
    """What was done, in the page's language; a revealed answer's label follows."""
    words = {
        looks.OPENED: _("打开了您的申报"),
        looks.PHOTO: _("看了照片"),
        looks.FULL_PHOTO: _("看了没有水印的照片"),
        looks.REVEALED: _("看了全部内容："),
        looks.TAKEN_OUT: _("取出了有您信息的表格或材料"),
        looks.COMPARED: _("看了您也报了哪个项目"),
    }
    return str(words[what])


def _consents(view: ApplicationView) -> Iterator[dict[str, Any]]:
    titles = {consent.id: consent.title.get(lang()) for consent in view.pack.programme.consents}
    query = select(ConsentRecord).where(ConsentRecord.application_id == view.application.id)
    for record in db.session.scalars(query.order_by(ConsentRecord.given_at)):
        title = titles.get(record.consent, record.consent)
        yield {"title": title, "version": record.version, "given": record.given_at, "withdrawn": record.withdrawn_at}


def _said(view: ApplicationView) -> dict[str, Any]:
    """What the person wrote, and what people answered."""
    app_id = view.application.id
    said = exchanges.of_application(db.session(), app_id)
    asked = select(Enquiry).where(Enquiry.application_id == app_id).order_by(Enquiry.created_at)
    return {
        "messages": [{"at": one.at, "text": one.text} for one in said if one.text],
        "questions": [
            {"at": line.at, "mine": line.kind in threads.THEIRS, "text": line.text}
            for q in db.session.scalars(asked)
            for line in threads.shared(db.session(), q)
            if line.text
        ],
    }


def _archive(view: ApplicationView) -> bytes:
    told = (
        _told(view)
        | _said(view)
        | {"timeline": queries.timeline(view, lang()), "check_parts": parts(view, change=False)}
    )
    photos = list(_photos(view))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        words = {**told, "view": view, "pack": view.pack, "lng": lang(), "photos": photos}
        words["now"] = clock.current().now()
        archive.writestr(f"{_('我的申报')}.html", render_template("apply/held_file.html", **words))
        archive.writestr("data.json", json.dumps(_plain(view, told), ensure_ascii=False, indent=1, default=str))
        for name, data in photos:
            if data is not None:
                archive.writestr(zipfile.ZipInfo(name), data)  # a JPEG does not get smaller
    return made.getvalue()


def _photos(view: ApplicationView) -> Iterator[tuple[str, bytes | None]]:
    """The kept copies, by the document that each is of; None for one that is lost (staff see which), so that the rest
    is not kept back."""
    for number, one in enumerate(view.pages, start=1):
        if one.image_key:
            title = labels.label(view.pack, f"document:{one.document}", lang()).replace("/", "-")[:60]
            yield f"{_('照片')}/{number:02d}_{title}.jpg", _kept(one.image_key, pages.bound_to(one.id))


def _kept(key: str, bound_to: str) -> bytes | None:
    try:
        return storage.get(key, bound_to)
    except (NotFound, Damaged):
        return None


def _plain(view: ApplicationView, told: dict[str, Any]) -> dict[str, Any]:
    """The same for a machine: answers as they are kept, by their keys."""
    application = view.application
    return {
        "programme": view.pack.slug,
        "programme_version": application.pack_version,
        "receipt": application.receipt,
        "status": application.status,
        "submitted_at": application.submitted_at,
        "answers": view.answers,
        "consents": told["consents"],
        "paper": told["paper"]
        and {"unit": told["paper"].unit.zh, "where": told["paper"].where, "at": told["paper"].at},
        "events": [{"type": event.type, "at": event.at} for event in view.events],
        "looks": told["looks"],
        "messages": told["messages"],
        "questions": told["questions"],
    }
