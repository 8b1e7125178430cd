"""Asking the person of a case something, from the case."""

from __future__ import annotations

import secrets

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.errors import InvalidAnswer
from models.extensions import db
from models.office import enquiry_asking, scope
from webforms import office_trail
from webforms.office_applications import application_context
from webforms.office_base import page, sentence, staff, staff_route
from webforms.office_decisions import DECIDERS


@staff_route("/applications/<application_id>/ask", *DECIDERS, methods=("GET", "POST"))
def ask_person(application_id: str) -> ResponseReturnValue:
    """Write what one would like to know; nothing is returned, and the case stays as it is."""
    scope.get_decidable(staff(), application_id)  # before anything typed is looked at
    text, problem = request.form.get("text", ""), ""
    nonce = request.form.get("nonce", "")[:32] or secrets.token_hex(8)
    if request.method == "POST":
        try:
            enquiry_asking.ask_person(staff(), application_id, text, nonce)
        except InvalidAnswer as error:
            db.session.rollback()
            problem = sentence(error)
        else:
            flash(_("问题已发出；对方回答了会出现在这份申报里。"), "success")
            return redirect(office_trail.page_of(application_id))
    words = {"problem": problem, "text": text, "nonce": nonce}
    return page("ask_person.html", 422 if problem else 200, **words, **application_context(application_id))
