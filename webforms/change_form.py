"""The fields of a change out of a browser's form, for the person's pages and the clerk's: what was typed, and rows by
ticking those that go and filling in one that comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from models.application.answers import sensitive_keys
from models.application.queries import ApplicationView
from models.errors import InvalidAnswer
from models.interview.steps import Ask
from models.office import change_pages, changes
from models.office.chain_tables import RegistryChange
from models.office.masking import mask
from models.programme.fields import display
from models.programme.pack import FormField, Pack
from webforms import uploads
from webforms.forms import AnswerField, bind
from webforms.i18n import about, lang


@dataclass(frozen=True, slots=True)
class Shown:
    """A field as the page shows it; a repeatable one has its rows in a line each, and the columns of one more. `held`:
    what is kept of a sealed one, masked, which a clerk may write anew but not read here."""

    field: AnswerField
    rows: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    columns: tuple[AnswerField, ...] = ()
    held: str = ""


def shown(
    view: ApplicationView,
    change: RegistryChange,
    sent: MultiDict[str, str] | None = None,
    refused: Mapping[str, InvalidAnswer] | None = None,
    *,
    masked: bool = False,
) -> list[Shown]:
    """The fields with what is kept and, where something was refused or nothing could be saved, what was typed (`sent`);
    for staff sealed ones `masked`."""
    held = changes.dossier(change)
    now = {**view.answers, **held.new}
    kind = changes.kind_of(view.pack, change.kind)
    asks = {ask.key: ask for ask in changes.asks(view.pack, kind, view.answers, held.new)}
    sealed = sensitive_keys(view.pack) if masked else frozenset[str]()
    found = []
    for field in bind(_pack(view), asks, now, sent):
        wrong = field.name in refused if refused else sent is not None
        if field.kind == "rows":
            one = _rows(view, field, now, sent, wrong)
            one = replace(one, rows=tuple(mask("rows", row) for row in one.rows)) if field.name in sealed else one
        else:
            one = Shown(field, held=_sealed(view, field) if field.name in sealed else "")
        found.append(one)
        spec = _spec(view, field.name)
        if spec is not None and spec.parent:
            field.parent, field.options = f"field:{spec.parent}", spec.options
    return found


def _sealed(view: ApplicationView, field: AnswerField) -> str:
    """What is kept, masked; the field itself no longer has it."""
    spec, value = _spec(view, field.name), field.stored
    field.stored = None
    return mask(field.kind, display(spec, value, lang())) if spec is not None and value not in (None, "") else ""


def _rows(
    view: ApplicationView, field: AnswerField, now: Mapping[str, Any], sent: MultiDict[str, str] | None, wrong: bool
) -> Shown:
    rows = [
        " · ".join(part for part in (display(c, row.get(c.id), lang()) for c in field.spec.columns) if part)
        for row in now.get(field.name) or []
    ]
    dropped = tuple(sent.getlist(f"{field.name}.drop")) if sent is not None and wrong else ()
    columns = _columns(view, field.spec, sent if wrong else None)
    return Shown(field, tuple(rows), dropped, tuple(columns))


def _columns(view: ApplicationView, ask: Ask, sent: MultiDict[str, str] | None) -> list[AnswerField]:
    return bind(_pack(view), {f"col:{ask.key}:{column.id}": column for column in ask.columns}, {}, sent)


def quotes(pack: Pack) -> dict[str, str]:
    """What the notice itself says, by clause."""
    return {clause.ref: clause.quote for clause in pack.clauses if clause.quote}


def typed(view: ApplicationView, change: RegistryChange, *, masked: bool = False) -> dict[str, Any]:
    """What was sent, by answer key, as the rules read it. `masked`: a sealed one that is left empty stays."""
    held = changes.dossier(change)
    now = {**view.answers, **held.new}
    kind = changes.kind_of(view.pack, change.kind)
    asks = {ask.key: ask for ask in changes.asks(view.pack, kind, view.answers, held.new)}
    sealed = sensitive_keys(view.pack) if masked else frozenset[str]()
    found = {}
    for field in bind(_pack(view), asks, now, request.form):
        if field.name in sealed and field.kind != "rows" and not field.raw:
            continue
        if field.kind != "rows":
            found[field.name] = field.raw
            continue
        gone = set(request.form.getlist(f"{field.name}.drop"))
        rows = [row for number, row in enumerate(now.get(field.name) or [], start=1) if str(number) not in gone]
        more = {one.name.rpartition(":")[2]: one.raw or "" for one in _columns(view, field.spec, request.form)}
        found[field.name] = [*rows, more] if any(more.values()) else rows
    return found


def put(fields: Iterable[Shown], refused: Mapping[str, InvalidAnswer], say: Any) -> list[tuple[str, str]]:
    """Put each refusal beside its field; anchors and sentences for the summary."""
    problems = []
    for one in fields:
        error = refused.get(one.field.name)
        if error is not None:
            one.field.error = say(error)
            problems.append((one.field.anchor, about(one.field.spec.label.get(lang()), one.field.error)))
    return problems


def keep_photos(change_id: str, app_id: str, door: str) -> InvalidAnswer | None:
    """Keep the photos of this request as proof; the first refusal, what was kept before stays."""
    key = request.form.get("_key", "")[:32]
    for number, upload in enumerate(uploads.files()):
        try:
            change_pages.add(change_id, app_id, upload.stream.read(uploads.MAX_BYTES + 1), f"{key}:{number}", door)
        except InvalidAnswer as exc:
            return exc
    return None


def _pack(view: ApplicationView) -> tuple[str, str]:
    return view.pack.slug, view.pack.programme.version


def _spec(view: ApplicationView, key: str) -> FormField | None:
    fields = (field for section in view.pack.form.sections for field in section.fields)
    return next((field for field in fields if f"field:{field.id}" == key), None)
