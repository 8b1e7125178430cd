"""What has changed in a unit's workbook since it was taken out (新增, 变更, 退出), person by person, and why somebody
is no longer in it.

What is compared are the sealed rows of two editions: of whoever has left (withdrawn, erased) there is nothing any more
but that somebody has, and of whoever was handed on to another unit the receipt number. Values that are kept sealed are
masked here, before any page or file has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.application.lifecycle import COUNTED, DELETED, WITHDRAWN
from models.application.packs import of_version
from models.application.tables import Application
from models.office import editions
from models.office.chain_tables import RegistryEntry
from models.office.edition_tables import Edition
from models.office.editions import CellChange, Row
from models.office.hidden_columns import hidden
from models.office.masking import mask
from models.office.tables import UnitRow
from models.office.units import within
from models.programme.loader import load_pack
from models.programme.official_columns import slots
from models.programme.pack import Pack

_NAME = "field:name"
_LEFT = (WITHDRAWN, DELETED)
_MANY = 500  # ids in one statement
MOVED, ELSEWHERE, ROW = "moved", "elsewhere", "row"  # why a row is gone, beside an application's status


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is shown. `veiled`: what differs is in the part that is masked."""

    header: str
    was: str = field(repr=False)
    now: str = field(repr=False)
    veiled: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row that is new, otherwise, or gone. `open`: whether it is an application that the unit has still in reach;
    `why` (of a gone one): wording ``workbook.out.<why>``; `clause`, `day`: of a removal from the registry."""

    key: str
    name: str = field(repr=False)
    receipt: str = ""
    unit_name: str = ""
    cells: tuple[Cell, ...] = ()
    open: bool = False
    why: str = ""
    clause: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """What is otherwise now than in `base`. `left`: how many have withdrawn or been erased since; `versions`: those of
    the pack then and now, where they differ."""

    base: Edition
    now: Edition
    added: tuple[Line, ...]
    changed: tuple[Line, ...]
    gone: tuple[Line, ...]
    left: int
    versions: tuple[str, str] | None

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone or self.left)


@dataclass(frozen=True, slots=True)
class _Person:
    """What of an application a line says."""

    receipt: str
    status: str
    unit_id: str | None
    unit_name: str
    name: str = field(repr=False)


def compare(session: Session, unit: UnitRow, base: Edition, now: Edition) -> Compared:
    """Two editions of one workbook of `unit`. Needs the running app; raises crypto.Damaged."""
    old, new = editions.rows(base), editions.rows(now)
    found = editions.changes(old, new)
    told = _Teller(session, unit, now, base)
    absent = [key for key in editions.left(base, old) if key not in new]
    groups = [(key, tuple(cells)) for key, cells in groupby(found.changed, key=lambda one: one.key)]
    people = told.people([*found.added, *(key for key, _cells in groups), *found.gone, *absent])
    handed_on = [key for key in absent if key in people and people[key].status not in _LEFT]
    return Compared(
        base,
        now,
        tuple(told.line(key, new[key], people, told.whole(new[key])) for key in found.added),
        tuple(told.line(key, new[key], people, told.cells(cells)) for key, cells in groups),
        tuple(told.gone(key, old.get(key, {}), people) for key in (*found.gone, *handed_on)),
        len(absent) - len(handed_on),
        (base.pack_version, now.pack_version) if base.pack_version != now.pack_version else None,
    )


def counts(base: Edition, now: Edition) -> tuple[int, int, int]:
    """How many rows are new, otherwise, and gone. Needs the running app; raises crypto.Damaged."""
    old, new = editions.rows(base), editions.rows(now)
    found = editions.changes(old, new)
    left = [key for key in editions.left(base, old) if key not in new]
    return len(found.added), len({one.key for one in found.changed}), len(found.gone) + len(left)


class _Teller:
    """Puts the rows of one workbook into words."""

    def __init__(self, session: Session, unit: UnitRow, now: Edition, base: Edition) -> None:
        self._session, self._unit = session, unit
        pack = load_pack(unit.programme)
        packs = [pack, *(of_version(pack.slug, each.pack_version) for each in (base, now))]
        self._heads, self._hidden = _headers(packs, now.kind), _hidden(packs, now.kind)
        self._people = now.kind in pack.workbooks.people_kinds()

    def people(self, keys: list[str]) -> dict[str, _Person]:
        """The applications among these keys, of whatever status."""
        found: dict[str, _Person] = {}
        for start in range(0, len(keys) if self._people else 0, _MANY):
            query = (
                select(Application, UnitRow.name)
                .outerjoin(UnitRow, UnitRow.id == Application.unit_id)
                .where(Application.id.in_(keys[start : start + _MANY]))
            )
            for one, name in self._session.execute(query):
                found[one.id] = _Person(one.receipt, one.status, one.unit_id, name or "", one.name or "")
        return found

    def line(self, key: str, row: Row, people: Mapping[str, _Person], cells: tuple[Cell, ...]) -> Line:
        """A row that is there."""
        person = people.get(key)
        if person is None:
            return Line(key, self._title(row), cells=cells)
        name = row.get(_NAME) or person.name
        return Line(key, name, person.receipt, person.unit_name, cells, open=True)

    def gone(self, key: str, row: Row, people: Mapping[str, _Person]) -> Line:
        """A row that is there no more, and why."""
        person = people.get(key)
        if person is None:
            return Line(key, self._title(row), why=ROW)
        here = person.unit_id == self._unit.id or person.unit_id in self._below
        why = person.status if here or person.status not in COUNTED else MOVED
        clause, day = self._removal(key) if why == "removed" else ("", None)
        why = ELSEWHERE if why in COUNTED else why
        name, unit_name = (row.get(_NAME) or person.name, person.unit_name) if here else (row.get(_NAME, ""), "")
        return Line(key, name, person.receipt, unit_name, (), here, why, clause, day)

    def whole(self, row: Row) -> tuple[Cell, ...]:
        """A new row's cells, as they stand in the table."""
        order = [*self._heads, *(column for column in row if column not in self._heads)]
        return tuple(self._cell(column, "", row[column]) for column in order if row.get(column))

    def cells(self, changes: Iterable[CellChange]) -> tuple[Cell, ...]:
        """The cells of a row that are otherwise."""
        places = {column: place for place, column in enumerate(self._heads)}
        inside = sorted(changes, key=lambda one: places.get(one.column, len(places)))
        return tuple(self._cell(one.column, one.old, one.new) for one in inside)

    def _cell(self, column: str, was: str, now: str) -> Cell:
        header = self._heads.get(column, column)
        if column not in self._hidden:
            return Cell(header, was, now)
        kind = self._hidden[column]
        before, after = mask(kind, was), mask(kind, now)
        return Cell(header, before, after, veiled=before == after)

    def _title(self, row: Row) -> str:
        """What a row that is no person's is called: its first cell that anybody may see."""
        return next((row[column] for column in self._heads if row.get(column) and column not in self._hidden), "")

    @cached_property
    def _below(self) -> set[str]:
        return set(self._session.scalars(within(self._unit.id)))

    def _removal(self, application_id: str) -> tuple[str, date | None]:
        query = select(RegistryEntry.ended_clause, RegistryEntry.ended_on)
        found = self._session.execute(query.where(RegistryEntry.application_id == application_id)).first()
        return (found[0], found[1]) if found else ("", None)


def _headers(packs: Iterable[Pack], kind: str) -> dict[str, str]:
    """What the columns are called, as the first of the packs that has them says, in the order of the table."""
    names: dict[str, str] = {}
    for pack in packs:
        try:
            for slot in slots(pack, kind):
                names.setdefault(slot.id, f"{slot.group}：{slot.header}" if slot.group else slot.header)
        except LookupError:  # a version that had no such table
            continue
    names.pop(editions.SEQUENCE, None)
    return names


def _hidden(packs: Iterable[Pack], kind: str) -> dict[str, str]:
    """Masked if any of the packs says so."""
    return {column: what for pack in packs for column, what in hidden(pack, kind).items()}
