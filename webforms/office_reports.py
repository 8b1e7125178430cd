"""Reporting upward: who can be handed on, what a report holds, and what whoever receives it does with it."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from models import clock, storage
from models.application import rounds
from models.application.tables import Application, Event, Round, new_id
from models.errors import BoleError, NotFound
from models.extensions import db
from models.office import audit, chain, reporting, scope, scope_chain, sealing, unit_tables
from models.office.chain_leaving import SENT_BACK_EVENTS
from models.office.chain_tables import ReportItem, ReportPart, UnitReport
from models.office.tables import UnitRow
from models.office.workbook_data import file_name
from models.programme.loader import load_pack
from models.programme.pack import Pack
from webforms.downloads import disposition
from webforms.office_applications import category_names
from webforms.office_base import lang, page, sentence, staff, staff_route, status_of

COLLECTORS = (scope.REVIEWER, scope.OFFICE)


@staff_route("/reports", *COLLECTORS, methods=("GET", "POST"))
def reports_page() -> ResponseReturnValue:
    """Whom the unit can hand upward, all ticked; its reports, and those it has to settle. A POST hands upward."""
    pack = load_pack(scope.programme(staff()))
    intake = _intake(pack)
    problem, status = "", 200
    if request.method == "POST" and intake is not None:
        try:
            made = reporting.report(
                staff(),
                request.form.get("report", "")[:32],
                intake,
                request.form.getlist("person"),
                request.form.get("note", ""),
            )
        except NotFound:
            raise
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), status_of(error)
        else:
            flash(_("已上报。材料正在生成，稍候可在本页下载。"), "success")
            return redirect(url_for("office.report_page", report_id=made.id), 303)
    return page("reports.html", status, problem=problem, typed=request.form, **_listing(pack, intake))


def _intake(pack: Pack) -> Round | None:
    wanted = request.values.get("round", "")[:32]
    if wanted:
        return scope.get_round(staff(), wanted)
    return rounds.current(pack.slug, clock.current().today()) or rounds.last(pack.slug)


def _listing(pack: Pack, intake: Round | None) -> dict[str, Any]:
    session, member = db.session(), staff()
    people: list[Application] = []
    if intake is not None:
        query = scope_chain.reportable(member).where(Application.round_id == intake.id)
        people = list(session.scalars(query.order_by(Application.submitted_at, Application.id)))
    lacking = reporting.lacking(session, pack, people)
    made = scope_chain.reports(member).where(UnitReport.round_id == (intake.id if intake else ""))
    found = list(session.scalars(made.order_by(UnitReport.reported_at.desc())))
    units = {unit.id: unit for unit in session.scalars(select(UnitRow).where(UnitRow.programme == pack.slug))}
    unit = member.unit
    return {
        "intake": intake,
        "rounds": list(session.scalars(scope.rounds(member).order_by(Round.opens.desc()))),
        "people": people,
        "lacking": {one: [label.get(lang()) for label in labels] for one, labels in lacking.items()},
        "tables_lacking": _tables_lacking(pack, intake),
        "pack": pack,
        "chain": chain.reports(pack),
        "above": chain.target(session, unit) if unit else None,
        "incoming": [one for one in found if unit and one.to_unit_id == unit.id],
        "outgoing": [one for one in found if not unit or one.to_unit_id != unit.id],
        "sizes": _sizes([one.id for one in found]),
        "units": units,
        "fresh": new_id(),
        "category_names": category_names(pack),
        "parts_wanted": [pack.workbooks.label(kind) for kind in pack.workbooks.people_kinds()],
        "volume": pack.workbooks.volume,
    }


def _tables_lacking(pack: Pack, intake: Round | None) -> list[str]:
    """The unit's own tables without a single row; the report goes without them, but the unit is told."""
    unit = staff().unit
    if intake is None or unit is None or not pack.workbooks.unit_tables:
        return []
    done = unit_tables.filled(db.session(), pack, intake.id, unit.id)
    return [table.label for table in pack.workbooks.unit_tables if not done.get(table.id)]


def _sizes(ids: list[str]) -> dict[str, int]:
    query = select(ReportItem.report_id, func.count()).where(ReportItem.report_id.in_(ids))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(ReportItem.report_id))}


@staff_route("/reports/<report_id>", *COLLECTORS, methods=("GET", "POST"))
def report_page(report_id: str) -> ResponseReturnValue:
    """One report: who is in it and its files. A POST of whoever receives it takes it in or sends it back."""
    scope_chain.get_report(staff(), report_id)
    problem, status = "", 200
    if request.method == "POST":
        try:
            flash(_settled(report_id), "success")
        except NotFound:
            raise
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), status_of(error)
        else:
            return redirect(url_for("office.report_page", report_id=report_id), 303)
    return page("report.html", status, problem=problem, typed=request.form, **_report(report_id))


def _settled(report_id: str) -> str:
    version, act = request.form.get("version", 0, type=int), request.form.get("act", "")
    if act == "receive":
        reporting.receive(staff(), report_id, version)
        return str(_("已收下。"))
    scope_chain.get_incoming(staff(), report_id)
    only = request.form.getlist("person") if act == "some" else []
    if act == "some" and not only:
        only = [""]  # nobody ticked is nobody, never everybody
    count = reporting.send_back(staff(), report_id, version, request.form.get("reason", ""), only)
    return str(_("已退回 %(n)d 人。", n=count))


def _report(report_id: str) -> dict[str, Any]:
    session = db.session()
    found = scope_chain.get_report(staff(), report_id)
    rows = select(ReportItem, Application).join(Application, Application.id == ReportItem.application_id)
    seen = scope.applications(staff()).with_only_columns(Application.id)
    rows = rows.where(ReportItem.report_id == report_id, Application.id.in_(seen)).order_by(ReportItem.position)
    everybody = session.scalar(select(func.count()).where(ReportItem.report_id == report_id)) or 0
    people = [(row[0], row[1]) for row in session.execute(rows)]
    parts = reporting.parts(session, report_id)
    pack = load_pack(scope.programme(staff()))
    kinds = {kind: place for place, kind in enumerate(pack.workbooks.kinds())}
    member = staff()
    return {
        "report": found,
        "pack": pack,
        "people": people,
        "left": everybody - len(people),
        "parts": sorted(parts, key=lambda part: kinds.get(part.kind, 99)),
        "complete": chain.is_complete(parts),
        "mine": found.to_unit_id == member.unit_id,
        "unit": session.get(UnitRow, found.unit_id),
        "above": session.get(UnitRow, found.to_unit_id),
        "units": {unit.id: unit for unit in session.scalars(scope.units(member))},
        "reasons": _reasons(report_id, [one.id for _item, one in people]),
        "category_names": category_names(pack),
    }


def _reasons(report_id: str, ids: list[str]) -> dict[str, str]:
    """Why each person was sent back alone."""
    query = select(Event).where(Event.application_id.in_(ids), Event.type.in_(SENT_BACK_EVENTS)).order_by(Event.seq)
    sent = [event for event in db.session.scalars(query) if event.data.get("report") == report_id]
    return {event.application_id: str(event.data.get("reason", "")) for event in sent}


@staff_route("/reports/<report_id>/files", *COLLECTORS)
def report_files(report_id: str) -> ResponseReturnValue:
    """All files of a report as one archive, the electronic copy. The export is audited before the bytes leave."""
    found = scope_chain.get_report(staff(), report_id)
    parts = reporting.parts(db.session(), report_id)
    if not chain.is_complete(parts):
        raise NotFound("office.not_found")
    audit.write_now(staff().id, audit.EXPORT_REPORT, f"report:{report_id}", f"{max(part.rows for part in parts)}")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in parts:
            entry = zipfile.ZipInfo(part.name, found.reported_at.astimezone(clock.CHINA).timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED  # workbooks are compressed already
            archive.writestr(entry, _bytes(part))
    unit = db.session.get_one(UnitRow, found.unit_id)
    pack = load_pack(unit.programme)
    name = file_name(unit.name, pack.programme.short.zh, f"上报{found.number}", found.reported_at.date(), suffix="zip")
    response = Response(out.getvalue(), mimetype="application/zip")
    response.headers["Content-Disposition"] = disposition(name)
    return response


def _bytes(part: ReportPart) -> bytes:
    return storage.get(part.storage_key, sealing.report_part(part.report_id, part.kind))
