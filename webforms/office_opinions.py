"""A unit's opinion about a person (单位审核意见): words, signer and day; the seal is put on paper."""

from __future__ import annotations

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models import clock
from models.errors import BoleError, NotFound
from models.extensions import db
from models.office import opinions, scope
from webforms import office_trail
from webforms.office_applications import application_context
from webforms.office_base import page, sentence, staff, staff_route, status_of
from webforms.office_registry import day_of


@staff_route("/applications/<application_id>/opinion", scope.REVIEWER, scope.OFFICE, methods=("GET", "POST"))
def unit_opinion(application_id: str) -> ResponseReturnValue:
    """Write or change the own unit's opinion; every unit on the person's way has its own."""
    scope.get_application(staff(), application_id)  # before anything typed is looked at
    problem, status = "", 200
    if request.method == "POST":
        form = request.form
        words, signer = form.get("opinion", ""), form.get("signer", "")
        try:
            opinions.save(
                staff(), application_id, words, signer, day_of("day"), form.get("opinion_version", 0, type=int)
            )
        except NotFound:
            raise
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), status_of(error)
        else:
            flash(_("已保存。"), "success")
            return redirect(office_trail.page_of(application_id), 303)
    context = application_context(application_id)
    own = next((one for one in context["opinions"] if one.unit_id == staff().unit_id), None)
    return page(
        "opinion.html",
        status,
        problem=problem,
        typed=request.form,
        own=own,
        now=clock.current().today(),
        **context,
    )
