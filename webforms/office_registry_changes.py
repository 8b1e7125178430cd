"""Changes asked for after admission (变动) as staff see them: the list, was and is beside the proof, the decision, and
a request that a clerk enters."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from models.application import queries
from models.errors import BoleError, InvalidAnswer, NotFound
from models.extensions import db
from models.interview import wording
from models.office import audit, change_deciding, change_lines, change_pages, changes, reviews, scope, scope_chain
from models.office.chain_tables import RegistryChange
from models.office.change_states import OFFICE, STATES, UNIT
from models.office.tables import Staff, UnitRow
from models.programme.loader import load_pack
from models.programme.pack import Pack
from webforms import change_form
from webforms.office_applications import PREPARED_OPINIONS
from webforms.office_base import fragment, lang, page, sentence, staff, staff_route, status_of
from webforms.office_registry import day_of

COLLECTORS = (scope.REVIEWER, scope.OFFICE)
SHOWN = 200


@staff_route("/registry/changes", *COLLECTORS)
def registry_changes() -> ResponseReturnValue:
    """Requests, the longest waiting first; at first those that wait for whoever looks."""
    mine = OFFICE if scope.OFFICE in scope.roles(staff()) else UNIT
    state = request.args.get("state", mine)
    query = scope_chain.changes(staff())
    totals = select(RegistryChange.state, func.count()).where(
        RegistryChange.id.in_(query.with_only_columns(RegistryChange.id))
    )
    counts = {row[0]: row[1] for row in db.session.execute(totals.group_by(RegistryChange.state))}
    if state in STATES:
        query = query.where(RegistryChange.state == state)
    person = request.args.get("person", "")[:32]
    if person:
        query = query.where(RegistryChange.application_id == person)
    order = RegistryChange.asked_at if state in (UNIT, OFFICE) else RegistryChange.asked_at.desc()
    rows = db.session.execute(query.order_by(order, RegistryChange.id).limit(SHOWN)).all()
    pack = load_pack(scope.programme(staff()))
    words: dict[str, Any] = {"rows": rows, "counts": counts, "state": state, "states": STATES, "person": person}
    words["first"] = SHOWN if len(rows) == SHOWN else 0
    return page("registry_changes.html", **words, **_names(pack))


@staff_route("/registry/changes/<change_id>", *COLLECTORS, methods=("GET", "POST"))
def change_page(change_id: str) -> ResponseReturnValue:
    """Was and is beside the proof, and what whoever looks may do with it. Opening it is audited."""
    found = scope_chain.get_change(staff(), change_id)
    if request.method == "GET":
        audit.write_now(staff().id, audit.VIEW, f"application:{found.application_id}")
        return _shown(change_id)
    act = _ACTS.get(request.form.get("act", ""))
    if act is None:
        raise NotFound("office.not_found")
    try:
        act(change_id, request.form.get("version", 0, type=int))
    except NotFound:
        raise
    except BoleError as error:
        db.session.rollback()
        return _shown(change_id, sentence(error), status_of(error))
    flash(_("已办理。"), "success")
    return redirect(url_for("office.registry_changes"), 303)


def _opine(change_id: str, version: int) -> None:
    form = request.form
    signed = form.get("opinion", ""), form.get("signer", ""), day_of("day")
    change_deciding.opine(staff(), change_id, version, *signed)


def _accept(change_id: str, version: int) -> None:
    change_deciding.accept(staff(), change_id, version, request.form.get("seen", 0, type=int))


def _refuse(change_id: str, version: int) -> None:
    form = request.form
    change_deciding.refuse(staff(), change_id, version, form.get("clause", ""), form.get("why", ""))


def _ask(change_id: str, version: int) -> None:
    change_deciding.ask(staff(), change_id, version, request.form.get("more", ""))


_ACTS: dict[str, Callable[[str, int], None]] = {"opine": _opine, "accept": _accept, "refuse": _refuse, "ask": _ask}


def _shown(change_id: str, problem: str = "", status: int = 200) -> ResponseReturnValue:
    found = scope_chain.get_change(staff(), change_id)
    view = queries.view(found.application_id)
    held = changes.dossier(found)
    unit = db.session.get(UnitRow, held.opinion["unit"]) if held.opinion else None
    return page(
        "registry_change.html",
        status,
        problem=problem,
        typed=request.form,
        change=found,
        application=view.application,
        lines=change_lines.lines(found, lang()),
        photos=change_pages.pages(db.session(), found.id, found.application_id),
        opinion=held.opinion,
        opinion_unit=unit,
        asker=db.session.get(Staff, found.asked_by) if found.asked_by else None,
        others=[one for one in changes.settled(db.session(), found.application_id) if one.id != found.id],
        may_opine=change_deciding.may_opine(staff(), found),
        may_settle=change_deciding.may_settle(staff(), found),
        may_edit=_may_edit(found),
        clauses=reviews.clauses(view.pack),
        quotes=change_form.quotes(view.pack),
        prepared_opinions=[wording.say(f"office.opinion.{name}", "zh") for name in PREPARED_OPINIONS],
        **_names(view.pack),
    )


def _may_edit(found: RegistryChange) -> bool:
    try:
        scope_chain.to_write(staff(), found.id)
    except NotFound:
        return False
    return True


@staff_route("/registry/changes/<change_id>/reveal/<key>", *COLLECTORS, methods=("GET", "POST"))
def reveal_change(change_id: str, key: str) -> ResponseReturnValue:
    """Ask for a reason, then show one hidden field, was and is, in this one answer."""
    found = scope_chain.get_change(staff(), change_id)
    line = next((one for one in change_lines.lines(found, lang()) if one.key == key), None)
    if line is None or not line.hidden:
        raise NotFound("office.not_found")
    reason, values, problem = request.form.get("reason", ""), None, ""
    if request.method == "POST":
        try:
            values = change_deciding.reveal(staff(), change_id, key, reason, lang())
        except InvalidAnswer as error:
            db.session.rollback()
            problem = sentence(error)
    words = {"change_id": change_id, "key": key, "label": line.label, "reason": reason, "values": values}
    template = "_reveal_change.html" if fragment() else "reveal_change.html"
    return page(template, 422 if problem and not fragment() else 200, problem=problem, **words)


@staff_route("/applications/<application_id>/change", *COLLECTORS, methods=("GET", "POST"))
def begin_change(application_id: str) -> ResponseReturnValue:
    """Which kind of change; the notice's own words beside each."""
    found = scope.get_decidable(staff(), application_id)
    problem, status = "", 200
    if request.method == "POST":
        try:
            change_id = changes.begin(found.id, request.form.get("kind", ""), staff())
        except NotFound:
            raise
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), 409
        else:
            return redirect(url_for("office.edit_change", change_id=change_id), 303)
    view = queries.view(application_id)
    may = changes.is_open_to(db.session(), view.application)
    words = {"application": view.application, "may": may, "quotes": change_form.quotes(view.pack), **_names(view.pack)}
    return page("registry_change_new.html", status, problem=problem, **words)


@staff_route("/registry/changes/<change_id>/edit", *COLLECTORS, methods=("GET", "POST"))
def edit_change(change_id: str) -> ResponseReturnValue:
    """New values, proof and the confirmation on one page: kept at each press, handed in by the last."""
    found = scope_chain.to_write(staff(), change_id)
    app_id, problem, status = found.application_id, "", 200
    if request.method == "GET":
        audit.write_now(staff().id, audit.VIEW, f"application:{app_id}")
    refused: dict[str, InvalidAnswer] = {}
    unsaved = request.method == "POST"
    if request.method == "POST":
        try:
            refused, problem = _keep(found)
            unsaved = False
            if not refused and not problem and not request.form.get("_more"):
                version = scope_chain.to_write(staff(), change_id).version
                changes.submit(change_id, app_id, version, bool(request.form.get("agree")), staff())
                flash(_("已提交变动申请，已通知本人。"), "success")
                return redirect(url_for("office.change_page", change_id=change_id), 303)
        except NotFound:
            raise
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), status_of(error)
        else:
            if not refused and not problem:
                return redirect(url_for("office.edit_change", change_id=change_id), 303)
            status = 422
    found = scope_chain.to_write(staff(), change_id)
    view = queries.view(app_id)
    typed = request.form if refused or unsaved else None
    fields = change_form.shown(view, found, typed, refused, masked=True)
    problems = change_form.put(fields, refused, sentence)
    kind = changes.kind_of(view.pack, found.kind)
    return page(
        "registry_change_edit.html",
        status,
        problem=problem or (problems[0][1] if problems else ""),
        change=found,
        application=view.application,
        kind=kind,
        fields=fields,
        reason=request.form.get("reason", found.reason),
        wanted=[one.title.get(lang()) for one in view.pack.documents.documents if one.id in kind.evidence],
        photos=change_pages.pages(db.session(), found.id, app_id),
        key=secrets.token_hex(12),
        quotes=change_form.quotes(view.pack),
    )


def _keep(found: RegistryChange) -> tuple[dict[str, InvalidAnswer], str]:
    """Keep what was typed, take photos out and in; what was refused, and the sentence about a photo."""
    change_id, app_id = found.id, found.application_id
    values = change_form.typed(queries.view(app_id), found, masked=True)
    version = request.form.get("version", 0, type=int)
    refused = changes.save(change_id, app_id, version, values, request.form.get("reason", ""))
    for page_id in request.form.getlist("photo.drop"):
        change_pages.remove(change_id, app_id, page_id)
    photo = change_form.keep_photos(change_id, app_id, "staff")
    return refused, sentence(photo) if photo is not None else ""


def _names(pack: Pack) -> dict[str, Any]:
    units = db.session.scalars(scope.units(staff())).all()
    return {
        "kinds": changes.kinds(pack),
        "kind_names": {kind.id: kind.what.get(lang()) for kind in changes.kinds(pack)},
        "unit_names": {unit.id: unit.name_en if lang() == "en" else unit.name for unit in units},
    }
