"""The programme's rounds, which administrators and the programme office keep."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.application import rounds
from models.application.tables import Round
from models.errors import InvalidAnswer
from models.extensions import db
from models.office import audit, scope
from models.programme.loader import load_pack
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work
from webforms.office_base import page, sentence, staff, staff_route

OFFICE = (scope.ADMIN, scope.OFFICE)
_BOTH = ("GET", "POST")


@staff_route("/rounds", *OFFICE, methods=_BOTH)
def rounds_page() -> ResponseReturnValue:
    """The programme's rounds; open another with its dates."""
    problem, status = "", 200
    if request.method == "POST":
        try:
            _open_round()
        except InvalidAnswer as error:
            problem, status = sentence(error), 422
        else:
            flash(_("新批次已建立。"), "success")
            return redirect(url_for("office.rounds_page"))
    found = db.session.scalars(scope.rounds(staff()).order_by(Round.opens.desc())).all()
    dated_ways = [channel for channel in _pack().selection.channels if channel.closes]
    words = {"typed": request.form, "may_stand": _may_stand(), "dated_ways": dated_ways}
    return page("rounds.html", status, rounds=found, problem=problem, **words)


def _pack() -> Pack:
    return load_pack(scope.programme(staff()))


def _may_stand() -> bool:
    """Whether a round of this programme may do without a closing day."""
    return _pack().programme.intake == "standing"


def _open_round() -> None:
    name = request.form.get("name", "").strip()
    if not name or len(name) > 200:
        raise InvalidAnswer("office.round_name")
    opens, closes = _day("opens"), _day("closes")
    standing = _may_stand() and not request.form.get("closes", "").strip()
    if opens is None or (closes is None and not standing) or (closes is not None and closes < opens):
        raise InvalidAnswer("office.round_dates")
    slug, staff_id = scope.programme(staff()), staff().id
    overlap = rounds.overlapping(slug, opens, closes)
    if overlap is not None and overlap.closes is None:
        raise InvalidAnswer("office.round_standing", name=overlap.name)
    if overlap is not None:
        raise InvalidAnswer("office.round_overlap", name=overlap.name, opens=overlap.opens, closes=overlap.closes)
    with unit_of_work() as session:
        made = rounds.open_round(slug, name, opens, closes)
        session.flush()
        audit.write(session, staff_id, audit.OPEN_ROUND, f"round:{made.id}", f"{opens}..{closes or ''}")


def _day(field: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(field, "").strip())
    except ValueError:
        return None
