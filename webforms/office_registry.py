"""The registry: whom the office can admit, who is in it, and how somebody leaves."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from models import clock
from models.application.tables import Application
from models.errors import BoleError, NotFound
from models.extensions import db
from models.office import registry, scope, scope_chain
from models.office.tables import UnitRow
from models.programme.loader import load_pack
from webforms.office_admission import DONE
from webforms.office_applications import category_names
from webforms.office_base import lang, page, sentence, staff, staff_route, status_of

COLLECTORS = (scope.REVIEWER, scope.OFFICE)


@staff_route("/registry", *COLLECTORS)
def registry_page() -> ResponseReturnValue:
    """Who is in the registry, by number, with filters that are links."""
    wanted = registry.Filter(
        state=request.args.get("state", "in")[:10],
        unit_id=request.args.get("unit", "")[:32],
        category=request.args.get("category", "")[:64],
        page=request.args.get("page", 1, type=int),
    )
    found = registry.entries(staff(), wanted)
    waiting = scope_chain.admissible(staff()).with_only_columns(Application.id).subquery()
    return page("registry.html", wanted=wanted, found=found, waiting=_count(waiting), **_words())


@staff_route("/registry/admit", scope.OFFICE, methods=("GET", "POST"))
def admit() -> ResponseReturnValue:
    """Tick whom to admit, all at first, and the day."""
    problem, status = "", 200
    if request.method == "POST":
        try:
            count = registry.admit(staff(), request.form.getlist("person"), day_of("day"))
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), status_of(error)
        else:
            flash(_("%(done)s %(n)d 人，已通知本人。", done=DONE, n=count), "success")
            return redirect(url_for("office.registry_page"), 303)
    query = scope_chain.admissible(staff()).order_by(Application.submitted_at, Application.id)
    people = list(db.session.scalars(query))
    return page("admit.html", status, problem=problem, typed=request.form, people=people, **_words())


@staff_route("/registry/<entry_id>/remove", scope.OFFICE, methods=("GET", "POST"))
def remove(entry_id: str) -> ResponseReturnValue:
    """End somebody's place, naming the clause; the page says who has to establish it."""
    entry = scope_chain.get_entry(staff(), entry_id)
    problem, status = "", 200
    if request.method == "POST":
        version, leaving = request.form.get("version", 0, type=int), request.form.get("leaving", "")
        try:
            registry.remove(staff(), entry_id, version, leaving, request.form.get("reason", ""), day_of("day"))
        except NotFound:
            raise
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), status_of(error)
        else:
            flash(_("已办理退出，已通知本人。"), "success")
            return redirect(url_for("office.registry_page"), 303)
        entry = scope_chain.get_entry(staff(), entry_id)
    application = db.session.get_one(Application, entry.application_id)
    words = {"entry": entry, "application": application, **_words()}
    return page("remove.html", status, problem=problem, typed=request.form, leavings=_leavings(), **words)


def _leavings() -> list[tuple[registry.Leaving, str, str]]:
    """Reasons to leave with who establishes them and what follows, in the page's language."""
    pack = load_pack(scope.programme(staff()))
    exits = {one.id: one for one in pack.afterwards.exits}
    return [
        (
            one,
            exits[one.id].decided_by.get(lang()) if one.id in exits else "",
            _consequence(exits[one.id].consequence) if one.id in exits else "",
        )
        for one in registry.leavings(pack)
    ]


def _consequence(text: Any) -> str:
    return str(text.get(lang())) if text is not None else ""


def day_of(name: str) -> date | None:
    """A day that was typed or picked; None for anything else."""
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None


def _count(people: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(people)) or 0


def _words() -> dict[str, Any]:
    slug = scope.programme(staff())
    pack = load_pack(slug)
    units = db.session.scalars(scope.units(staff()).order_by(UnitRow.code)).all()
    return {
        "pack": pack,
        "kept": registry.is_kept(slug),
        "units": units,
        "unit_names": {unit.id: unit.name_en if lang() == "en" else unit.name for unit in units},
        "category_names": category_names(pack),
        "now": clock.current().today(),
    }
