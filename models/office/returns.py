"""Workbooks that came back: kept, compared by a worker, decided on cell by cell, and applied as a whole or not at all.

A unit's own columns and tables are changed; an answer of a person is theirs, so a correction of it is proposed to them
by returning that field. Nothing is applied to a state that the clerk has not seen: then it is compared again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import clock, crypto, outbox, storage
from models.application.tables import Round, new_id
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db, reading
from models.office import audit, return_applying, scope, scope_returns, sealing
from models.office.edition_tables import ReturnCell, WorkbookReturn
from models.office.return_cells import Choice, opened
from models.office.return_diff import CONFLICT, OURS, THEIRS, Difference
from models.office.tables import Staff
from models.unit_of_work import after_commit, unit_of_work

LARGEST: Final = 10 << 20  # bytes
KEPT: Final = timedelta(days=30)  # from the upload: then a file that nobody has decided on goes
READING, REFUSED, READ, APPLIED, DROPPED = "reading", "refused", "read", "applied", "dropped"


@dataclass(frozen=True, slots=True)
class Compared:
    """A cell that came back otherwise, as a worker found it; with a `problem` it cannot be taken. `version` is that of
    the application or the row, `entry` that of the unit's value: what is replaced."""

    difference: Difference
    row: int
    place: str
    problem: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    value: Any = None
    version: int = 0
    entry: int = 0
    part: str = ""


def upload(staff: Staff, name: str, data: bytes) -> str:
    """Keep a file and have it read; its id. InvalidAnswer: nothing, or too large; NotFound: no unit or round."""
    if not data:
        raise InvalidAnswer("workbook.refused.empty" if name else "return.empty")
    if len(data) > LARGEST:
        raise InvalidAnswer("workbook.refused.too_large")
    staff_id, unit_id = staff.id, staff.unit_id
    intake = scope.rounds(staff).order_by(Round.opens.desc()).limit(1)
    ident, digest = new_id(), hashlib.sha256(data).hexdigest()
    key = storage.put(data, sealing.returned(ident))
    with unit_of_work() as session:
        found = session.scalar(intake)
        if found is None or unit_id is None:
            raise NotFound("office.not_found")
        row = WorkbookReturn(id=ident, round_id=found.id, unit_id=unit_id, name=name.strip()[-200:] or "—")
        row.digest, row.storage_key, row.state, row.staff_id = digest, key, READING, staff_id
        row.created_at = clock.current().now()
        session.add(row)
        session.flush()
        _promise(session, row)
        audit.write(session, staff_id, audit.UPLOAD_RETURN, f"return:{ident}", f"sha256 {digest[:16]}")
    return ident


def decide(staff: Staff, return_id: str, version: int, chosen: Mapping[str, str]) -> None:
    """Keep decisions, by the cells' ids. Conflict: changed meanwhile."""
    with unit_of_work() as session:
        row = _changed(session, staff, return_id, version)
        _decide(session, row, chosen)


def apply(staff: Staff, return_id: str, version: int, chosen: Mapping[str, str]) -> int:
    """Apply everything that is decided, in one transaction; how many cells. InvalidAnswer: conflicts still open;
    Conflict: something has changed since it was compared, nothing is applied, and it is compared again."""
    staff_id = staff.id
    try:
        with unit_of_work() as session:
            row = _changed(session, staff, return_id, version)
            _decide(session, row, chosen)
            taken = _taken(session, row)
            return_applying.apply(session, staff, row, taken)
            columns = " ".join(sorted({one.column for one in taken}))
            said = f"sha256 {row.digest[:16]} {len(taken)}: {columns}"
            audit.write(session, staff_id, audit.APPLY_RETURN, f"return:{row.id}", said)
            row.applied_at = clock.current().now()
            _end(session, row, APPLIED, {**row.params, "applied": len(taken)})
            return len(taken)
    except return_applying.Changed as changed:
        again(staff_id, return_id)
        raise Conflict("return.changed") from changed


def _taken(session: Session, row: WorkbookReturn) -> list[Choice]:
    cells = [opened(cell) for cell in session.scalars(_cells(row.id))]
    waiting = sum(1 for cell in cells if cell.kind == CONFLICT and not cell.decision)
    if waiting:
        raise InvalidAnswer("return.open", count=waiting)
    taken = [cell for cell in cells if cell.takes_theirs]
    if not taken:
        raise InvalidAnswer("return.nothing")
    return taken


def drop(staff: Staff, return_id: str, version: int) -> None:
    """Put it aside: nothing is changed, and the file goes. Conflict: changed meanwhile."""
    staff_id = staff.id
    with unit_of_work() as session:
        row = _changed(session, staff, return_id, version)
        audit.write(session, staff_id, audit.DROP_RETURN, f"return:{row.id}", f"sha256 {row.digest[:16]}")
        _end(session, row, DROPPED, row.params)


def again(staff_id: int, return_id: str) -> None:
    """Have it compared again with what is here now."""
    with unit_of_work() as session:
        row = session.get(WorkbookReturn, return_id, with_for_update=True, populate_existing=True)
        if row is not None and row.state == READ:
            row.state = READING
            session.flush()
            _promise(session, row)


def sweep() -> int:
    """Drop the files that nobody has decided on within `KEPT`; how many. Needs an app context."""
    late = (WorkbookReturn.storage_key != "", WorkbookReturn.created_at < clock.current().now() - KEPT)
    with reading():
        found = list(db.session.scalars(select(WorkbookReturn.id).where(*late)))
        db.session.rollback()
    for return_id in found:
        with unit_of_work() as session:
            row = session.scalar(select(WorkbookReturn).where(WorkbookReturn.id == return_id, *late).with_for_update())
            if row is not None:
                row.problem = "return.abandoned"
                _end(session, row, DROPPED, {"days": KEPT.days})
    return len(found)


def refuse(session: Session, row: WorkbookReturn, problem: str, params: Mapping[str, Any]) -> None:
    """It cannot be taken: why, and its file goes."""
    row.problem = problem
    _end(session, row, REFUSED, params)


def keep(session: Session, row: WorkbookReturn, cells: Sequence[Compared], params: Mapping[str, Any]) -> None:
    """What a worker found, instead of what was found before; a decision on the same three states stays."""
    before = {(one.key, one.column): one for one in map(opened, session.scalars(_cells(row.id)))}
    session.execute(delete(ReturnCell).where(ReturnCell.return_id == row.id))
    for one in cells:
        difference, ident = one.difference, new_id()
        same = before.get((difference.key, difference.column))
        kept = same is not None and (same.ours, same.theirs) == (difference.ours, difference.theirs)
        held = {
            **{"key": difference.key, "base": difference.base, "theirs": difference.theirs, "ours": difference.ours},
            **{"value": one.value, "version": one.version, "entry": one.entry, "part": one.part},
            "params": dict(one.params),
        }
        plain = json.dumps(held, ensure_ascii=False).encode("utf-8", "surrogatepass")
        person = None if difference.column.startswith("column:") else difference.key
        cell = ReturnCell(id=ident, return_id=row.id, application_id=person, row=one.row, place=one.place)
        cell.column, cell.problem = difference.column, one.problem
        cell.kind = "refused" if one.problem else difference.kind
        cell.decision = same.decision if same is not None and kept else ""
        cell.sealed = crypto.ring().seal(plain, sealing.return_cell(ident))
        session.add(cell)
    row.state, row.params, row.problem = READ, dict(params), ""
    session.flush()


def shown(session: Session, row: WorkbookReturn) -> list[Choice]:
    """Its cells in the order of their file."""
    return sorted((opened(cell) for cell in session.scalars(_cells(row.id))), key=lambda one: (one.row, one.column))


def _cells(return_id: str) -> Any:
    return select(ReturnCell).where(ReturnCell.return_id == return_id)


def _decide(session: Session, row: WorkbookReturn, chosen: Mapping[str, str]) -> None:
    for cell in session.scalars(_cells(row.id)):
        if cell.kind != "refused" and chosen.get(cell.id) in (OURS, THEIRS):
            cell.decision = chosen[cell.id]
    session.flush()


def _changed(session: Session, staff: Staff, return_id: str, version: int) -> WorkbookReturn:
    """The row, locked, if it is in reach, as the clerk saw it, and waits for decisions."""
    query = scope_returns.returns(staff).where(WorkbookReturn.id == return_id)
    row = scope.held(query)
    if row.version != version or row.state != READ:
        raise Conflict("return.changed")
    return row


def _end(session: Session, row: WorkbookReturn, state: str, params: Mapping[str, Any]) -> None:
    files, key = storage.current(), row.storage_key
    if key:
        after_commit(lambda: files.delete(key))
    session.execute(delete(ReturnCell).where(ReturnCell.return_id == row.id))
    row.state, row.storage_key, row.params = state, "", dict(params)
    session.flush()


def _promise(session: Session, row: WorkbookReturn) -> None:
    outbox.promise(session, "read_return", row.id, f"read_return:{row.id}:{row.version}")
