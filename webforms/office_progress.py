"""How far each unit is against the deadline, and a reminder to those that are late (督促检查)."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from models import clock
from models.application import rounds
from models.application.tables import Round
from models.errors import Conflict, NotFound
from models.extensions import db
from models.office import audit, progress, reminding, scope
from models.office.tables import Audit
from models.programme.loader import load_pack
from webforms.i18n import counted as _n
from webforms.office_base import page, sentence, staff, staff_route

COLLECTORS = (scope.REVIEWER, scope.OFFICE)


@staff_route("/progress", *COLLECTORS)
def progress_page() -> ResponseReturnValue:
    """A row a unit, late ones first; every number is a link into the queue."""
    pack = load_pack(scope.programme(staff()))
    wanted = request.args.get("round", "")[:32]
    if wanted:
        intake: Round | None = scope.get_round(staff(), wanted)
    else:
        intake = rounds.current(pack.slug, clock.current().today()) or rounds.last(pack.slug)
    found = progress.progress(db.session(), staff(), intake) if intake else None
    reminded = _reminded([line.unit.id for line in found.lines]) if found else {}
    listed = db.session.scalars(scope.rounds(staff()).order_by(Round.opens.desc())).all()
    return page("progress.html", found=found, rounds=listed, reminded=reminded, pack=pack)


def _reminded(unit_ids: list[str]) -> dict[str, object]:
    """When each unit was reminded last."""
    subjects = [f"unit:{one}" for one in unit_ids]
    query = select(Audit.subject, func.max(Audit.at)).where(
        Audit.action == audit.REMIND_UNIT, Audit.subject.in_(subjects)
    )
    found = db.session.execute(query.group_by(Audit.subject))
    return {subject.removeprefix("unit:"): at for subject, at in found}


@staff_route("/progress/remind", *COLLECTORS, methods=("POST",))
def remind_unit() -> ResponseReturnValue:
    """Remind a unit: it sees so on this page, and the audit keeps that it was told."""
    pack = load_pack(scope.programme(staff()))
    wanted = request.form.get("round", "")[:32]
    intake = scope.get_round(staff(), wanted) if wanted else rounds.current(pack.slug, clock.current().today())
    if intake is None:
        raise NotFound("office.not_found")
    try:
        written = reminding.remind(staff(), intake, request.form.get("unit", "")[:32])
    except Conflict as error:
        db.session.rollback()
        flash(sentence(error), "warning")
    else:
        flash(_n("已提醒，给这个单位的人写了 %(n)d 封信；没有邮箱的打开“进度督查”也会看到。", n=written), "success")
    return redirect(url_for("office.progress_page", round=wanted or None), 303)
