"""Files that are missing or do not open: what administrators and the programme office see and may do about it."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from models.application import losing
from models.application.tables import Application, DocumentPage
from models.errors import InvalidAnswer
from models.extensions import db
from models.office import audit, scope
from models.office.tables import FileFault
from models.unit_of_work import unit_of_work
from webforms.office_base import page, sentence, staff, staff_route

KEEPERS = (scope.ADMIN, scope.OFFICE)
_ASKED_BY = ("document_page.image_key", "document_page.upload_key")  # without these there is no photo any more


@staff_route("/files", *KEEPERS)
def missing_files() -> ResponseReturnValue:
    """What the last look found, by application."""
    rows = db.session.scalars(scope.file_faults(staff()).order_by(FileFault.found_at, FileFault.key)).all()
    ids = {row.application_id for row in rows if row.application_id}
    receipts = select(Application.id, Application.receipt).where(Application.id.in_(ids))
    asked = select(DocumentPage.id).where(DocumentPage.id.in_({row.record for row in rows}))
    standing = set(db.session.scalars(asked.where(DocumentPage.state != "retake", DocumentPage.removed_at.is_(None))))
    may_ask = {row.id for row in rows if row.named_by in _ASKED_BY and row.record in standing}
    found = dict(db.session.execute(receipts).all())
    return page("files.html", rows=rows, receipts=found, may_ask=may_ask)


@staff_route("/files/<fault_id>/ask", *KEEPERS, methods=("POST",))
def ask_again(fault_id: str) -> ResponseReturnValue:
    """Ask the person for a lost photo again: a decision of people, kept in the audit."""
    fault = scope.get_file_fault(staff(), fault_id)
    staff_id, app_id, page_id, named_by = staff().id, fault.application_id, fault.record, fault.named_by
    if named_by not in _ASKED_BY or app_id is None:
        return redirect(url_for("office.missing_files"))
    try:
        with unit_of_work() as session:
            if losing.ask_again(session, app_id, page_id):
                audit.write(session, staff_id, audit.ASK_AGAIN, f"page:{page_id}")
    except InvalidAnswer as error:
        flash(sentence(error), "warning")
    else:
        flash(_("已请本人重拍。"), "success")
    return redirect(url_for("office.missing_files"))
