"""People that a unit enters at once: pasted or uploaded, matched, judged, mended, and entered by a job.

Nothing here opens a file: a worker reads it. Cells lie sealed until they are entered, then they are gone; each row
becomes one application at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models import clock, outbox, storage
from models.application import rounds
from models.application.tables import new_id
from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.office import audit, doubles, scope, scope_entry, sealing
from models.office.batch_rows import Content, Judged, judge, seal, unseal
from models.office.batch_tables import Batch, BatchRow
from models.office.tables import Staff
from models.programme import pasting
from models.programme.entry_columns import entry_columns, find_heads, match, usual
from models.programme.loader import load_pack
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work

LARGEST = 5 << 20  # bytes of a file
MOST_ROWS = 500
MOST_COLUMNS = 100
LONGEST = 2_000  # characters in a cell
READING, REFUSED, READ, ENTERING, ENTERED, DROPPED = "reading", "refused", "read", "entering", "entered", "dropped"
NEW, READY, FAULTY = "new", "ready", "faulty"  # of a row; besides ENTERED and DROPPED


@dataclass(frozen=True, slots=True)
class Table:
    """A list of people taken apart: heads where there are any, rows of texts, which answer each column holds."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]


def table_of(pack: Pack, rows: Sequence[Sequence[str]]) -> Table:
    """Find the heads and match them. Raises InvalidAnswer: nothing in it, or more than a batch takes."""
    known = entry_columns(pack)
    at = find_heads(rows, known)
    body = [tuple(row) for row in rows[0 if at is None else at + 1 :] if any(cell.strip() for cell in row)]
    if not body:
        raise InvalidAnswer("batch.empty")
    if len(body) > MOST_ROWS:
        raise InvalidAnswer("batch.too_many_rows", given=len(body), most=MOST_ROWS)
    width = max(len(row) for row in (*body, () if at is None else rows[at]))
    if width > MOST_COLUMNS:
        raise InvalidAnswer("batch.too_many_columns", given=width, most=MOST_COLUMNS)
    if any(len(cell) > LONGEST for row in body for cell in row):
        raise InvalidAnswer("batch.cell_too_long", most=LONGEST)
    heads = tuple(rows[at]) + ("",) * (width - len(rows[at])) if at is not None else ()
    columns = match(heads, known) if heads else tuple(one.key for one in usual(known))[:width]
    full = tuple(row + ("",) * (width - len(row)) for row in body)
    return Table(heads, full, columns + ("",) * (width - len(columns)))


def paste(staff: Staff, text: str) -> Batch:
    """Keep a pasted list and have it judged. Raises InvalidAnswer, NotOpen."""
    pack = load_pack(scope.programme(staff))
    table = table_of(pack, pasting.cells(text))
    batch = begun(staff, "")
    batch.columns = list(table.columns)
    with unit_of_work() as session:
        session.add(batch)
        session.flush()
        session.add_all(rows_of(batch.id, table))
        _promise_reading(session, batch)
        audit.write(session, staff.id, audit.START_BATCH, f"batch:{batch.id}", str(len(table.rows)))
    return batch


def upload(staff: Staff, name: str, data: bytes) -> Batch:
    """Keep a file and have it read. Raises InvalidAnswer, NotOpen."""
    if not data:
        raise InvalidAnswer("workbook.refused.empty" if name else "office.template_missing")
    if len(data) > LARGEST:
        raise InvalidAnswer("office.template_too_large")
    batch = begun(staff, name.strip()[-200:] or "—")
    batch.storage_key = storage.put(data, sealing.batch(batch.id))
    with unit_of_work() as session:
        session.add(batch)
        session.flush()
        _promise_reading(session, batch)
        audit.write(session, staff.id, audit.START_BATCH, f"batch:{batch.id}", "file")
    return batch


def begun(staff: Staff, name: str) -> Batch:
    """A new batch of the own unit, in no session yet. Raises NotOpen, InvalidAnswer where the unit is closed."""
    if staff.unit is not None and staff.unit.closed_at is not None:
        raise InvalidAnswer("units.closed")
    now = clock.current()
    current = rounds.require_open(scope.programme(staff), now.today())
    batch = Batch(id=new_id(), round_id=current.id, unit_id=staff.unit_id, name=name, state=READING)
    batch.staff_id, batch.created_at = staff.id, now.now()
    batch.problem, batch.params, batch.columns, batch.storage_key = "", {}, [], ""
    return batch


def rows_of(batch_id: str, table: Table) -> list[BatchRow]:
    """The rows to keep, the heads as row 0."""
    out = []
    first = [table.heads] if table.heads else []
    for position, cells in enumerate([*first, *table.rows], start=0 if first else 1):
        row_id = new_id()
        row = BatchRow(id=row_id, batch_id=batch_id, position=position, state=NEW, problems=[])
        row.sealed = seal(row_id, Content(tuple(cells)))
        out.append(row)
    return out


def _promise_reading(session: Session, batch: Batch) -> None:
    outbox.promise(session, "read_batch", batch.id, f"read_batch:{batch.id}:{batch.version}")


def people(session: Session, batch_id: str) -> list[BatchRow]:
    """Its rows in order, without the heads and what was dropped."""
    query = select(BatchRow).where(BatchRow.batch_id == batch_id, BatchRow.position > 0, BatchRow.state != DROPPED)
    return list(session.scalars(query.order_by(BatchRow.position)))


def heads(session: Session, batch_id: str) -> tuple[str, ...]:
    """What stood above its columns; nothing where it came without."""
    row = session.scalar(select(BatchRow).where(BatchRow.batch_id == batch_id, BatchRow.position == 0))
    return unseal(row.id, row.sealed).cells if row is not None and row.sealed else ()


def counts(session: Session, batch_id: str) -> dict[str, int]:
    """How many rows are in which state."""
    query = select(BatchRow.state, func.count()).where(BatchRow.batch_id == batch_id, BatchRow.position > 0)
    return {row[0]: row[1] for row in session.execute(query.group_by(BatchRow.state))}


def judged(
    session: Session, pack: Pack, batch: Batch, columns: Sequence[str], found: Sequence[Content], *, stays: bool = True
) -> list[Judged]:
    """What the rules say of each, and who is in the list, or in the programme, already. `stays`: whether a faulty row
    stays on the list, where the office sees whom another unit has."""
    today, round_id = clock.current().today(), batch.round_id
    fresh = [judge(pack, columns, content, today) for content in found]
    marked = doubles.marked(session, pack, batch.unit_id, fresh, stays=stays)
    return [replace(one, index=doubles.index_of(pack, one.values, round_id)) for one in marked]


def map_columns(staff: Staff, batch_id: str, version: int, columns: Sequence[str]) -> None:
    """Say what the columns hold, and have every row judged anew. InvalidAnswer: two hold the same, or none a name."""
    with unit_of_work() as session:
        batch = changed(session, staff, batch_id, version, READ)
        known = {one.key for one in entry_columns(load_pack(scope.programme(staff)))}
        chosen = [key for key in columns if key]
        if len(set(chosen)) != len(chosen):
            raise InvalidAnswer("batch.column_twice")
        if not chosen or not set(chosen) <= known or len(columns) != len(batch.columns):
            raise InvalidAnswer("batch.column_none")
        batch.columns, batch.state = list(columns), READING
        session.flush()
        _promise_reading(session, batch)


def write(row: BatchRow, found: Judged) -> None:
    """Put what was judged into the row."""
    row.sealed = seal(row.id, found.content)
    row.state = FAULTY if found.content.faulty else READY
    row.problems = [{"key": one.key, "code": one.code} for one in found.content.problems]
    row.person_index = found.index


def empty(row: BatchRow) -> None:
    """Take somebody off the list: nothing of them stays."""
    row.state, row.sealed, row.problems, row.person_index = DROPPED, None, [], None


def promise_comparing(session: Session, batch_id: str, what: str) -> None:
    """Have the list compared with what other units hold, once what has changed (`what`) is committed."""
    outbox.promise(session, "find_doubles", batch_id, f"find_doubles:{batch_id}:{what}")


def enter(staff: Staff, batch_id: str, version: int) -> None:
    """Have every row entered. Conflict: changed meanwhile; InvalidAnswer: a row cannot be entered, or there is none."""
    with unit_of_work() as session:
        batch = changed(session, staff, batch_id, version, READ)
        numbers = counts(session, batch_id)
        if numbers.get(FAULTY) or numbers.get(NEW):
            raise InvalidAnswer("batch.faulty_rows", count=numbers.get(FAULTY, 0) + numbers.get(NEW, 0))
        if not numbers.get(READY):
            raise InvalidAnswer("batch.empty")
        batch.state, batch.staff_id, batch.problem = ENTERING, staff.id, ""
        session.flush()
        outbox.promise(session, "enter_batch", batch_id, f"enter_batch:{batch_id}:{batch.version}:0")
        audit.write(session, staff.id, audit.ENTER_BATCH, f"batch:{batch_id}", str(numbers[READY]))


def changed(session: Session, staff: Staff, batch_id: str, version: int, *states: str) -> Batch:
    """The locked batch, about to be changed. Raises NotFound, Conflict: another version or state than was shown."""
    query = scope_entry.batches(staff).where(Batch.id == batch_id)
    batch = scope.held(query)
    if batch.version != version or batch.state not in states:
        raise Conflict("batch.changed")
    return batch


def mine(staff: Staff) -> list[Batch]:
    """The unit's lists, the last first, without those thrown away, and without people entered one by one: a list of
    one that is entered shows nothing that its person's own page does not."""
    second = select(BatchRow.id).where(BatchRow.batch_id == Batch.id, BatchRow.position > 1).exists()
    query = scope_entry.batches(staff).where(Batch.state != DROPPED, or_(Batch.state != ENTERED, second))
    return list(db.session.scalars(query.order_by(Batch.created_at.desc()).limit(50)))
