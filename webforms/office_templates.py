"""The office's own tables: uploaded, their columns said once, tried, and put in use."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from models import storage
from models.errors import BoleError, Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import scope, templates, workbook_files
from models.office.tables import OfficialTemplate
from models.office.template_layout import Wanted
from models.programme.loader import load_pack
from models.programme.official import FORMS
from models.programme.official_columns import Slot, slots
from models.programme.placeholders import placeholders
from webforms.downloads import disposition
from webforms.office_base import page, sentence, staff, staff_route, status_of
from webforms.office_programme import KEEPERS

_COLUMN = "column-"  # names of the selects begin with it


@staff_route("/templates", *KEEPERS)
def templates_page() -> ResponseReturnValue:
    """Every table of the programme, and what was uploaded for it."""
    return _list()


@staff_route("/templates/new", *KEEPERS, methods=("POST",))
def upload_template() -> ResponseReturnValue:
    """Keep a file and have it read."""
    with closing(request.files.get("file") or FileStorage()) as upload:
        data, name = upload.stream.read(templates.LARGEST + 1), upload.filename or ""
    try:
        row = templates.upload(staff(), request.form.get("kind", ""), name, data)
    except InvalidAnswer as error:
        return _list(422, problem=sentence(error))
    return redirect(url_for("office.template_page", template_id=row.id))


@staff_route("/templates/<template_id>", *KEEPERS)
def template_page(template_id: str) -> ResponseReturnValue:
    """What was found in the file, what its columns hold, and what the trial has proved."""
    return _one(scope.get_template(staff(), template_id))


@staff_route("/templates/<template_id>/heads", *KEEPERS, methods=("POST",))
def template_heads(template_id: str) -> ResponseReturnValue:
    """Say where the heads stand."""
    row = scope.get_template(staff(), template_id)
    numbers = [_number(name) for name in ("top", "bottom", "first")]
    wanted = Wanted(sheet=request.form.get("sheet", ""), top=numbers[0], bottom=numbers[1], first=numbers[2])
    return _done(row, lambda: templates.lay_out(staff(), row.id, _number("version"), wanted))


@staff_route("/templates/<template_id>/columns", *KEEPERS, methods=("POST",))
def template_columns(template_id: str) -> ResponseReturnValue:
    """Say what the columns hold, and try."""
    row = scope.get_template(staff(), template_id)
    chosen = {name.removeprefix(_COLUMN): slot for name, slot in request.form.items() if name.startswith(_COLUMN)}
    return _done(row, lambda: templates.map_columns(staff(), row.id, _number("version"), chosen), chosen)


@staff_route("/templates/<template_id>/use", *KEEPERS, methods=("POST",))
def use_template(template_id: str) -> ResponseReturnValue:
    """Fill this one from now on, or no longer."""
    row = scope.get_template(staff(), template_id)
    act = templates.use if request.form.get("use") == "1" else templates.stop
    return _done(row, lambda: act(staff(), row.id, _number("version")))


@staff_route("/templates/<template_id>/remove", *KEEPERS, methods=("POST",))
def remove_template(template_id: str) -> ResponseReturnValue:
    """Remove what is not in use."""
    row = scope.get_template(staff(), template_id)
    try:
        templates.remove(staff(), row.id, _number("version"))
    except Conflict as error:
        return _one(scope.get_template(staff(), template_id), 409, problem=sentence(error))
    flash(_("已删除。"), "success")
    return redirect(url_for("office.templates_page"))


@staff_route("/templates/<template_id>/trial", *KEEPERS)
def template_trial(template_id: str) -> ResponseReturnValue:
    """The trial fill as a file: invented people only."""
    row = scope.get_template(staff(), template_id)
    if not row.trial_key:
        raise NotFound("office.not_found")
    data = storage.get(row.trial_key, templates.trial_bound_to(row.id))
    response = Response(data, mimetype=workbook_files.media_type(row.kind, data))
    label = load_pack(row.programme).workbooks.label(row.kind)
    response.headers["Content-Disposition"] = disposition(f"样例_{label}.{workbook_files.suffix_of(row.kind, data)}")
    return response


def _number(name: str) -> int:
    return request.form.get(name, 0, type=int)


def _done(row: OfficialTemplate, act: Any, chosen: dict[str, str] | None = None) -> ResponseReturnValue:
    template_id = row.id
    try:
        act()
    except (InvalidAnswer, Conflict) as error:
        status = status_of(error)
        row = scope.get_template(staff(), template_id)
        return _one(row, status, problem=sentence(error), **({"chosen": chosen} if chosen else {}))
    return redirect(url_for("office.template_page", template_id=template_id))


def _list(status: int = 200, problem: str = "") -> ResponseReturnValue:
    pack = load_pack(scope.programme(staff()))
    books = pack.workbooks
    made: dict[str, list[OfficialTemplate]] = {}
    for row in db.session.scalars(scope.templates(staff()).order_by(OfficialTemplate.uploaded_at.desc())):
        made.setdefault(row.kind, []).append(row)
    tables = [*books.people_tables(), *books.unit_tables]
    return page(
        "templates.html",
        status,
        tables=tables,
        form=books.form,
        known=placeholders(pack) if books.form is not None else (),
        made=made,
        stale=_stale,
        problem=problem,
        largest=templates.LARGEST >> 20,
    )


def _stale(row: OfficialTemplate) -> bool:
    """Whether a column holds what the programme's table no longer has: it would stay empty."""
    return not {source for source in row.mapping.values() if source} <= {
        slot.id for slot in slots(load_pack(row.programme), row.kind)
    }


def _one(row: OfficialTemplate, status: int = 200, **extra: Any) -> ResponseReturnValue:
    pack = load_pack(row.programme)
    try:
        known = slots(pack, row.kind)
    except LookupError as error:  # the programme has no such table any more
        raise NotFound("office.not_found") from error
    layout = templates.layout_of(row) if row.layout else None
    chosen = extra.pop("chosen", None) or row.mapping
    return page(
        "template.html",
        status,
        row=row,
        form=row.kind == FORMS,
        label=pack.workbooks.label(row.kind),
        layout=layout,
        options=_options(known),
        chosen=chosen,
        missing=[slot for slot in known if slot.required and slot.id not in chosen.values()],
        said=sentence(BoleError(row.problem)) if row.problem else "",
        **{"problem": "", **extra},
    )


def _options(known: Sequence[Slot]) -> dict[str, str]:
    """What may be chosen, by id: the heading under its group; of what stands under two headings, both."""
    found: dict[str, list[str]] = {}
    for slot in known:
        found.setdefault(slot.id, []).append(f"{slot.group}·{slot.header}" if slot.group else slot.header)
    return {ident: " / ".join(names) for ident, names in found.items()}
