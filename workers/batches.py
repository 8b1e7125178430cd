"""Jobs on a batch of people: reading and judging it, and entering it row by row, a few in a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from openpyxl.utils import get_column_letter
from sqlalchemy.orm import Session

from models import clock, outbox, storage
from models.application.tables import Round
from models.errors import BoleError, InvalidAnswer, NotFound, NotOpen
from models.extensions import db
from models.office import batches, double_cases, sealing, unit_entering
from models.office.batch_rows import Judged, judge, unseal
from models.office.batch_tables import Batch, BatchRow
from models.programme.loader import load_pack
from models.unit_of_work import after_commit
from workers.returned_file import Unreadable, read_file
from workers.runtime import run_prepared

log = structlog.get_logger(__name__)

AT_ONCE = 20  # rows that one transaction enters


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in a batch as it was at `version`. `new`: rows to keep; `known`: what is said of kept ones."""

    version: int
    columns: tuple[str, ...] = ()
    new: tuple[BatchRow, ...] = ()
    known: tuple[tuple[str, int, Judged], ...] = ()
    problem: str = ""
    params: dict[str, Any] | None = None


def read_batch(outbox_id: str) -> None:
    """Job: read an uploaded list, or judge a kept one anew. Subject: the batch's id."""
    run_prepared(outbox_id, look_at, record)


def enter_batch(outbox_id: str) -> None:
    """Job: enter the next rows of a batch. Subject: the batch's id. Rows entered before are passed over."""
    run_prepared(outbox_id, prepare, put_in)


def look_at(batch_id: str) -> Looked | None:
    """Read and judge; None where the batch has gone or gone on."""
    batch = db.session.get(Batch, batch_id)
    if batch is None or batch.state != batches.READING:
        return None
    version, key, columns = batch.version, batch.storage_key, list(batch.columns)
    pack = load_pack(db.session.get_one(Round, batch.round_id).programme)
    rows = [(row.id, row.version, row.sealed) for row in batches.people(db.session(), batch_id)]
    if not key:
        kept = [(ident, number, unseal(ident, sealed)) for ident, number, sealed in rows if sealed]
        found = batches.judged(db.session(), pack, batch, columns, [content for _, _, content in kept])
        pairs = zip(kept, found, strict=True)
        return Looked(version, tuple(columns), known=tuple((ident, n, one) for (ident, n, _), one in pairs))
    db.session.expunge(batch)  # its unit and round are asked for below, when the database is not held any more
    db.session.rollback()
    try:
        table = batches.table_of(pack, _texts(storage.get(key, sealing.batch(batch_id))))
    except NotFound:
        raise
    except BoleError as refused:
        log.info("batch_refused", reason=refused.key)
        return Looked(version, problem=refused.key, params={k: v for k, v in refused.params.items() if k != "exc"})
    made = batches.rows_of(batch_id, table)
    people = [row for row in made if row.position]
    contents = [unseal(row.id, row.sealed) for row in people if row.sealed]
    for row, judged in zip(people, batches.judged(db.session(), pack, batch, table.columns, contents), strict=True):
        batches.write(row, judged)
    return Looked(version, table.columns, new=tuple(made))


def _texts(data: bytes) -> list[list[str]]:
    """The first sheet that a person sees and that has something, as texts, read in a child. Raises Unreadable,
    InvalidAnswer: none, or a cell that is worked out, not typed, whose result is whatever wrote the file left there."""
    pages = read_file(data)
    wrong = next((min(one.calculated) for one in pages if one.calculated), None)
    if wrong is not None:
        raise InvalidAnswer("batch.formula", at=f"{get_column_letter(wrong[1])}{wrong[0]}")
    shown = next((one for one in pages if not one.hidden and one.rows), None)
    if shown is None:
        raise Unreadable("workbook.refused.not_a_workbook")
    return [list(row) for row in shown.rows]


def record(batch_id: str, session: Session, looked: Looked | None) -> None:
    """Keep what was found, unless the batch has changed since."""
    batch = session.get(Batch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None or looked is None or batch.state != batches.READING or batch.version != looked.version:
        return
    batch.problem, batch.params = looked.problem, looked.params or {}
    batch.state = batches.REFUSED if looked.problem else batches.READ
    if batch.storage_key:
        key, files = batch.storage_key, storage.current()
        batch.storage_key = ""
        after_commit(lambda: files.delete(key))
    if looked.problem:
        return
    batch.columns = list(looked.columns)
    session.add_all(looked.new)
    rows = {row.id: row for row in batches.people(session, batch_id)} if looked.known else {}
    for ident, version, found in looked.known:
        row = rows.get(ident)
        if row is not None and row.version == version:
            batches.write(row, found)
    session.flush()
    if any(row.person_index for row in looked.new) or any(found.index for _, _, found in looked.known):
        batches.promise_comparing(session, batch_id, str(looked.version))


@dataclass(frozen=True, slots=True)
class Next:
    """Rows to enter now, as they were judged."""

    rows: tuple[tuple[str, int, Judged], ...]
    more: bool


def prepare(batch_id: str) -> Next | None:
    """Judge the next rows; None where the batch has gone or gone on."""
    batch = db.session.get(Batch, batch_id)
    if batch is None or batch.state != batches.ENTERING:
        return None
    pack = load_pack(db.session.get_one(Round, batch.round_id).programme)
    left = [row for row in batches.people(db.session(), batch_id) if row.state == batches.READY and row.sealed]
    today, columns = clock.current().today(), list(batch.columns)
    now = left[:AT_ONCE]
    found = [judge(pack, columns, unseal(row.id, row.sealed), today) for row in now if row.sealed]
    rows = tuple((row.id, row.version, one) for row, one in zip(now, found, strict=True))
    return Next(rows, len(left) > len(now))


def put_in(batch_id: str, session: Session, following: Next | None) -> None:
    """Enter them: each row becomes an application, or is one already."""
    batch = session.get(Batch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None or following is None or batch.state != batches.ENTERING:
        return
    programme = session.get_one(Round, batch.round_id).programme
    last = 0
    try:
        for ident, version, judged in following.rows:
            last = _enter(session, batch, programme, ident, version, judged) or last
    except NotOpen as closed:
        batch.state, batch.problem, batch.params = batches.READ, closed.key, {}
        batch.params = {name: value.isoformat() for name, value in closed.params.items() if value is not None}
        return
    if following.more:
        outbox.promise(session, "enter_batch", batch_id, f"enter_batch:{batch_id}:{batch.version}:{last}")
    else:
        batch.state = batches.ENTERED
    session.flush()


def _enter(session: Session, batch: Batch, programme: str, ident: str, version: int, judged: Judged) -> int:
    row = session.get(BatchRow, ident, with_for_update=True, populate_existing=True)
    if row is None or row.state != batches.READY or row.application_id is not None or row.version != version:
        return 0
    with session.begin_nested():
        assert batch.staff_id is not None
        who = batch.unit_id, batch.staff_id
        application = unit_entering.begin(session, programme, *who, judged.values, compared=True)
        row.application_id, row.state, row.sealed, row.person_index = application.id, batches.ENTERED, None, None
        double_cases.entered(session, ident, application.id)
        session.flush()
    return row.position
