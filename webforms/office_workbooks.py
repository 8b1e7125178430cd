"""Workbooks: what each unit's holds, when it was assembled, what is left out; download and assembling again."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func

from models import clock, outbox
from models.application.tables import Application, Round
from models.errors import NotFound
from models.extensions import db
from models.interview import wording
from models.office import audit, editions, scope, scope_editions, unit_papers, workbook_files
from models.office.tables import UnitRow, Workbook
from models.programme.loader import load_pack
from models.unit_of_work import unit_of_work
from webforms import office_papers, office_under_way
from webforms.downloads import disposition
from webforms.office_base import lang, page, staff, staff_route

COLLECTORS = (scope.REVIEWER, scope.OFFICE)


@staff_route("/workbooks", *COLLECTORS)
def workbooks_page() -> ResponseReturnValue:
    """The workbooks in reach, by round and unit. While something is being made, the page asks for what is new."""
    rounds = list(db.session.scalars(scope.rounds(staff()).order_by(Round.opens.desc())))
    units = list(db.session.scalars(scope.units(staff()).order_by(UnitRow.code)))
    making = office_under_way.of_units(rounds, units)
    if office_under_way.nothing_new(making.mark):
        return Response(status=204)
    made: dict[tuple[str, str], dict[str, Workbook]] = {}
    for row in db.session.scalars(scope.workbooks(staff())):
        made.setdefault((row.round_id, row.unit_id), {})[row.kind] = row
    counted = scope.applications(staff()).with_only_columns(Application.round_id, Application.unit_id, func.count())
    grouped = db.session.execute(counted.group_by(Application.round_id, Application.unit_id))
    counts = {(round_id, unit_id): number for round_id, unit_id, number in grouped}
    above = {unit.parent_id for unit in units}
    books = {unit.programme: load_pack(unit.programme).workbooks for unit in units}
    return page(
        "workbooks.html",
        rounds=rounds,
        units=units,
        making=making,
        made=made,
        counts=counts,
        left_out=left_out,
        books=books,
        above=above,
        taken=scope_editions.last_taken(staff()),
        papers=unit_papers.parts,
        bound=office_papers.current(made),
        part_number=unit_papers.number,
    )


def left_out(reason: str) -> str:
    """Why an application is no row, in the page's language, as the cover note says it in Chinese."""
    return wording.say(f"workbook.out.{reason}", lang())


@staff_route("/workbooks/<workbook_id>/download", *COLLECTORS)
def download(workbook_id: str) -> ResponseReturnValue:
    """The workbook as a file. The export is audited before the bytes leave."""
    pack = load_pack(scope.programme(staff()))
    with unit_of_work() as session:
        row = scope.get_workbook(staff(), workbook_id)
        if row.kind not in pack.workbooks.kinds():  # a new version has given the table up; nothing keeps it up to date
            raise NotFound("office.not_found")
        audit.write(session, staff().id, audit.EXPORT, f"workbook:{row.id}", f"{row.kind} {row.rows}")
        editions.take(session, row, staff().id)
        session.flush()
        session.expunge(row)  # what is given out is what was noted, whatever is built meanwhile
    unit = scope.get_unit(staff(), row.unit_id)
    data = workbook_files.read(row)
    name = workbook_files.download_name(row, data, unit.name, pack)
    response = Response(data, mimetype=workbook_files.media_type(row.kind, data))
    response.headers["Content-Disposition"] = disposition(name)
    return response


@staff_route("/workbooks/rebuild", *COLLECTORS, methods=("POST",))
def rebuild() -> ResponseReturnValue:
    """Ask for a unit's workbooks of a round to be assembled again."""
    unit = scope.get_unit(staff(), request.form.get("unit", ""))
    intake = scope.get_round(staff(), request.form.get("round", ""))
    now = clock.current().now()
    # One a minute: a second press while the first is under way promises nothing more.
    effect = f"workbook:{intake.id}:{unit.id}:by-hand:{now:%Y%m%d%H%M}"
    with unit_of_work() as session:
        outbox.promise(session, office_under_way.ASSEMBLE, f"{intake.id}{unit.id}", effect)
        audit.write(session, staff().id, audit.REBUILD, f"unit:{unit.id}", intake.name[:200])
    flash(_("已开始重新生成。内容没有变化时不会重做。"), "success")
    return redirect(url_for("office.workbooks_page"))
