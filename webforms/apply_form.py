"""The form: a task list with states, and one section a page. Saving keeps what is right and shows what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from models import clock
from models.application import labels, prefill, reuse, rounds, service
from models.application.queries import ApplicationView
from models.errors import BoleError, InvalidAnswer, NotFound
from models.interview.steps import Ask, SectionState
from models.programme import places
from models.programme.fields import display
from webforms.apply_base import (
    DOOR,
    attach,
    blueprint,
    bringable,
    current_round,
    editable,
    form_field,
    next_task,
    open_keys,
    opened,
    page,
    require_form,
    returned,
    returned_reasons,
    say,
    switching,
)
from webforms.apply_notes import notes, shown
from webforms.forms import AnswerField, bind
from webforms.i18n import lang


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the task list."""

    title: Any
    url: str
    state: str  # not_started | in_progress | done | returned | received | retake
    optional: bool = False


@blueprint.get("/p/<slug>/tasks")
def tasks(slug: str) -> ResponseReturnValue:
    """Everything to fill in and to photograph, with states and the days that remain."""
    view = opened(slug)
    elsewhere = require_form(view)
    if elsewhere:
        return elsewhere
    now, other = current_round(view), bringable(view)
    today = clock.current().today()
    told = notes(view, lang())
    shown(view, told)
    return page(
        "tasks",
        view,
        sections=[_section_task(view, section) for section in _shown_sections(view)],
        documents=[document_task(view, ask) for ask in _shown_documents(view)],
        now=now,
        days=now.days_left(today) if now else None,
        intake=rounds.intake_words(view.pack, now, today) if now else None,
        ready=all(ask.key in view.plan.answered or ask.kind == "declaration" for ask in view.plan.asks)
        and not view.outstanding,
        returned=returned(view),
        sent_back=[labels.named(view.pack, key, reason, lang()) for key, reason in _sent_back(view)],
        notes=told,
        brought=[reuse.title(source) for source in reuse.sources(view.events)] if not returned(view) else [],
        bring=other.source.programme.short if other else None,
        read_first=_read_first(view),
    )


def _sent_back(view: ApplicationView) -> list[tuple[str, str]]:
    """What was returned and has yet to be dealt with, each with its reason."""
    reasons = returned_reasons(view)
    return [(key, reasons.get(key, "")) for key in view.outstanding]


def _read_first(view: ApplicationView) -> prefill.Prefill | None:
    """The ID card, while it can still spare the person some typing."""
    now = prefill.prefill(view)
    return now if now is not None and (now.stage != "unread" or not now.asked) else None


def _shown_sections(view: ApplicationView) -> list[SectionState]:
    opened_keys = open_keys(view)
    return [
        section
        for section in view.plan.sections
        if opened_keys is None or any(ask.key in opened_keys for ask in section.asks)
    ]


def _shown_documents(view: ApplicationView) -> list[Ask]:
    opened_keys = open_keys(view)
    return [ask for ask in view.plan.documents if opened_keys is None or ask.key in opened_keys]


def _section_task(view: ApplicationView, section: SectionState) -> Task:
    state = section.state
    if any(ask.key in view.outstanding for ask in section.asks):
        state = "returned"
    return Task(section.title, url_for("apply.section", slug=view.pack.slug, name=section.id), state)


def document_task(view: ApplicationView, ask: Ask) -> Task:
    """A document's line: photographs that were judged unusable ask for another."""
    name = ask.key.partition(":")[2]
    pages = view.document_pages(name)
    state = "done" if ask.key in view.plan.answered else "in_progress" if pages else "not_started"
    if any(one.state == "retake" for one in pages):
        state = "retake"
    if ask.key in view.outstanding:
        state = "returned"
    return Task(ask.label, url_for("apply.document", slug=view.pack.slug, name=name), state, not ask.required)


@blueprint.route("/p/<slug>/s/<name>", methods=["GET", "POST"])
def section(slug: str, name: str) -> ResponseReturnValue:
    """One section of the form."""
    view = opened(slug)
    elsewhere = require_form(view)
    if elsewhere:
        return elsewhere
    state = find_section(view, name)
    if request.method == "GET":
        return _show(view, state, section_fields(view, state))
    fields = section_fields(view, state, request.form)
    if switching():
        return _show(view, state, fields)
    refused = _save(view, fields)
    return _after_save(slug, name, fields, refused)


def _save(view: ApplicationView, fields: list[AnswerField]) -> dict[str, InvalidAnswer]:
    values = {field.name: _sent(field, view) for field in fields}
    refused = service.save_partial(view.application.id, values, DOOR)
    for field in fields:
        if field.kind == "rows" and 0 < len(values[field.name]) < field.spec.min_rows:
            refused[field.name] = InvalidAnswer("error.too_few_rows", limit=field.spec.min_rows)
    return refused


def _sent(field: AnswerField, view: ApplicationView) -> Any:
    """Rows are kept by their own pages: the section only confirms what is there."""
    if field.kind == "rows":
        return view.answers.get(field.name) or []
    return field.raw


def _after_save(
    slug: str, name: str, before: list[AnswerField], refused: dict[str, InvalidAnswer]
) -> ResponseReturnValue:
    view = opened(slug)
    state = next((one for one in view.plan.sections if one.id == name), None)
    row = request.form.get("_row", "")
    # To the row only when nothing typed on this page would be lost by leaving it.
    if row and not any(field.name in refused and _was_typed(field) for field in before):
        return redirect(url_for("apply.row", slug=slug, name=row, number=_next_row(view, row), back=_back()))
    if state is None:  # what was answered has closed this section
        return redirect(next_task(view))
    live = {ask.key for ask in state.asks}
    refused = {key: exc for key, exc in refused.items() if key in live}
    find = request.form.get("_find", "")
    if row or find:
        refused = {field.name: refused[field.name] for field in before if field.name in refused and _was_typed(field)}
    fields = section_fields(view, state, request.form, known={field.name for field in before})
    sought = next((field for field in fields if field.name == find and field.kind == "place"), None)
    if sought is not None:
        sought.found = places.search(sought.typed())
        return _show(view, state, fields, attach(fields, refused))
    problems = attach(fields, refused)
    fresh = [ask for ask in state.asks if ask.key not in view.plan.answered and ask.key not in refused]
    if problems or fresh:
        return _show(view, state, fields, problems, fresh=bool(fresh) and not problems)
    return redirect(next_task(view))


def _was_typed(field: AnswerField) -> bool:
    return field.kind != "rows" and bool(field.raw)


def _back() -> str | None:
    return "check" if request.form.get("back") == "check" else None


def _next_row(view: ApplicationView, field_id: str) -> int:
    return len(view.answers.get(f"field:{field_id}") or []) + 1


def _show(
    view: ApplicationView, state: SectionState, fields: list[AnswerField], problems: Any = (), fresh: bool = False
) -> ResponseReturnValue:
    source = next(one for one in view.pack.form.sections if one.id == state.id)
    return page(
        "section",
        view,
        problems=problems,
        section=source,
        fields=fields,
        fresh=fresh,
        reasons=returned_reasons(view),
        row_text=row_text,
    )


def find_section(view: ApplicationView, name: str) -> SectionState:
    """The live section with this id; raises NotFound."""
    found = next((one for one in view.plan.sections if one.id == name), None)
    if found is None:
        raise NotFound("error.not_found")
    return found


def section_fields(
    view: ApplicationView,
    state: SectionState,
    sent: MultiDict[str, str] | None = None,
    known: set[str] | None = None,
) -> list[AnswerField]:
    """The section's fields; in a returned application only the reopened ones. `known`: names that were on the page,
    so that a field which has just come up is not taken for one left empty."""
    opened_keys = open_keys(view)
    asks = [ask for ask in state.asks if opened_keys is None or ask.key in opened_keys]
    fields = bind((view.pack.slug, view.pack.programme.version), {ask.key: ask for ask in asks}, view.answers, sent)
    for field in fields:
        spec = form_field(view.pack, field.name.partition(":")[2])
        if spec is not None and spec.parent:
            field.parent, field.options = f"field:{spec.parent}", spec.options
        if known is not None and field.name not in known:
            field.raw, field.parts = None, {}
    return fields


def row_text(field: AnswerField, row: dict[str, Any]) -> str:
    """One kept row in a line."""
    shown = [display(column, row.get(column.id), lang()) for column in field.spec.columns]
    return " · ".join(part for part in shown if part)


@blueprint.post("/p/<slug>/save")
def save(slug: str) -> ResponseReturnValue:
    """Autosave of one page: keeps what is valid, answers with the sentences for what is not."""
    view = opened(slug)
    if not editable(view):
        return jsonify(saved=[], errors={}), 409
    asks = {ask.key: ask for ask in view.plan.asks if ask.kind not in ("rows", "document", "consent", "declaration")}
    spoken = {name: asks[name] for name in request.form.get("_keys", "").split() if name in asks}
    fields = bind((slug, view.pack.programme.version), spoken, {}, request.form)
    values = {field.name: field.raw for field in fields}
    errors: dict[str, BoleError] = dict(service.save_partial(view.application.id, values, DOOR)) if values else {}
    return jsonify(
        saved=[name for name in values if name not in errors], errors={key: say(exc) for key, exc in errors.items()}
    )


@blueprint.get("/p/<slug>/states")
def states(slug: str) -> ResponseReturnValue:
    """Task states for a page that came back from the browser's page cache."""
    view = opened(slug)
    lines = [_section_task(view, one) for one in view.plan.sections]
    lines += [document_task(view, ask) for ask in view.plan.documents]
    return jsonify({line.url: line.state for line in lines})
