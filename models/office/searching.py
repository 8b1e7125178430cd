"""Finding people (搜索查询): by name or a part of it, sound, initials, words, unit, category, document, status and
days, by receipt and ID number exactly; all of it together, within reach, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, literal, select, union

from models.application import receipt
from models.application.submission import person_indexes
from models.application.tables import Application
from models.clock import CHINA
from models.errors import BoleError
from models.extensions import db
from models.office import scope
from models.office.review_tables import SearchTerm
from models.office.search_terms import CATEGORY, DOCUMENT, INITIALS, NAME, PIECE, SOUND, WORD, plain
from models.office.tables import Staff
from models.programme import idnumber, typed
from models.programme.loader import load_pack

PAGE_SIZE = 50
COUNTED = 1000  # more are not counted
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty parts do not narrow. `text`: words of any kind, each of which has to be found."""

    text: str = ""
    keyword: str = ""  # employer, title, school …
    unit_id: str = ""
    category: str = ""
    document: str = ""
    status: str = ""
    since: date | None = None  # of the hand-in, both days included
    until: date | None = None
    page: int = 1

    @property
    def empty(self) -> bool:
        """Whether nothing is asked."""
        return self == Wanted(page=self.page)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the people. `total` counts up to `COUNTED`; `more`: there are more than that."""

    rows: tuple[Application, ...]
    total: int
    pages: int
    page: int
    more: bool


def find(staff: Staff, wanted: Wanted) -> Found:
    """The people within reach who fit all that is asked; nobody where nothing is."""
    if wanted.empty:
        return Found((), 0, 1, 1, more=False)
    newest = matching(staff, wanted).order_by(Application.submitted_at.desc(), Application.id.desc())
    ids = list(db.session.scalars(newest.with_only_columns(Application.id).limit(COUNTED + 1)))  # counts as well
    total = min(len(ids), COUNTED)
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, wanted.page), pages)
    shown = ids[:total][(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    rows = _rows(staff, shown) if shown else {}
    return Found(tuple(rows[one] for one in shown if one in rows), total, pages, page, len(ids) > COUNTED)


def _rows(staff: Staff, ids: list[str]) -> dict[str, Application]:
    found = db.session.scalars(scope.applications(staff).where(Application.id.in_(ids)))
    return {one.id: one for one in found}


def matching(staff: Staff, wanted: Wanted) -> Select[Application]:
    """The same as a query, without an order."""
    return scope.applications(staff).where(*_conditions(scope.programme(staff), wanted))


def _conditions(slug: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    for token in wanted.text.split()[:8]:
        yield _anything(slug, token)
    for token in wanted.keyword.split()[:8]:
        yield from (Application.id.in_(_beginning(slug, WORD + piece)) for piece in _pieces(plain(token)))
    if wanted.unit_id:
        yield Application.unit_id == wanted.unit_id
    if wanted.category:
        yield Application.id.in_(_exactly(slug, CATEGORY + wanted.category[:38]))
    if wanted.document:
        yield Application.id.in_(_exactly(slug, DOCUMENT + wanted.document[:38]))
    if wanted.status:
        yield Application.status == wanted.status
    if wanted.since:
        yield Application.submitted_at >= datetime.combine(wanted.since, time(), CHINA)
    if wanted.until:
        yield Application.submitted_at < datetime.combine(wanted.until + timedelta(days=1), time(), CHINA)


def _anything(slug: str, token: str) -> ColumnElement[bool]:
    """Found as a name, its sound, its initials or a word; or exactly, as a receipt or a number."""
    exact: list[Select[str]] = []
    code = receipt.normalise(token)
    if code:
        exact.append(select(Application.id).where(Application.receipt == code))
    indexes = _numbers(slug, token)
    if indexes:
        own = (Application.programme == slug, Application.person_index.in_(indexes))
        exact.append(select(Application.id).where(*own))
    text = plain(token)
    first, *rest = _pieces(text)
    kinds = (NAME, WORD, SOUND, INITIALS) if text.isascii() and text.isalpha() else (NAME, WORD)
    begun = union(*(_beginning(slug, kind + _cut(kind, text, first)) for kind in kinds), *exact)
    condition: ColumnElement[bool] = Application.id.in_(begun)
    for piece in rest if not text.isascii() else ():
        words = union(_beginning(slug, NAME + piece), _beginning(slug, WORD + piece))
        condition = condition & Application.id.in_(words)
    return condition


def _cut(kind: str, text: str, first: str) -> str:
    return text[:38] if kind == SOUND else first


def _pieces(text: str) -> list[str]:
    return [text[at : at + PIECE] for at in range(0, min(len(text), 5 * PIECE), PIECE)] or [""]


def _beginning(slug: str, text: str) -> Select[str]:
    """Applications with a term that begins so: one range of the index."""
    begins = (SearchTerm.term >= literal(text), SearchTerm.term < literal(text + _LAST))
    return select(SearchTerm.application_id).where(SearchTerm.programme == slug, *begins)


def _exactly(slug: str, text: str) -> Select[str]:
    return select(SearchTerm.application_id).where(SearchTerm.programme == slug, SearchTerm.term == text)


def _numbers(slug: str, token: str) -> list[str]:
    """The blind indexes of an ID or passport number; none where it is neither."""
    pack = load_pack(slug)
    for read in (idnumber.check, typed.passport_number):
        try:
            return person_indexes(db.session(), pack, read(token))
        except BoleError:
            continue
    return []
