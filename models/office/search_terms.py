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

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from models.application import answers
from models.application.packs import pack_of
from models.application.tables import Application
from models.extensions import db
from models.office.review_tables import SearchTerm
from models.programme import fields, pinyin
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work

NAME, SOUND, INITIALS, WORD, CATEGORY, DOCUMENT = "n", "p", "i", "w", "c", "d"
PIECE = 12  # characters of a term; what is looked for is cut into pieces of as many
_MOST = 400  # terms of one application
_READINGS = 8  # ways in which a name may be read
_LONGEST = 60  # characters of an answer that count
_SPOKEN = ("text", "choice", "choices", "place", "rows")  # kinds of answers that are words


def plain(text: str) -> str:
    """As it is kept and looked for: without spaces, width and capitals."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def terms(pack: Pack, name: str, given: Mapping[str, Any], categories: list[str]) -> set[str]:
    """Everything by which such an application is found."""
    found = {CATEGORY + one[:38] for one in categories}
    found |= {
        DOCUMENT + key.removeprefix("document:")[:38]
        for key, pages in given.items()
        if key.startswith("document:") and pages
    }
    found |= {*_of_name(name)}
    for text in _texts(pack, given):
        found |= {*_ends(WORD, text)}
        if len(found) >= _MOST:
            break
    return set(itertools.islice(found, _MOST + 50))


def write(session: Session, application: Application, pack: Pack, given: Mapping[str, Any]) -> None:
    """Keep the terms of these answers instead of those before, within the caller's transaction."""
    found = terms(pack, application.name or "", given, list(application.categories))
    session.execute(delete(SearchTerm).where(SearchTerm.application_id == application.id))
    rows = [{"programme": application.programme, "term": one, "application_id": application.id} for one in found]
    if rows:
        session.execute(insert(SearchTerm), rows)


def rebuild() -> int:
    """Write all terms anew, an application a transaction; how many. Safe to run beside everything else, and again."""
    ids = list(db.session.scalars(select(Application.id).where(Application.submitted_at.is_not(None))))
    db.session.rollback()
    for application_id in ids:
        with unit_of_work() as session:
            application = session.get(Application, application_id, with_for_update=True)
            if application is not None:
                pack = pack_of(application)
                write(session, application, pack, answers.load(session, application_id, pack).answers)
    return len(ids)


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
