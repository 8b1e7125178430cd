"""Blind indexes for what units wrote down before these were kept, so that people reported twice are found among it too.

Piece by piece, rows of lists first and entered drafts after them; how far a programme is lies in one record. A piece
that is done twice writes the same, and one that is broken off is done again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import clock, outbox
from models.application import answers, channel_state, lifecycle, packs
from models.application.tables import Application, Round
from models.crypto import Damaged
from models.errors import PackError
from models.extensions import db, reading
from models.logs import describe
from models.office import batches, doubles
from models.office.batch_rows import judge, unseal
from models.office.batch_tables import Batch, BatchRow, Confirmation
from models.programme.loader import load_pack
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

AT_ONCE = 200
ROWS, DRAFTS, DONE = "rows", "drafts", "done"


@dataclass(frozen=True, slots=True)
class _Found:
    """An index to write, with what it belongs to as it was when it was read, and whose comparing it asks for."""

    id: str
    version: int
    index: str
    compare: str


def fill(most: int = AT_ONCE) -> int:
    """The next piece of each programme that settles such cases; how many indexes were written. Needs an app context."""
    with reading():
        slugs = list(db.session.scalars(select(Round.programme).distinct().order_by(Round.programme)))
        db.session.rollback()
    return sum(_piece(slug, most) for slug in slugs)


def _piece(slug: str, most: int) -> int:
    try:
        pack = load_pack(slug)
    except PackError as error:  # said where packs are read; another programme's rows wait for nothing
        log.error("double_indexes_incomplete", programme=slug, **describe(error))
        return 0
    stage, after = _reached(slug)
    if stage == DONE or not doubles.settles(pack):
        return 0
    with reading():
        rows = _rows(slug, after, most) if stage == ROWS else _drafts(slug, after, most)
        found = list(_of_rows(pack, rows) if stage == ROWS else _of_drafts(rows))
        onward = {ROWS: DRAFTS, DRAFTS: DONE}[stage]
        reached = (stage, rows[-1][0].id) if len(rows) == most else (onward, "")
        db.session.rollback()
    written = 0
    if found:
        with unit_of_work() as session:
            written = sum(_write(session, stage, one) for one in found)
            for subject in dict.fromkeys(one.compare for one in found):
                last = max(one.id for one in found if one.compare == subject)
                outbox.promise(session, "find_doubles", subject, f"find_doubles:{subject}:filled:{last}")
    _note(slug, reached)
    return written


def _rows(slug: str, after: str, most: int) -> Sequence[Any]:
    query = select(BatchRow, Batch).join(Batch, Batch.id == BatchRow.batch_id).join(Round, Round.id == Batch.round_id)
    query = query.where(
        Round.programme == slug,
        Batch.state.in_((batches.READ, batches.ENTERING)),  # one that is being read gets its own with the rest
        BatchRow.position > 0,
        BatchRow.state.in_((batches.READY, batches.FAULTY)),
        BatchRow.sealed.is_not(None),
        BatchRow.person_index.is_(None),
        BatchRow.id > after,
    )
    return db.session.execute(query.order_by(BatchRow.id).limit(most)).all()


def _of_rows(pack: Pack, rows: Sequence[Any]) -> Iterator[_Found]:
    today = clock.current().today()
    for row, batch in rows:
        try:
            values = judge(pack, batch.columns, unseal(row.id, row.sealed), today).values
        except Damaged as error:
            log.error("double_indexes_incomplete", row=row.id, **describe(error))
            continue
        index = doubles.index_of(pack, values, batch.round_id)
        if index is not None:
            yield _Found(row.id, row.version, index, batch.id)


def _drafts(slug: str, after: str, most: int) -> Sequence[Any]:
    query = select(Application, Confirmation).join(Confirmation, Confirmation.application_id == Application.id)
    query = query.where(
        Application.programme == slug,
        Application.status == lifecycle.DRAFT,
        Confirmation.person_index.is_(None),
        Application.id > after,
    )
    return db.session.execute(query.order_by(Application.id).limit(most)).all()


def _of_drafts(rows: Sequence[Any]) -> Iterator[_Found]:
    """By the number as it stands: what the unit had entered first is not kept."""
    for application, waiting in rows:
        try:
            pack = packs.pack_of(application)
            given = answers.load(db.session(), application.id, pack).answers
        except (Damaged, PackError) as error:
            log.error("double_indexes_incomplete", application=application.id, **describe(error))
            continue
        index = doubles.index_of(pack, given, application.round_id)
        if index is not None:
            yield _Found(application.id, waiting.version, index, application.id)


def _write(session: Session, stage: str, one: _Found) -> int:
    """Whether it was written: not over what somebody has changed since it was read, and without a new version, since
    nothing that is shown has changed."""
    table: Any = BatchRow if stage == ROWS else Confirmation
    key = BatchRow.id if stage == ROWS else Confirmation.application_id
    still = (key == one.id, table.version == one.version, table.person_index.is_(None))
    return len(session.scalars(update(table).where(*still).values(person_index=one.index).returning(key)).all())


def _reached(slug: str) -> tuple[str, str]:
    kept = channel_state.told(_key(slug), clock.current().now())
    if kept is None:
        return ROWS, ""
    stage, after = json.loads(kept)
    return stage, after


def _note(slug: str, reached: tuple[str, str]) -> None:
    channel_state.put(_key(slug), json.dumps(reached), clock.current().now())


def _key(slug: str) -> channel_state.Key:
    return ("doubles", "office", slug)
