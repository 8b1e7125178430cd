"""A list of units as an office has it in a spreadsheet: pasted, looked through line by line, brought in whole or not
at all. Columns: the name, the unit above (left out: the one that was chosen), the English name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.errors import BoleError, InvalidAnswer
from models.extensions import db
from models.office import audit, scope_units
from models.office.tables import Staff, UnitRow
from models.office.unit_keeping import Names, lock, make, names_taken, next_number, sameness
from models.programme import pasting
from models.unit_of_work import unit_of_work

MOST = 1_000  # lines
NEW, KNOWN, FAULTY = "new", "known", "faulty"
_HEADS = {sameness(head) for head in ("单位名称", "单位", "名称", "name", "unit")}


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line: what is to happen with it. `above` is the name of the unit it will stand under."""

    number: int  # in what was pasted, the first is 1
    names: Names
    above: str
    state: str
    problem: BoleError | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """The whole list, in its own order."""

    lines: tuple[ListLine, ...]

    def of(self, state: str) -> list[ListLine]:
        """The lines in this state."""
        return [line for line in self.lines if line.state == state]


def look_through(staff: Staff, text: str, parent_id: str) -> Listed:
    """What the list would do. Raises InvalidAnswer (nothing in it, too many lines), NotFound (the unit above)."""
    rows = [(number, row) for number, row in enumerate(pasting.cells(text), start=1) if any(row)]
    if rows and sameness(rows[0][1][0]) in _HEADS:
        del rows[0]
    if not rows:
        raise InvalidAnswer("units.list_empty")
    if len(rows) > MOST:
        raise InvalidAnswer("units.list_long", given=len(rows), most=MOST)
    chosen = scope_units.get_kept(staff, parent_id)
    known = {sameness(row.name): row for row in db.session.scalars(scope_units.kept(staff))}
    elsewhere = names_taken(db.session(), chosen.programme) - set(known)
    return Listed(tuple(_judged(rows, known, elsewhere, chosen.name)))


def _judged(
    rows: Sequence[tuple[int, list[str]]], known: dict[str, UnitRow], elsewhere: set[str], chosen: str
) -> list[ListLine]:
    """`elsewhere`: names of units out of reach, which nobody else may be called by."""
    read = [_line(number, row, chosen) for number, row in rows]
    names: dict[str, ListLine] = {}
    found = []
    for line in read:
        key = sameness(line.names.zh)
        if line.state != FAULTY and key in names:
            line = _faulty(line, InvalidAnswer("units.list_twice", line=names[key].number))
        elif line.state != FAULTY and key in elsewhere:
            line = _faulty(line, InvalidAnswer("units.name_taken", name=line.names.zh))
        elif line.state != FAULTY and key in known:
            line = ListLine(line.number, line.names, line.above, KNOWN)
        names.setdefault(key, line)
        found.append(line)
    placed = {key for key, row in known.items() if row.closed_at is None}
    return [_placed(line, names, known, placed) for line in found]


def _placed(line: ListLine, names: dict[str, ListLine], known: dict[str, UnitRow], placed: set[str]) -> ListLine:
    """The line, faulty where the way up from it ends at no open unit."""
    if line.state != NEW:
        return line
    seen = {sameness(line.names.zh)}
    above = sameness(line.above)
    while above not in placed:
        upper = names.get(above)
        if above in seen:
            return _faulty(line, InvalidAnswer("units.list_circle"))
        if above in known:
            return _faulty(line, InvalidAnswer("units.parent_closed", name=line.above))
        if upper is None or upper.state != NEW:
            return _faulty(line, InvalidAnswer("units.list_above", name=line.above))
        seen.add(above)
        above = sameness(upper.above)
    return line


def _line(number: int, row: Sequence[str], chosen: str) -> ListLine:
    name, above, english = (*row, "", "", "")[:3]
    line = ListLine(number, Names(name, english), " ".join(above.split()) or chosen, NEW)
    try:
        return ListLine(number, line.names.tidy(), line.above, NEW)
    except InvalidAnswer as error:
        return _faulty(line, error)


def _faulty(line: ListLine, problem: BoleError) -> ListLine:
    return ListLine(line.number, line.names, line.above, FAULTY, problem)


def bring_in(staff: Staff, text: str, parent_id: str) -> int:
    """Make the new units of the list; how many. Doing it again makes none. Raises InvalidAnswer, also where a single
    line is faulty: a list comes in whole."""
    with unit_of_work() as session:
        lock(session, staff)
        listed = look_through(staff, text, parent_id)
        if listed.of(FAULTY):
            raise InvalidAnswer("units.list_faulty", count=len(listed.of(FAULTY)))
        new = listed.of(NEW)
        if not new:
            return 0
        chosen = scope_units.get_kept(staff, parent_id)
        number = next_number(session, chosen.programme)
        made = {sameness(row.name): row for row in session.scalars(scope_units.kept(staff))}
        waiting = new
        while waiting:  # one floor after the other, from the top
            later = []
            for line in waiting:
                above = made.get(sameness(line.above))
                if above is None:
                    later.append(line)
                    continue
                made[sameness(line.names.zh)] = make(session, above, line.names, number)
                number += 1
            waiting = later
        audit.write(session, staff.id, audit.IMPORT_UNITS, f"unit:{chosen.id}", str(len(new)))
        return len(new)
