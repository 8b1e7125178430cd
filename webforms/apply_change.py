"""A change after admission (变动), from the phone: which, the new values, the proof, checked and handed in."""

from __future__ import annotations

import secrets

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.application.queries import ApplicationView
from models.errors import BoleError, NotFound
from models.extensions import db
from models.interview import wording
from models.office import change_lines, change_pages, changes
from models.office.chain_tables import RegistryChange
from models.office.change_states import ASKED, DRAFT
from webforms import change_form
from webforms.apply_base import DOOR, Problem, blueprint, opened, page, say
from webforms.i18n import lang


@blueprint.get("/p/<slug>/change")
def change(slug: str) -> ResponseReturnValue:
    """What is under way, what can be asked for, and what was decided."""
    view = _entered(slug)
    return _overview(view)


def _overview(view: ApplicationView, problem: str = "") -> ResponseReturnValue:
    session, app_id = db.session(), view.application.id
    now = changes.current(session, app_id)
    shown = [one for one in (now, *changes.settled(session, app_id)) if one is not None]
    return page(
        "change",
        view,
        kept=False,
        problems=[Problem("main", problem)] if problem else (),
        now=now,
        mine=now is not None and now.state == ASKED and now.asked_by is None,
        begun=changes.draft(session, app_id) if now is None else None,
        may=changes.is_open_to(session, view.application),
        kinds=changes.kinds(view.pack),
        quotes=change_form.quotes(view.pack),
        named={kind.id: kind for kind in changes.kinds(view.pack)},
        requests=[(one, change_lines.lines(one, lang(), plain=True)) for one in shown],
        state_name=lambda state: wording.say(f"change.state.{state}", lang()),
    )


@blueprint.post("/p/<slug>/change/start")
def change_start(slug: str) -> ResponseReturnValue:
    """Begin, or go on, with one kind of change."""
    view = _entered(slug)
    try:
        changes.begin(view.application.id, request.form.get("kind", ""))
    except NotFound:
        raise
    except BoleError as exc:
        return _overview(opened(slug), say(exc))
    return redirect(url_for("apply.change_fields", slug=slug), 303)


@blueprint.route("/p/<slug>/change/fields", methods=["GET", "POST"])
def change_fields(slug: str) -> ResponseReturnValue:
    """The new values, by the form's own fields."""
    view = _entered(slug)
    found = _writing(view)
    if found is None:
        return redirect(url_for("apply.change", slug=slug))
    if request.method == "GET":
        return _fields(view, found, change_form.shown(view, found))
    try:
        version = request.form.get("version", 0, type=int)
        values = change_form.typed(view, found)
        refused = changes.save(found.id, view.application.id, version, values, request.form.get("reason", ""))
    except BoleError as exc:
        return _kept(opened(slug), say(exc))
    view = opened(slug)
    found = _writing(view)
    if found is None:
        return redirect(url_for("apply.change", slug=slug))
    fields = change_form.shown(view, found, request.form if refused else None, refused)
    if refused:
        problems = [Problem(*one) for one in change_form.put(fields, refused, say)]
        return _fields(view, found, fields, problems)
    held = changes.dossier(found)
    fresh = [one.field.name for one in fields if one.field.spec.required]
    incomplete = any(name not in held.new and name not in view.answers for name in fresh)
    if request.form.get("_more") or incomplete:
        return redirect(url_for("apply.change_fields", slug=slug), 303)
    return redirect(url_for("apply.change_proof", slug=slug), 303)


def _kept(view: ApplicationView, problem: str) -> ResponseReturnValue:
    """What was typed while it was saved elsewhere stands there still, beside what is kept now, as far as it is open."""
    found = _writing(view)
    if found is None:
        return _overview(view, problem)
    return _fields(view, found, change_form.shown(view, found, request.form), [Problem("main", problem)])


def _fields(
    view: ApplicationView, found: RegistryChange, fields: list[change_form.Shown], problems: list[Problem] | None = None
) -> ResponseReturnValue:
    kind = changes.kind_of(view.pack, found.kind)
    reason = request.form.get("reason", found.reason)
    return page(
        "change_fields", view, problems=problems or (), change=found, kind=kind, fields=fields, reason=reason,
        quotes=change_form.quotes(view.pack),
    )  # fmt: skip


@blueprint.route("/p/<slug>/change/proof", methods=["GET", "POST"])
def change_proof(slug: str) -> ResponseReturnValue:
    """Photos that prove it."""
    view = _entered(slug)
    found = _writing(view)
    if found is None:
        return redirect(url_for("apply.change", slug=slug))
    problem = ""
    if request.method == "POST":
        try:
            refused = change_form.keep_photos(found.id, view.application.id, DOOR)
        except BoleError as exc:
            return _overview(opened(slug), say(exc))
        if refused is None:
            there = "change_proof" if request.form.get("_more") else "change_check"
            return redirect(url_for(f"apply.{there}", slug=slug), 303)
        problem = say(refused)
    return _proof(opened(slug), found.id, problem)


def _proof(view: ApplicationView, change_id: str, problem: str = "") -> ResponseReturnValue:
    found = db.session.get_one(RegistryChange, change_id)
    kind = changes.kind_of(view.pack, found.kind)
    wanted = [one.title for one in view.pack.documents.documents if one.id in kind.evidence]
    photos = change_pages.pages(db.session(), change_id, view.application.id)
    return page(
        "change_proof",
        view,
        problems=[Problem("photo", problem)] if problem else (),
        change=found,
        wanted=wanted,
        photos=photos,
        reason=lambda one: wording.say(one.reason, lang()) if one.reason else "",
        room=change_pages.MOST - len(photos),
        key=secrets.token_hex(12),
    )


@blueprint.post("/p/<slug>/change/proof/remove")
def change_proof_remove(slug: str) -> ResponseReturnValue:
    """Take a photo out."""
    view = _entered(slug)
    found = _writing(view)
    if found is not None:
        try:
            change_pages.remove(found.id, found.application_id, request.form.get("page", ""))
        except BoleError as exc:
            return _proof(opened(slug), found.id, say(exc))
    return redirect(url_for("apply.change_proof", slug=slug), 303)


@blueprint.route("/p/<slug>/change/check", methods=["GET", "POST"])
def change_check(slug: str) -> ResponseReturnValue:
    """Was and is, with the proof; the person confirms and hands it in."""
    view = _entered(slug)
    found = _writing(view)
    if found is None:
        return redirect(url_for("apply.change", slug=slug))
    problem = ""
    if request.method == "POST":
        try:
            version = request.form.get("version", 0, type=int)
            changes.submit(found.id, view.application.id, version, bool(request.form.get("agree")))
        except BoleError as exc:
            problem, view = say(exc), opened(slug)
            found = _writing(view)
            if found is None:
                return _overview(view, problem)
        else:
            return redirect(url_for("apply.change", slug=slug), 303)
    photos = change_pages.pages(db.session(), found.id, view.application.id)
    kind = changes.kind_of(view.pack, found.kind)
    lacking = changes.lacking(view.pack, found, view.answers, len(photos))
    return page(
        "change_check",
        view,
        problems=[Problem("agree", problem)] if problem else (),
        kept=False,
        change=found,
        kind=kind,
        lines=change_lines.lines(found, lang(), plain=True),
        photos=photos,
        lacking=wording.say(lacking, lang()) if lacking else "",
        nothing=lacking in ("office.change_nothing", "office.change_reason_missing", "office.change_incomplete"),
    )


@blueprint.post("/p/<slug>/change/withdraw")
def change_withdraw(slug: str) -> ResponseReturnValue:
    """Take the request back, or drop what is begun."""
    view = _entered(slug)
    try:
        changes.withdraw(request.form.get("change", "")[:32], view.application.id)
    except NotFound:
        raise
    except BoleError as exc:
        return _overview(opened(slug), say(exc))
    return redirect(url_for("apply.change", slug=slug), 303)


def _entered(slug: str) -> ApplicationView:
    """The application of somebody in a registry whose notice speaks of changes. Raises NotFound."""
    view = opened(slug)
    if not offers(view):
        raise NotFound("error.not_found")
    return view


def offers(view: ApplicationView) -> bool:
    """Whether the status page leads here: changes can be asked for, or were."""
    if not changes.kinds(view.pack):
        return False
    session, app_id = db.session(), view.application.id
    return changes.is_open_to(session, view.application) or bool(changes.settled(session, app_id))


def _writing(view: ApplicationView) -> RegistryChange | None:
    """What the person is writing: begun, or come back for more."""
    session, app_id = db.session(), view.application.id
    now = changes.current(session, app_id)
    if now is None:
        return changes.draft(session, app_id)
    return now if now.state == ASKED and now.asked_by is None else None


def line(view: ApplicationView) -> str:
    """How the request under way stands, for the status page; empty without one."""
    if not changes.kinds(view.pack):
        return ""
    now = changes.current(db.session(), view.application.id)
    if now is not None:
        return wording.say(f"change.state.{now.state}", lang())
    if changes.draft(db.session(), view.application.id) is not None:
        return wording.say(f"change.state.{DRAFT}", lang())
    return str(_("入选以后情况有变化的，从这里申请变动。"))
