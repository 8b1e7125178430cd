"""The bound volume of an application: ask for it, take it out."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models import outbox
from models.application.packs import pack_of
from models.application.tables import Application
from models.errors import NotFound
from models.extensions import db
from models.office import audit, scope, volumes
from models.office.tables import Volume
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work
from webforms import office_trail
from webforms.downloads import disposition
from webforms.office_base import fragment, page, staff, staff_route

READERS = (scope.REVIEWER, scope.OFFICE)


@staff_route("/applications/<application_id>/volume", *READERS, methods=("POST",))
def make_volume(application_id: str) -> ResponseReturnValue:
    """Promise a volume of what the application shows now."""
    found = scope.get_application(staff(), application_id)
    if not volumes.wanted(pack_of(found)):
        raise NotFound("office.not_found")
    with unit_of_work() as session:
        volumes.promise(session, found)
    flash(_("已开始生成申报册。"), "success")
    return redirect(office_trail.page_of(application_id))


@staff_route("/applications/<application_id>/volume", *READERS)
def volume_card(application_id: str) -> ResponseReturnValue:
    """The part of the application's page about its volume, for a page that asks again: of nobody's answers, so not in
    the audit. 204 while it is still being made."""
    found = scope.get_application(staff(), application_id)
    if not volumes.wanted(pack_of(found)):
        raise NotFound("office.not_found")
    if not fragment():
        return redirect(office_trail.page_of(found.id))
    shown = card(found, pack_of(found))
    if shown["volume_under_way"] and "under_way" in request.args:
        return Response(status=204)
    return page("_volume.html", application=found, trail=office_trail.carried(), **shown)


def card(application: Application, pack: Pack) -> dict[str, Any]:
    """What is shown of an application's volume."""
    session, form = db.session(), pack.workbooks.form
    if not volumes.wanted(pack):
        return {"volume_wanted": False}
    row = session.get(Volume, application.id)
    return {
        "volume_wanted": True,
        "volume": row,
        "volume_outdated": row and row.fingerprint != volumes.fingerprint(session, application),
        "volume_under_way": application.id in outbox.under_way(session, volumes.JOB, application.id),
        "copies": form.copies if form else 1,
    }


@staff_route("/applications/<application_id>/volume.pdf", *READERS)
def volume(application_id: str) -> ResponseReturnValue:
    """The volume as a file. The export is audited before the bytes leave."""
    found = scope.get_application(staff(), application_id)
    row = db.session.get(Volume, found.id)
    if row is None:
        raise NotFound("office.not_found")
    name = volumes.file_name(found)
    audit.write_now(staff().id, audit.EXPORT_VOLUME, f"application:{found.id}", f"{row.pages}")
    response = Response(volumes.read(row), mimetype="application/pdf")
    response.headers["Content-Disposition"] = disposition(name)
    return response
