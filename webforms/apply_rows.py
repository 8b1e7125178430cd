"""Repeatable rows (简历, 表彰, …): add, change and remove one row a page, without JavaScript."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.application import service
from models.application.queries import ApplicationView
from models.errors import InvalidAnswer, NotFound
from models.interview.steps import Ask
from webforms.apply_base import (
    DOOR,
    Problem,
    attach,
    blueprint,
    coming_from,
    form_field,
    opened,
    page,
    require_form,
    say,
    section_of,
    switching,
)
from webforms.forms import AnswerField, bind


@blueprint.route("/p/<slug>/rows/<name>/<int:number>", methods=["GET", "POST"])
def row(slug: str, name: str, number: int) -> ResponseReturnValue:
    """One row: an existing one, or the next new one."""
    view = opened(slug)
    elsewhere = require_form(view)
    if elsewhere:
        return elsewhere
    ask = _rows_ask(view, name)
    kept = list(view.answers.get(ask.key) or [])
    if not 1 <= number <= len(kept) + 1:
        raise NotFound("error.not_found")
    stored = kept[number - 1] if number <= len(kept) else {}
    posted = request.method == "POST"
    fields = _columns(view, ask, stored, posted)
    if not posted or switching():
        return _show(view, ask, fields, number, bool(stored))
    values = {field.name.partition(":")[2]: _cell(field) for field in fields}
    rows = [*kept[: number - 1], values, *kept[number:]]
    refused = service.save_partial(view.application.id, {ask.key: rows}, DOOR).get(ask.key)
    if refused is not None:
        view = opened(slug)
        return _show(view, ask, fields, number, bool(stored), _problems(fields, refused, number))
    if request.form.get("_then") == "another" and number < (ask.max_rows or number + 1):
        return redirect(url_for("apply.row", slug=slug, name=name, number=len(rows) + 1, back=coming_from() or None))
    return redirect(_section(view, name))


def _cell(field: AnswerField) -> Any:
    """「至今」 stands for itself; the rules know the word."""
    return "" if field.raw is None else field.raw


def _problems(fields: list[AnswerField], refused: InvalidAnswer, number: int) -> list[Problem]:
    """The refusal beside its column; one about another row, or about all rows, above the page."""
    column = refused.params.get("column_id")
    inner = refused.params.get("problem")
    if refused.params.get("row") == number and column and isinstance(inner, InvalidAnswer):
        return attach(fields, {f"col:{column}": inner})
    return [Problem("main", say(refused))]


@blueprint.route("/p/<slug>/rows/<name>/<int:number>/remove", methods=["GET", "POST"])
def remove_row(slug: str, name: str, number: int) -> ResponseReturnValue:
    """Remove a row, after asking."""
    view = opened(slug)
    elsewhere = require_form(view)
    if elsewhere:
        return elsewhere
    ask = _rows_ask(view, name)
    kept = list(view.answers.get(ask.key) or [])
    if not 1 <= number <= len(kept):
        return redirect(_section(view, name))
    (field,) = bind((slug, view.pack.programme.version), {ask.key: ask}, view.answers)
    if request.method == "GET":
        url = _section(view, name)
        return page("row_remove", view, field=field, row=kept[number - 1], number=number, section_url=url)
    if kept[number - 1 : number] and request.form.get("count") == str(len(kept)):
        rest = [*kept[: number - 1], *kept[number:]]
        if rest:
            service.save_partial(view.application.id, {ask.key: rest}, DOOR)
        else:
            service.forget(view.application.id, [ask.key], DOOR)
    return redirect(_section(view, name))


def _rows_ask(view: ApplicationView, name: str) -> Ask:
    ask = view.plan.ask(f"field:{name}")
    if ask is None or ask.kind != "rows":
        raise NotFound("error.not_found")
    return ask


def _columns(view: ApplicationView, ask: Ask, stored: dict[str, Any], posted: bool) -> list[AnswerField]:
    return bind(
        (view.pack.slug, view.pack.programme.version),
        {f"col:{column.id}": column for column in ask.columns},
        {f"col:{column.id}": stored.get(column.id) for column in ask.columns if column.id in stored},
        request.form if posted else None,
    )


def _show(
    view: ApplicationView,
    ask: Ask,
    fields: list[AnswerField],
    number: int,
    existing: bool,
    problems: list[Problem] | None = None,
) -> ResponseReturnValue:
    name = ask.key.partition(":")[2]
    title = _("第 %(number)s 行", number=number)
    return page(
        "row",
        view,
        problems=problems or (),
        ask=ask,
        fields=fields,
        number=number,
        existing=existing,
        title=title,
        section_url=_section(view, name),
        official=form_field(view.pack, name),
    )


def _section(view: ApplicationView, name: str) -> str:
    section = section_of(view.pack, name)
    back = coming_from() or None
    return url_for("apply.section", slug=view.pack.slug, name=section, back=back) + f"#field-{name}"
