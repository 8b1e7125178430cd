"""Collecting units: the pack names them, the database gives them ids that applications and staff refer to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.application.tables import new_id
from models.office.tables import UnitRow
from models.programme.pack import Pack, Unit
from models.unit_of_work import unit_of_work


def load_units(pack: Pack) -> int:
    """Bring the units of `pack` into the database; the number added or changed. Doing it again changes nothing.

    A unit that the pack no longer names stays: applications may still be with it. One that it names again is open.
    """
    try:
        return _load(pack)
    except IntegrityError:  # another process added the same units; now they are there
        return _load(pack)


def _load(pack: Pack) -> int:
    with unit_of_work() as session:
        known = {row.code: row for row in session.scalars(select(UnitRow).where(UnitRow.programme == pack.slug))}
        changed = 0
        for unit in pack.routing.units:
            row = known.get(unit.id)
            if row is None:
                row = known[unit.id] = UnitRow(id=new_id(), programme=pack.slug, code=unit.id)
                session.add(row)
            changed += _update(row, unit, office=unit.id == pack.routing.office)
        session.flush()  # parents may come after their children in the pack
        for unit in pack.routing.units:
            parent = known[unit.parent].id if unit.parent else None
            if known[unit.id].parent_id != parent:
                known[unit.id].parent_id = parent
                changed += 1
        return changed


def _update(row: UnitRow, unit: Unit, office: bool) -> int:
    """1 if the row now says something else than before."""
    wanted = {"name": unit.name.zh, "name_en": unit.name.en, "office": office, "closed_at": None}
    stale = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in stale.items():
        setattr(row, name, value)
    return int(bool(stale))


def within(unit_id: str) -> Select[Any]:
    """Ids of the unit and of every unit that reports through it, at any depth; without a name, so that a query
    can hold it twice."""
    tree = select(UnitRow.id).where(UnitRow.id == unit_id).cte(recursive=True)
    tree = tree.union(select(UnitRow.id).join(tree, UnitRow.parent_id == tree.c.id))
    return select(tree.c.id)


def upwards(session: Session, unit_ids: Iterable[str]) -> list[str]:
    """Ids of the units and of every unit through which they report, at any height; in one order everywhere, so that
    two transactions that lock something of each never wait for each other."""
    line = select(UnitRow.id, UnitRow.parent_id).where(UnitRow.id.in_(unit_ids)).cte("upwards", recursive=True)
    line = line.union(select(UnitRow.id, UnitRow.parent_id).join(line, UnitRow.id == line.c.parent_id))
    return list(session.scalars(select(line.c.id).order_by(line.c.id)))


def in_tree(rows: Sequence[UnitRow]) -> list[tuple[UnitRow, int]]:
    """Every unit behind the one it reports through, in the order given, with how deep it stands. One whose upper unit
    is not among them stands at the top."""
    ids = {row.id for row in rows}
    below: dict[str | None, list[UnitRow]] = {}
    for row in rows:
        below.setdefault(row.parent_id if row.parent_id in ids else None, []).append(row)
    found, waiting = [], [(row, 0) for row in reversed(below.get(None, []))]
    while waiting:
        row, depth = waiting.pop()
        found.append((row, depth))
        waiting.extend((child, depth + 1) for child in reversed(below.get(row.id, [])))
    return found


def open_above(session: Session, unit: UnitRow) -> UnitRow:
    """Who takes people in the unit's place: itself while it is open, else the nearest open one above, else the
    programme office, which is never closed."""
    seen: UnitRow | None = unit
    while seen is not None and seen.closed_at is not None:
        seen = session.get(UnitRow, seen.parent_id) if seen.parent_id else None
    return (
        seen
        or session.scalars(select(UnitRow).where(UnitRow.programme == unit.programme, UnitRow.office.is_(True))).one()
    )


def by_code(session: Session, slug: str, code: str) -> UnitRow | None:
    """The unit that the pack of `slug` calls `code`."""
    return session.scalar(select(UnitRow).where(UnitRow.programme == slug, UnitRow.code == code))
