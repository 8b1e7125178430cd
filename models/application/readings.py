"""What was read on an application's pages: kept encrypted, one row a page, gone with the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import cast, get_args

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import clock, crypto
from models.application.tables import DocumentPage, Reading
from models.documents.reading import PageReading, State
from models.errors import NotFound
from models.extensions import db


def save(session: Session, page: DocumentPage, reading: PageReading, engine: str) -> None:
    """Keep what was read on `page` as it is turned now, in the place of an earlier reading."""
    sealed = crypto.ring().seal(json.dumps(reading.to_json(), ensure_ascii=False).encode(), _bound_to(page.id))
    row = session.get(Reading, page.id) or Reading(page_id=page.id, application_id=page.application_id)
    row.state, row.kind, row.turn = reading.state, reading.kind, page.turn
    row.sealed, row.engine, row.at = sealed, engine, clock.current().now()
    row.confirmed = []
    session.add(row)


def of_application(application_id: str) -> dict[str, PageReading]:
    """What was read, by page id; pages that nobody has looked at yet, or that were turned since, are not in it."""
    query = (
        select(Reading)
        .join(DocumentPage, DocumentPage.id == Reading.page_id)
        .where(
            Reading.application_id == application_id,
            DocumentPage.removed_at.is_(None),
            DocumentPage.turn == Reading.turn,
        )
    )
    return {row.page_id: _opened(row) for row in db.session.scalars(query)}


def confirmed(application_id: str) -> dict[str, frozenset[str]]:
    """By page id the names (of `PageReading.found`) about which the person has said that what they typed is right."""
    query = select(Reading.page_id, Reading.confirmed).where(Reading.application_id == application_id)
    return {page_id: frozenset(names) for page_id, names in db.session.execute(query)}


def confirm(session: Session, application_id: str, names: Mapping[str, Iterable[str]]) -> None:
    """Remember, by page id, that the person stands by what they typed. Raises NotFound for a page that was not read."""
    for page_id, more in names.items():
        row = session.get(Reading, page_id)
        if row is None or row.application_id != application_id:
            raise NotFound("error.not_found")
        row.confirmed = sorted({*row.confirmed, *more})


def copy(session: Session, source: DocumentPage, target: DocumentPage) -> None:
    """What was read on `source` holds for a page that is a copy of it; nobody has confirmed anything there yet."""
    row = session.get(Reading, source.id)
    if row is not None and row.turn == source.turn:
        save(session, target, _opened(row), row.engine)


def forget(session: Session, page_ids: Iterable[str]) -> None:
    """What was read on these pages goes with them."""
    session.execute(delete(Reading).where(Reading.page_id.in_(list(page_ids))))


def _opened(row: Reading) -> PageReading:
    if row.sealed is None:
        assert row.state in get_args(State)
        return PageReading(cast(State, row.state), row.kind)
    return PageReading.from_json(json.loads(crypto.ring().open(row.sealed, _bound_to(row.page_id))))


def _bound_to(page_id: str) -> str:
    return f"reading:{page_id}"
