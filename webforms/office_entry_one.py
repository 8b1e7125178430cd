"""One person entered by a form: for the unit with one newcomer, who should not need a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from models.application.tables import new_id
from models.errors import InvalidAnswer, NotOpen
from models.extensions import db
from models.interview.prepared import prepared
from models.interview.steps import Ask
from models.office import batch_of_one, scope
from models.office.batch_rows import Problem
from models.programme.entry_columns import CLAIM, EntryColumn, entry_columns
from models.programme.loader import load_pack
from models.programme.pack import Pack
from webforms.forms import AnswerField, bind
from webforms.i18n import about
from webforms.office_base import lang, page, sentence, staff, staff_route
from webforms.office_entry import ENTERERS

NAME = "field:name"


@dataclass(frozen=True, slots=True)
class Part:
    """Fields under one heading."""

    title: str
    fields: tuple[AnswerField, ...]


@staff_route("/entry/one", *ENTERERS, methods=("GET", "POST"))
def enter_one() -> ResponseReturnValue:
    """The fields of a list's row, as a form; who is right in all of them is entered at once."""
    pack = load_pack(scope.programme(staff()))
    if request.method == "GET":
        return _form(pack, _fields(pack), new_id())
    fields, form = _fields(pack, request.form), request.form.get("_form", "")[:32]
    try:
        outcome = batch_of_one.enter(staff(), form, {field.name: _text(field) for field in fields})
    except (InvalidAnswer, NotOpen) as error:
        db.session.rollback()
        return _form(pack, fields, form, [("", sentence(error))], status=422)
    if not outcome.application_id:
        return _form(pack, fields, form, _beside(fields, outcome.problems), status=422)
    flash(_("已录入。请把下面的链接交给本人确认。"), "success")
    return redirect(url_for("office.entered_person", application_id=outcome.application_id))


def _fields(pack: Pack, sent: MultiDict[str, str] | None = None) -> list[AnswerField]:
    """In the order of the page: by what a person is known first, then as in a list."""
    columns = sorted(entry_columns(pack), key=lambda one: (not one.usual, one.key != NAME and not one.identity))
    asks = {ask.key: ask for ask in _asks(pack, columns)}
    return bind((pack.slug, pack.programme.version), asks, {}, sent)


def _asks(pack: Pack, columns: Iterable[EntryColumn]) -> Iterator[Ask]:
    """What the columns ask, as the person would be asked."""
    ready = prepared(pack)
    for column in columns:
        kind, _colon, ident = column.key.partition(":")
        if column.key == CLAIM:  # by its name in lists: the question speaks to the person
            yield replace(ready.claim, label=column.label, help=None)
        else:
            yield ready.facts[ident] if kind == "fact" else ready.fields[ident]


def _text(field: AnswerField) -> str:
    """What a cell of a list would hold."""
    return "、".join(field.raw) if isinstance(field.raw, list) else str(field.raw or "")


def _beside(fields: Iterable[AnswerField], problems: Iterable[Problem]) -> list[tuple[str, str]]:
    """Put each sentence beside its field; anchors and sentences for the summary, in the order of the page."""
    said: dict[str, list[str]] = {}
    for one in problems:
        said.setdefault(one.key, []).append(one.text[lang()])
    found = [("", text) for text in said.pop("", [])]
    for field in fields:
        if field.name in said:
            field.error = " ".join(said[field.name])
            found.append((field.anchor, about(field.spec.label.get(lang()), field.error)))
    return found


def _form(
    pack: Pack, fields: list[AnswerField], form: str, problems: Iterable[tuple[str, str]] = (), status: int = 200
) -> ResponseReturnValue:
    columns = {column.key: column for column in entry_columns(pack)}
    numbers = [key for key, column in columns.items() if column.identity]
    usual = [field for field in fields if columns[field.name].usual]
    others = tuple(_parts(pack, [field for field in fields if field not in usual]))
    return page(
        "entry_one.html",
        status,
        pack=pack,
        usual=usual,
        others=others,
        opened=any(field.error or field.raw for part in others for field in part.fields),
        must=(NAME, *numbers) if len(numbers) == 1 else (NAME,),
        either=[columns[key].label.get(lang()) for key in numbers] if len(numbers) > 1 else [],
        form=form,
        problems=list(problems),
    )


def _parts(pack: Pack, fields: list[AnswerField]) -> Iterator[Part]:
    """The fields that a list need not have, by the sections of the form; what the conditions ask about first."""
    by_section: dict[str, list[AnswerField]] = {}
    for field in fields:
        by_section.setdefault(field.spec.section, []).append(field)
    titles: Mapping[str, str] = {section.id: section.title.get(lang()) for section in pack.form.sections}
    for section in ("", *titles):
        if section in by_section:
            yield Part(titles.get(section, str(_("申报条件"))), tuple(by_section[section]))
