"""Tables that a unit fills in itself, written: row by row, so that two clerks disturb each other only where they type
into the same row, and then are told.

A row is stored whole or not at all: with a wrong cell nothing of it is, and whoever typed is told which cell. Blank
cells may be stored; what a row still lacks is for the clerk to see (`unit_rows.lacking`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import clock, crypto
from models.application import notices
from models.application.tables import new_id
from models.errors import InvalidAnswer, NotFound
from models.office import audit, scope
from models.office.reviews import check_reason
from models.office.tables import Audit, Staff, UnitRow, UnitTableRow
from models.office.unit_tables import Place, SheetRow, bound_to, named_id, of_sheet, opened, stored_rows
from models.programme import unit_rows
from models.unit_of_work import unit_of_work

_ID = re.compile(r"[0-9a-f]{32}")
_ONE_LINE = timedelta(minutes=10)  # saves of one clerk in one table within it are one line of the audit
MOST_AT_ONCE = 600

State = Literal["saved", "removed", "invalid", "conflict", "full"]


@dataclass(frozen=True, slots=True)
class SentRow:
    """What a clerk sends: raw values by column (a column left out stays as it is), or None to remove the row."""

    id: str
    version: int
    raw: Mapping[str, Any] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a sent row, and how it stands now (None: it is not there). `written`: this save changed it; the
    same sent again is saved or removed without."""

    id: str
    state: State
    row: SheetRow | None = None
    problems: Mapping[str, InvalidAnswer] = field(default_factory=dict)
    written: bool = False


def may_fill(staff: Staff, unit: UnitRow) -> bool:
    """The unit's own reviewers fill in, and the programme office for any of its units."""
    held = scope.roles(staff)
    return scope.OFFICE in held or (scope.REVIEWER in held and staff.unit_id == unit.id)


def save(staff: Staff, place: Place, sent: Sequence[SentRow]) -> tuple[Result, ...]:
    """Store what is right, row by row, and say what became of each; nothing is ever written over unseen.

    Raises NotFound where `staff` may not fill in, InvalidAnswer for more rows than a table may have at once.
    """
    if not may_fill(staff, place.unit):
        raise NotFound("office.not_found")
    if len(sent) > MOST_AT_ONCE:
        raise InvalidAnswer("error.paste_rows", given=len(sent), room=MOST_AT_ONCE)
    staff_id = staff.id
    with unit_of_work() as session:
        # One save after the other: counts and places stay true.
        session.execute(select(UnitRow.id).where(UnitRow.id == place.unit.id).with_for_update())
        results = tuple(_save(session, place, row, staff_id) for row in sent)
        changed = [result for result in results if result.written]
        if changed:
            session.flush()
            notices.promise_workbook(session, place.intake.id, place.unit.id, new_id())
            _note(session, place, staff_id, changed)
    return results


def fill(session: Session, place: Place, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store canonical rows of an invented unit, within the caller's transaction: nobody of the staff did. Blank rows
    only keep the place of those that the notice names."""
    for number, values in enumerate(rows):
        if unit_rows.is_blank(values):
            continue
        ident = named_id(place, number) if place.table.rows else new_id()
        _write(session, place, ident, dict(values), None, number)
    session.flush()
    notices.promise_workbook(session, place.intake.id, place.unit.id, new_id())


def reveal(staff: Staff, place: Place, row_id: str, column_id: str, reason: str) -> str:
    """One hidden value. Committed to the audit before it is given. Raises NotFound, InvalidAnswer without a reason."""
    reason = check_reason(reason)
    staff_id = staff.id
    with unit_of_work() as session:
        found = next((row for row in stored_rows(session, place) if row.id == row_id), None)
        column = next((c for c in place.table.columns if c.id == column_id and unit_rows.is_masked(c)), None)
        value = found.values.get(column.id) if found is not None and column is not None else None
        if value is None:
            raise NotFound("office.not_found")
        audit.write(session, staff_id, audit.REVEAL, _subject(place), f"{column_id}: {reason}")
    return str(value)


def _save(session: Session, place: Place, sent: SentRow, staff_id: int) -> Result:
    held = session.get(UnitTableRow, sent.id, populate_existing=True) if _ID.fullmatch(sent.id) else None
    if not _ID.fullmatch(sent.id) or (held is not None and not _belongs(place, held)):
        raise NotFound("office.not_found")
    named = {named_id(place, number): number for number in range(len(place.table.rows))}
    if named and sent.id not in named:
        raise NotFound("office.not_found")
    now = opened(place, held) if held is not None else None
    if sent.raw is None:
        return _remove(session, place, sent, held, now)
    values, problems = unit_rows.read(place.table, sent.raw, _today())
    wanted = {**(now.values if now else {}), **values}
    if problems:
        return Result(sent.id, "invalid", now, problems)
    if now is not None and wanted == now.values:
        return Result(sent.id, "saved", now)  # the same sent twice, or typed back
    if sent.version != (now.version if now else 0):
        return Result(sent.id, "conflict", now)
    if now is None and not named and _count(session, place) >= place.table.max_rows:
        return Result(sent.id, "full")
    position = named.get(sent.id, held.position if held is not None else _next_position(session, place))
    return Result(sent.id, "saved", _write(session, place, sent.id, wanted, staff_id, position), written=True)


def _remove(session: Session, place: Place, sent: SentRow, held: UnitTableRow | None, now: SheetRow | None) -> Result:
    if held is None:
        return Result(sent.id, "removed")
    if held.version != sent.version or place.table.rows:
        return Result(sent.id, "conflict", now)
    session.delete(held)
    session.flush()
    return Result(sent.id, "removed", written=True)


def _write(
    session: Session, place: Place, ident: str, values: dict[str, Any], staff_id: int | None, position: int
) -> SheetRow:
    row = session.get(UnitTableRow, ident)
    if row is None:
        row = UnitTableRow(
            id=ident,
            round_id=place.intake.id,
            unit_id=place.unit.id,
            kind=place.table.id,
            part=place.part,
            position=position,
            version=0,
        )
        session.add(row)
    plain = json.dumps(values, ensure_ascii=False).encode()
    row.sealed, row.staff_id = crypto.ring().seal(plain, bound_to(place, ident)), staff_id
    row.version, row.updated_at = row.version + 1, clock.current().now()
    session.flush()
    return SheetRow(ident, row.version, values)


def _belongs(place: Place, row: UnitTableRow) -> bool:
    return (row.round_id, row.unit_id, row.kind, row.part) == (
        *(place.intake.id, place.unit.id),
        *(place.table.id, place.part),
    )


def _count(session: Session, place: Place) -> int:
    return session.scalar(of_sheet(place, func.count())) or 0


def _next_position(session: Session, place: Place) -> int:
    last = session.scalar(of_sheet(place, func.max(UnitTableRow.position)))
    return 0 if last is None else last + 1


def _today() -> date:
    return clock.current().today()


def _subject(place: Place) -> str:
    return f"unit:{place.unit.id}:{place.table.id}"[:120]


def _note(session: Session, place: Place, staff_id: int, changed: Sequence[Result]) -> None:
    """One line for what a clerk types into a table within a few minutes, and one for rows that were removed."""
    removed = sum(1 for result in changed if result.state == "removed")
    if removed:
        audit.write(session, staff_id, audit.REMOVE_ROW, _subject(place), str(removed))
    if removed == len(changed):
        return
    since = clock.current().now() - _ONE_LINE
    same = select(Audit.id).where(
        Audit.staff_id == staff_id,
        Audit.action == audit.FILL_TABLE,
        Audit.subject == _subject(place),
        Audit.at > since,
    )
    if session.scalar(same.limit(1)) is None:
        audit.write(session, staff_id, audit.FILL_TABLE, _subject(place), place.part)
