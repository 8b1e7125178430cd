"""When the own unit wants to hear that its tables have changed, and where."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models import clock
from models.application import binding, rounds
from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.office import letters, schedules, staff_chats
from models.office.edition_tables import UnitSchedule
from models.office.schedules import Wish
from webforms.office_base import lang, page, sentence, staff, staff_route, status_of
from webforms.office_workbooks import COLLECTORS


@staff_route("/notices/tables", *COLLECTORS, methods=("GET", "POST"))
def schedule_page() -> ResponseReturnValue:
    """See and choose it."""
    if request.method == "GET":
        return _show(None)
    form = request.form
    chosen = form.get("mode", "")
    wanted = Wish(
        chosen,
        form.get(f"hour-{chosen}", 9, type=int),
        form.get("days", 3, type=int),
        form.get("email", ""),
        form.get("by_chat") == "1",
        form.get("version", 0, type=int),
    )
    try:
        schedules.save(staff(), wanted)
    except (InvalidAnswer, Conflict) as error:
        db.session.rollback()
        return _show(wanted, sentence(error), status_of(error))
    flash(_("已保存。"), "success")
    return redirect(url_for("office.schedule_page"))


def _show(typed: Wish | None, problem: str = "", status: int = 200, code: str = "") -> ResponseReturnValue:
    unit = schedules.own(staff())
    present = schedules.wish(db.session(), unit.id)
    row = db.session.get(UnitSchedule, unit.id)
    return page(
        "schedule.html",
        status,
        unit=unit,
        present=present,
        shown=typed or present,
        told_at=row.told_at if row is not None else None,
        clerks=schedules.clerks(db.session(), unit.id),
        intake=rounds.current(unit.programme, clock.current().today()),
        hours=schedules.HOURS,
        sent=letters.is_sent(),
        problem=problem,
        chats=staff_chats.bound(db.session(), staff().id),
        title=lambda channel: binding.title(channel).get(lang()),
        code=code,
        minutes=int(binding.AGE.total_seconds() // 60),
    )


@staff_route("/notices/chat", *COLLECTORS, methods=("POST",))
def bind_chat() -> ResponseReturnValue:
    """A code by which one's own chat is bound, shown once; or let a chat go."""
    gone = request.form.get("let_go", "")
    if gone:
        staff_chats.let_go(staff(), gone)
        flash(_("已解绑。"), "success")
        return redirect(url_for("office.schedule_page"))
    made = staff_chats.make_code(staff())
    return _show(None, code=f"{made[:4]} {made[4:]}")
