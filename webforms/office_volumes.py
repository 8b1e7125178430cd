"""The bound volume of an application: ask for it, take it out."""

from __future__ import annotations

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.application.packs import pack_of
from models.errors import NotFound
from models.extensions import db
from models.office import audit, scope, volumes
from models.office.tables import Volume
from models.unit_of_work import unit_of_work
from webforms.downloads import disposition
from webforms.office_base import staff, staff_route

READERS = (scope.REVIEWER, scope.OFFICE)


@staff_route("/applications/<application_id>/volume", *READERS, methods=("POST",))
def make_volume(application_id: str) -> ResponseReturnValue:
    """Promise a volume of what the application shows now."""
    found = scope.get_application(staff(), application_id)
    if not volumes.wanted(pack_of(found)):
        raise NotFound("office.not_found")
    with unit_of_work() as session:
        volumes.promise(session, found)
    flash(_("正在生成申报册，稍候刷新本页即可下载。"), "success")
    return redirect(url_for("office.application", application_id=application_id))


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
