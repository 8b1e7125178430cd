"""The words by which an application is found, written in the transaction of each hand-in.

A term is a letter that says of what (name, sound, initials, word, category, document) and a text. Each text is kept
from every character on, so a part of it is the beginning of a term: found by a range of the index, never by going
through all. Nothing sensitive is among them.
"""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, delete, insert, select
from sqlalchemy.orm import Session

from models.application import answers, lifecycle
from models.application.packs import pack_of
from models.application.tables import Application
from models.crypto import Damaged
from models.errors import PackError
from models.extensions import db, reading
from models.logs import describe
from models.office.review_tables import SearchTerm
from models.programme import fields, pinyin
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

NAME, SOUND, INITIALS, WORD, CATEGORY, DOCUMENT = "n", "p", "i", "w", "c", "d"
PIECE = 12  # characters of a term; what is looked for is cut into pieces of as many
AT_ONCE = 500  # applications that are filled in at one time
_WRITTEN = "."  # there are terms, even where an application has no words; no search begins so
_LEFT = (lifecycle.WITHDRAWN, lifecycle.DELETED)
_MOST = 400  # terms of one application; the answer that reaches it is the last one kept
_READINGS = 8  # ways in which a name may be read
_LONGEST = 60  # characters of an answer that count
_SPOKEN = ("text", "choice", "choices", "place", "rows")  # kinds of answers that are words


def plain(text: str) -> str:
    """As it is kept and looked for: without spaces, width and capitals."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def terms(pack: Pack | None, name: str, given: Mapping[str, Any], categories: list[str]) -> set[str]:
    """Everything by which such an application is found."""
    found = {CATEGORY + one[:38] for one in categories}
    found |= {
        DOCUMENT + key.removeprefix("document:")[:38]
        for key, pages in given.items()
        if key.startswith("document:") and pages
    }
    found |= {*_of_name(name)}
    for text in _texts(pack, given) if pack else ():
        found |= {*_ends(WORD, text)}
        if len(found) >= _MOST:
            break
    return found


def write(session: Session, application: Application, pack: Pack | None, given: Mapping[str, Any]) -> None:
    """Keep the terms of these answers instead of those before, within the caller's transaction."""
    found = {_WRITTEN, *terms(pack, application.name or "", given, list(application.categories))}
    session.execute(delete(SearchTerm).where(SearchTerm.application_id == application.id))
    rows = [{"programme": application.programme, "term": one, "application_id": application.id} for one in found]
    session.execute(insert(SearchTerm), rows)


def rebuild() -> int:
    """Write all terms anew; how many applications. Safe to run beside everything else, and again."""
    return _write_each(select(Application.id).where(_handed_in()))


def fill(most: int = AT_ONCE) -> int:
    """Write the terms of applications that were handed in before there were any; how many, `most` of them at once."""
    written = select(SearchTerm.application_id).where(SearchTerm.application_id == Application.id).exists()
    return _write_each(select(Application.id).where(_handed_in(), ~written).order_by(Application.id).limit(most))


def _handed_in() -> ColumnElement[bool]:
    return Application.submitted_at.is_not(None) & Application.status.not_in(_LEFT)


def _write_each(query: Select[str]) -> int:
    """An application a transaction: SQLite's one writer is never kept from the others for long."""
    with reading():
        ids = list(db.session.scalars(query))
        db.session.rollback()
    for application_id in ids:
        with unit_of_work() as session:
            here = select(Application).where(Application.id == application_id, _handed_in()).with_for_update()
            application = session.scalar(here)
            if application is not None:  # who has left meanwhile leaves no terms behind
                write(session, application, *_read(session, application))
    return len(ids)


def _read(session: Session, application: Application) -> tuple[Pack | None, Mapping[str, Any]]:
    """The pack and the answers; nothing where they cannot be read: found by the name, it keeps nobody else unfound."""
    try:
        pack = pack_of(application)
        return pack, answers.load(session, application.id, pack).answers
    except (PackError, Damaged) as error:
        log.error("search_terms_incomplete", application=application.id, **describe(error))
        return None, {}


def _of_name(name: str) -> Iterator[str]:
    text = plain(name)
    yield from _ends(NAME, text)
    read = pinyin.readings(text[:20])
    if math.prod(len(one) for one in read) > _READINGS:
        read = tuple(one[:1] for one in read)
    for way in itertools.product(*read):
        for at in range(len(way)):
            yield SOUND + "".join(way[at:])[:38]
            yield INITIALS + "".join(syllable[0] for syllable in way[at:])[:PIECE]


def _ends(kind: str, text: str) -> Iterator[str]:
    for at in range(min(len(text), _LONGEST)):
        yield kind + text[at : at + PIECE]


def _texts(pack: Pack, given: Mapping[str, Any]) -> Iterator[str]:
    """The words of the form's answers, those that are not sensitive; the name is found by itself."""
    hidden = answers.sensitive_keys(pack)
    for section in pack.form.sections:
        for field in section.fields:
            value = given.get(f"field:{field.id}")
            if field.kind not in _SPOKEN or f"field:{field.id}" in hidden or field.id == "name" or not value:
                continue
            if field.kind != "rows":
                yield from _said(field, value)
                continue
            for row in value:
                for column in field.columns:
                    if column.kind in _SPOKEN and row.get(column.id):
                        yield from _said(column, row[column.id])


def _said(spec: Any, value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list | tuple) else [value]:
        shown = fields.display(spec, [one] if isinstance(value, list | tuple) else one, "zh")
        yield plain(shown)[:_LONGEST]
