"""A unit's papers, bound for printing: ask for them, take them out."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.clock import CHINA
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.office import audit, scope, unit_papers, workbook_files
from models.office.tables import Workbook
from models.office.workbook_data import file_name
from models.programme.loader import load_pack
from models.unit_of_work import unit_of_work
from webforms.downloads import disposition
from webforms.office_base import sentence, staff, staff_route

READERS = (scope.REVIEWER, scope.OFFICE)


@staff_route("/workbooks/papers", *READERS, methods=("POST",))
def make_papers() -> ResponseReturnValue:
    """Promise to bind what the unit has now."""
    unit = scope.get_unit(staff(), request.form.get("unit", ""))
    intake = scope.get_round(staff(), request.form.get("round", ""))
    try:
        with unit_of_work() as session:
            unit_papers.promise(session, intake.id, unit.id)
            audit.write(session, staff().id, audit.REBUILD, f"unit:{unit.id}", unit_papers.LABEL)
    except InvalidAnswer as error:
        flash(sentence(error), "warning")
    else:
        flash(_("已开始装订，人多时要几分钟。"), "success")
    return redirect(url_for("office.workbooks_page"))


@staff_route("/workbooks/<workbook_id>/papers.pdf", *READERS)
def papers(workbook_id: str) -> ResponseReturnValue:
    """A part as a file. The export is audited before the bytes leave."""
    row = scope.get_workbook(staff(), workbook_id)
    if not unit_papers.is_part(row.kind):
        raise NotFound("office.not_found")
    unit = scope.get_unit(staff(), row.unit_id)
    pack = load_pack(unit.programme)
    label = f"{unit_papers.LABEL}第{unit_papers.number(row.kind)}册"
    name = file_name(unit.name, pack.programme.short.zh, label, row.built_at.astimezone(CHINA).date(), suffix="pdf")
    audit.write_now(staff().id, audit.EXPORT, f"workbook:{row.id}", f"{row.kind} {row.rows}")
    response = Response(workbook_files.read(row), mimetype="application/pdf")
    response.headers["Content-Disposition"] = disposition(name)
    return response


def current(made: Mapping[tuple[str, str], Mapping[str, Workbook]]) -> dict[tuple[str, str], bool]:
    """Of each round and unit that has parts, whether they show what the unit has now."""
    found = {}
    for place, books in made.items():
        held = unit_papers.parts(list(books.values()))
        if held:
            print_ = unit_papers.fingerprint(db.session(), *place)
            found[place] = all(part.content_hash == print_ for part in held)
    return found
