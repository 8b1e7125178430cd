"""People whom two units report (不重报): the office's list of them, both places side by side and the decision; and what
a unit reads of it on its own lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from models.application.tables import Application
from models.errors import BoleError, Conflict, IllegalTransition, InvalidAnswer, NotFound
from models.extensions import db
from models.interview import wording
from models.office import audit, double_cases, scope, scope_doubles
from models.office.batch_tables import Batch, BatchRow, Duplicate
from models.office.tables import Staff
from models.programme.loader import load_pack
from webforms.office_base import lang, page, sentence, staff, staff_route, status_of

REASONS = ("belongs", "agreed", "first", "number")
SETTLED = "settled"
LATEST = 200  # settled ones that are listed; older ones are in the audit


@staff_route("/doubles", scope.OFFICE)
def doubles_page() -> ResponseReturnValue:
    """Everybody whom two units report, who waits longest first; or what has been settled."""
    cases = double_cases.open_cases(db.session(), staff(), named=True)
    settled = scope_doubles.pairs(staff()).where(Duplicate.state == double_cases.SETTLED)
    past = request.args.get("show") == SETTLED
    query = settled.order_by(Duplicate.settled_at.desc(), Duplicate.id).limit(LATEST)
    pairs = list(db.session.scalars(query)) if past else []
    words = {"cases": cases, "pairs": pairs, "past": past, **_words()}
    return page("doubles.html", **words, stays=_stays(pairs), members=_members(pairs))


def _stays(pairs: list[Duplicate]) -> dict[str, Application]:
    """Of each settled pair, the application that has stayed, if it is one that the office may look at."""
    kept = {pair.second_id if pair.dropped_id == pair.first_id else pair.first_id: pair.id for pair in pairs}
    found = db.session.scalars(scope.applications(staff()).where(Application.id.in_(kept)))
    return {kept[one.id]: one for one in found}


def _members(pairs: list[Duplicate]) -> dict[int, str]:
    ids = {pair.settled_by for pair in pairs if pair.settled_by}
    rows = db.session.execute(select(Staff.id, Staff.display_name).where(Staff.id.in_(ids))).all() if ids else []
    return {row.id: row.display_name for row in rows}


@staff_route("/doubles/<double_id>", scope.OFFICE, methods=("GET", "POST"))
def double_page(double_id: str) -> ResponseReturnValue:
    """Both places side by side; a POST settles which unit goes on with the person. Opening it is audited."""
    scope_doubles.get_pair(staff(), double_id)
    if request.method == "GET":
        audit.write_now(staff().id, audit.VIEW_DOUBLE, f"double:{double_id}")
        return _shown(double_id)
    form = request.form
    try:
        side, reason = form.get("side", ""), form.get("reason", "")
        double_cases.settle(staff(), double_id, form.get("stamp", ""), side, reason)
    except NotFound:
        raise
    except BoleError as error:
        db.session.rollback()
        return _shown(double_id, _kindly(error), status_of(error))
    flash(_("已处理，结果写在那个单位的名单上。"), "success")
    onward = double_cases.open_cases(db.session(), staff())
    if onward and form.get("do") == "next":
        return redirect(url_for("office.double_page", double_id=onward[0].pair.id), 303)
    return redirect(url_for("office.doubles_page"), 303)


def _kindly(error: BoleError) -> str:
    if isinstance(error, IllegalTransition):
        return sentence(InvalidAnswer("office.not_now"))
    return sentence(Conflict("double.changed")) if isinstance(error, Conflict) else sentence(error)


def _shown(double_id: str, problem: str = "", status: int = 200) -> ResponseReturnValue:
    pair = scope_doubles.get_pair(staff(), double_id)
    case = double_cases.case(db.session(), staff(), pair)
    others = [one for one in double_cases.open_cases(db.session(), staff()) if one.pair.id != double_id]
    words = {"pair": pair, "case": case, "problem": problem, "typed": request.form, "left": len(others), **_words()}
    prepared = [wording.say(f"double.reason.{name}", "zh") for name in REASONS]
    return page("double.html", status, prepared=prepared, members=_members([pair]), **words)


def _words() -> dict[str, Any]:
    pack = load_pack(scope.programme(staff()))
    units = db.session.scalars(scope.units(staff())).all()
    ref = pack.routing.not_twice_clause
    return {
        "clause": next((one for one in pack.clauses if one.ref == ref), None),
        "unit_names": {one.id: one.name_en if lang() == "en" and one.name_en else one.name for one in units},
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of somebody whom the unit had named: on which row of which list, or which draft. `moved`: the
    person's application has come to the unit."""

    batch: Batch | None
    number: int
    application: Application | None
    moved: bool
    reason: str
    at: datetime | None


def outcomes(batch_id: str = "", limit: int = 50) -> list[Outcome]:
    """What the office has settled about the own unit's lists (one of them, if named), the last first."""
    rows = scope_doubles.dropped_rows(staff())
    drafts = scope_doubles.dropped_drafts(staff())
    if batch_id:
        rows = rows.where(Batch.id == batch_id)
        drafts = drafts.join(BatchRow, BatchRow.application_id == Application.id).where(BatchRow.batch_id == batch_id)
    last = Duplicate.settled_at.desc()
    found = [
        Outcome(batch, row.position, None, pair.decision == double_cases.MOVE, pair.reason, pair.settled_at)
        for pair, row, batch in db.session.execute(rows.order_by(last).limit(limit))
    ]
    found += [
        Outcome(None, 0, application, pair.decision == double_cases.MOVE, pair.reason, pair.settled_at)
        for pair, application in db.session.execute(drafts.order_by(last).limit(limit))
    ]
    return sorted(found, key=lambda one: (one.at is not None, one.at), reverse=True)[:limit]
