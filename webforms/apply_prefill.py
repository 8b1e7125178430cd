"""The ID card before the form: photographed first, and what was read on it confirmed or corrected on one page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from models.application import prefill
from models.application.prefill import Prefill
from models.application.queries import ApplicationView
from models.documents.prefill import Proposal, grouped
from models.errors import BoleError, Conflict, InvalidAnswer
from models.interview import wording
from models.programme import places
from models.programme.fields import display
from webforms.apply_base import DOOR, Problem, attach, blueprint, onward, opened, page, require_form, say, switching
from webforms.forms import AnswerField, bind
from webforms.i18n import lang


@dataclass(frozen=True, slots=True)
class Line:
    """A field to confirm. `read`: as it stands on the paper, under the field; `warning`: why to look closely."""

    field: AnswerField
    read: str
    warning: str


@blueprint.route("/p/<slug>/prefill", methods=["GET", "POST"])
def prefilled(slug: str) -> ResponseReturnValue:
    """One optional step before the form; later reached from the task list."""
    view = opened(slug)
    elsewhere = require_form(view)
    if elsewhere:
        return elsewhere
    now = prefill.prefill(view)
    if now is None:  # nothing (any more): a second tap, or all of it is filled in
        return redirect(url_for("apply.tasks", slug=slug) if request.method == "POST" else onward(view))
    if request.method == "GET":
        return _show(view, now)
    if request.form.get("choice") == "self":
        prefill.decline(view.application.id, DOOR)
        return redirect(url_for("apply.tasks", slug=slug))
    if switching() or request.form.get("_find"):
        return _show(view, now, request.form)
    return _confirm(view, now)


@blueprint.get("/p/<slug>/prefill/stage")
def prefill_stage(slug: str) -> ResponseReturnValue:
    """Whether it has been read, for the page's script that waits for it."""
    now = prefill.prefill(opened(slug))
    return jsonify(stage=now.stage if now is not None else "")


def wants_look(view: ApplicationView, document: str) -> bool:
    """Whether the page of this document leads to what was, or is being, read on it."""
    now = prefill.prefill(view)
    return now is not None and not now.asked and now.document.id == document and now.stage != "offer"


def _confirm(view: ApplicationView, now: Prefill) -> ResponseReturnValue:
    slug = view.pack.slug
    values = {line.field.name: line.field.raw for line in _lines(view, now, request.form)}
    refused: dict[str, InvalidAnswer] = {}
    try:
        refused = prefill.accept(view.application.id, values, request.form.get("mark", ""), DOOR)
    except Conflict as exc:
        view = opened(slug)
        again = prefill.prefill(view)
        return redirect(onward(view)) if again is None else _show(view, again, problem=exc)
    if refused:
        return _show(view, now, request.form, refused)
    return redirect(url_for("apply.tasks", slug=slug))


def _lines(view: ApplicationView, now: Prefill, sent: MultiDict[str, str] | None = None) -> list[Line]:
    """One line a field that the person confirms or types; what only follows is no line."""
    asked = {one.ask.key: one for one in now.proposals if one.trust != "follows"}
    edition = (view.pack.slug, view.pack.programme.version)
    fields = bind(edition, {key: one.ask for key, one in asked.items()}, now.confirmable, sent)
    lines = [Line(field, *_notes(now, asked[field.name])) for field in fields]
    for line in lines:
        notes = (("read", line.read), ("warning", line.warning))
        line.field.beside = tuple(f"{line.field.anchor}-{name}" for name, text in notes if text)
        if request.form.get("_find") == line.field.name:
            line.field.found = places.search(line.field.typed())
    return lines


def _notes(now: Prefill, one: Proposal) -> tuple[str, str]:
    if one.trust == "unproven":
        title = now.document.title
        return "", wording.say("prefill.unproven", lang(), text=grouped(one.text), document=title)
    warning = wording.say("prefill.doubtful", lang()) if one.trust == "doubtful" else ""
    return grouped(one.text) if one.ask.kind == "id_number" else one.text, warning


def _follows(now: Prefill) -> str:
    """What the number says by itself, in words."""
    said = [
        wording.say("prefill.value", lang(), label=one.ask.label, value=display(one.ask, one.value, lang()))
        for one in now.proposals
        if one.trust == "follows"
    ]
    joined = ("、" if lang() == "zh" else ", ").join(said)
    return wording.say("prefill.follows", lang(), values=joined) if said else ""


def _show(
    view: ApplicationView,
    now: Prefill,
    sent: MultiDict[str, str] | None = None,
    refused: dict[str, InvalidAnswer] | None = None,
    problem: BoleError | None = None,
) -> ResponseReturnValue:
    lines = _lines(view, now, sent) if now.stage == "ready" else []
    problems = attach([line.field for line in lines], refused or {})
    if problem is not None:
        problems.append(Problem("what", say(problem)))
    page_ids = [one.id for one in view.document_pages(now.document.id) if one.thumb_key]
    return page(
        "prefill",
        view,
        kept=False,
        problems=problems,
        now=now,
        lead=_lead(now),
        lines=lines,
        follows=_follows(now),
        photo=page_ids[0] if page_ids else "",
        photograph=url_for("apply.document", slug=view.pack.slug, name=now.document.id),
    )


def _lead(now: Prefill) -> str:
    title = now.document.title
    if now.stage == "offer":
        return wording.say("prefill.offer", lang(), document=title, labels=[ask.label for ask in now.fields])
    return "" if now.stage == "ready" else wording.say(f"prefill.{now.stage}", lang(), document=title)
