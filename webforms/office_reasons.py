"""The reasons that stand ready where something is returned: one list a programme, written by its office."""

from __future__ import annotations

from itertools import zip_longest

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.errors import BoleError
from models.extensions import db
from models.office import prepared_reasons, reason_sentences, scope
from webforms.office_base import page, sentence, staff, staff_route, status_of

SPARE = 3  # empty lines at the end


@staff_route("/reasons", scope.OFFICE, methods=("GET", "POST"))
def reasons_page() -> ResponseReturnValue:
    """The list: changed line by line, put in another order, or the shared one again."""
    found, version = reason_sentences.listed(scope.programme(staff()))
    lines = [(one.zh, "" if one.en == one.zh else one.en) for one in found]
    if request.method == "GET":
        return page("reasons.html", lines=[*lines, *[("", "")] * SPARE], version=version)
    seen = request.form.get("version", 0, type=int)
    zh, en = request.form.getlist("zh")[:100], request.form.getlist("en")[:100]
    typed = [(one, other) for one, other in zip_longest(zh, en, fillvalue="")]
    try:
        if request.form.get("do") == "restore":
            prepared_reasons.restore(staff(), seen)
        else:
            prepared_reasons.save(staff(), typed, seen)
    except BoleError as error:
        db.session.rollback()
        status = status_of(error)
        theirs = found if status == 409 else ()
        words = {"lines": [*typed, ("", "")], "version": version, "theirs": theirs}
        return page("reasons.html", status, problem=sentence(error), **words)
    flash(str(_("退回理由已保存，退回时可以直接选。")), "success")
    return redirect(url_for("office.reasons_page"))
