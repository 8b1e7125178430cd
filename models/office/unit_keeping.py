"""The units of a programme as its office keeps them: its own units beside those of the notice.

What the pack in force names is the notice's: its name, its place and that it collects are changed by a new version of
the pack. The office adds units of its own under any open one, renames, moves, closes and opens these, and those that
an older version has left behind. A closed unit takes nobody new; who is there stays until handed on.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import clock
from models.application import lifecycle, service
from models.application.tables import Application, new_id
from models.errors import BoleError, Conflict, InvalidAnswer
from models.extensions import db
from models.office import assignments, audit, scope, scope_units
from models.office.tables import Staff, UnitRow
from models.office.units import in_tree, within
from models.programme.loader import load_pack
from models.unit_of_work import unit_of_work

LONGEST = 200  # characters of a name, as the column holds
AT_ONCE = 100  # people handed on with one press: each is a transaction of its own
OWN = "own-"  # how codes of the office's own units begin
MOVABLE = tuple(s for s in lifecycle.STATUSES if lifecycle.allows(s, "rerouted"))


@dataclass(frozen=True, slots=True)
class Line:
    """A unit on the page. `source`: pack, own, or past (an older version of the pack named it)."""

    unit: UnitRow
    depth: int
    source: str
    group: str
    people: int
    movable: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Names:
    """What a unit is called; without an English name the Chinese one stands in."""

    zh: str
    en: str = ""

    def tidy(self) -> Names:
        """Without blanks at the ends and doubled ones. Raises InvalidAnswer: nothing, too long, or not printable."""
        zh, en = (" ".join(text.split()) for text in (self.zh, self.en))
        if not zh:
            raise InvalidAnswer("units.name_missing")
        for text in (zh, en):
            if len(text) > LONGEST or not text.isprintable():
                raise InvalidAnswer("units.name_long", most=LONGEST)
        return Names(zh, en or zh)


def sameness(name: str) -> str:
    """What two names have in common that are the same to a reader: width, case and blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def lines(session: Session, staff: Staff, lang: str) -> list[Line]:
    """Every unit behind the one it reports through, the office first."""
    pack = load_pack(scope.programme(staff))
    place = {unit.id: (number, unit.heading(lang)) for number, unit in enumerate(pack.routing.units)}
    rows = list(session.scalars(scope_units.kept(staff)))
    rows.sort(key=lambda row: (not row.office, place.get(row.code, (len(place), ""))[0], row.code))
    people, accounts = scope_units.people(session, staff), scope_units.accounts(session, staff)
    whole, movable = Counter[str](), Counter[str]()
    for (unit_id, status), count in people.items():
        whole[unit_id] += count
        movable[unit_id] += count if status in MOVABLE else 0
    return [
        Line(
            row,
            depth,
            source(row, place),
            place.get(row.code, (0, ""))[1],
            whole[row.id],
            movable[row.id],
            accounts.get(row.id, 0),
        )
        for row, depth in in_tree(rows)
    ]


def source(row: UnitRow, named: Container[str]) -> str:
    """Where a unit comes from: the pack in force (`named` holds its codes), the office, or an older version."""
    if row.code in named:
        return "pack"
    return "own" if row.code.startswith(OWN) else "past"


def parents(session: Session, staff: Staff, of: UnitRow | None = None) -> list[UnitRow]:
    """Open units that a new one, or `of` moved, may stand under: not itself, nor what stands under it."""
    query = scope_units.kept(staff).where(UnitRow.closed_at.is_(None))
    if of is not None:
        query = query.where(UnitRow.id.not_in(within(of.id)))
    return [row for row, _depth in in_tree(list(session.scalars(query.order_by(UnitRow.office.desc(), UnitRow.code))))]


def add(staff: Staff, parent_id: str, names: Names) -> UnitRow:
    """Make a unit under an open one. Raises InvalidAnswer (the name is missing, too long or there already; the upper
    unit is closed), NotFound."""
    names = names.tidy()
    with unit_of_work() as session:
        lock(session, staff)
        parent = _open_parent(staff, parent_id)
        _free(session, staff, names.zh)
        made = make(session, parent, names, next_number(session, parent.programme))
        audit.write(session, staff.id, audit.ADD_UNIT, f"unit:{made.id}", made.code)
        return made


def change(staff: Staff, unit_id: str, was: str, names: Names, parent_id: str) -> UnitRow:
    """Rename a unit of the office's, or put it under another. `was` is the name that the page showed.

    Raises InvalidAnswer, Conflict (a colleague has renamed it meanwhile), NotFound.
    """
    names = names.tidy()
    with unit_of_work() as session:
        lock(session, staff)
        unit = _changeable(staff, unit_id)
        if unit.name != was:
            raise Conflict("units.changed", name=unit.name)
        _free(session, staff, names.zh, besides=unit.id)
        if parent_id != unit.parent_id:
            if parent_id not in {row.id for row in parents(session, staff, unit)}:
                raise InvalidAnswer("units.parent_unknown")
            unit.parent_id = parent_id
        if names.zh != unit.name:
            audit.write(session, staff.id, audit.CHANGE_UNIT, f"unit:{unit.id}", f"{unit.name} → {names.zh}")
        else:
            audit.write(session, staff.id, audit.CHANGE_UNIT, f"unit:{unit.id}")
        unit.name, unit.name_en = names.zh, names.en
        return unit


def close(staff: Staff, unit_id: str, reason: str) -> UnitRow:
    """Take nobody new there from now on. Raises InvalidAnswer: no reason, open units stand under it."""
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidAnswer("office.reason_missing")
    with unit_of_work() as session:
        lock(session, staff)
        unit = _changeable(staff, unit_id)
        below = session.scalars(select(UnitRow.name).where(UnitRow.parent_id == unit.id, UnitRow.closed_at.is_(None)))
        open_ones = below.all()
        if open_ones:
            raise InvalidAnswer("units.has_units", count=len(open_ones), name=open_ones[0])
        if unit.closed_at is None:
            unit.closed_at = clock.current().now()
            audit.write(session, staff.id, audit.CLOSE_UNIT, f"unit:{unit.id}", reason)
        return unit


def reopen(staff: Staff, unit_id: str) -> UnitRow:
    """Take people there again. Raises InvalidAnswer where the unit above is closed."""
    with unit_of_work() as session:
        lock(session, staff)
        unit = _changeable(staff, unit_id)
        above = session.get(UnitRow, unit.parent_id) if unit.parent_id else None
        if above is not None and above.closed_at is not None:
            raise InvalidAnswer("units.parent_closed", name=above.name)
        if unit.closed_at is not None:
            unit.closed_at = None
            audit.write(session, staff.id, audit.REOPEN_UNIT, f"unit:{unit.id}")
        return unit


@dataclass(frozen=True, slots=True)
class Moved:
    """How many people were handed on, and how many are left that could be."""

    moved: int
    left: int


def hand_on(staff: Staff, unit_id: str, target_id: str, reason: str) -> Moved:
    """Hand the people of a closed unit to another, at most `AT_ONCE` of them, each in a transaction of its own: what
    was done stays done, and pressing again goes on. Raises InvalidAnswer (not closed, no reason), NotFound."""
    reason = reason.strip()
    unit = scope_units.get_kept(staff, unit_id)
    target = scope.get_reroute_target(staff, target_id)
    if unit.closed_at is None:
        raise InvalidAnswer("units.not_closed")
    if not reason:
        raise InvalidAnswer("office.reason_missing")
    staff_id, to = staff.id, target.id
    waiting = scope.decidable(staff).where(Application.unit_id == unit.id, Application.status.in_(MOVABLE))
    found = db.session.execute(
        waiting.with_only_columns(Application.id, Application.version).order_by(Application.submitted_at).limit(AT_ONCE)
    ).all()
    moved = sum(_hand_on(app_id, to, staff_id, version, reason) for app_id, version in found)
    return Moved(moved, db.session.scalar(waiting.with_only_columns(func.count())) or 0)


def _hand_on(app_id: str, target_id: str, staff_id: int, version: int, reason: str) -> int:
    """1, or 0 for somebody whose application has moved meanwhile: the next press sees it as it is then."""
    try:
        with unit_of_work() as session:
            service.reroute(app_id, target_id, staff_id, version, reason)
            assignments.done(session, [app_id])
            audit.write(session, staff_id, audit.REROUTE, f"application:{app_id}")
    except BoleError:
        return 0
    return 1


def lock(session: Session, staff: Staff) -> None:
    """One after the other: names are compared and numbers given under the lock of the programme office's row."""
    query = select(UnitRow).where(UnitRow.programme == scope.programme(staff), UnitRow.office.is_(True))
    session.scalars(query.with_for_update()).all()


def make(session: Session, parent: UnitRow, names: Names, number: int) -> UnitRow:
    """Add the unit within the caller's transaction, which holds the lock."""
    made = UnitRow(id=new_id(), programme=parent.programme, code=f"{OWN}{number:03}", office=False)
    made.name, made.name_en, made.parent_id = names.zh, names.en, parent.id
    session.add(made)
    session.flush()
    return made


def next_number(session: Session, slug: str) -> int:
    """The first number behind those of the office's own units."""
    codes = session.scalars(select(UnitRow.code).where(UnitRow.programme == slug, UnitRow.code.startswith(OWN)))
    return 1 + max((int(code[len(OWN) :]) for code in codes if code[len(OWN) :].isdecimal()), default=0)


def fixed(row: UnitRow) -> bool:
    """Whether the pack in force names it, so that nothing about it can be changed here."""
    return row.office or row.code in {unit.id for unit in load_pack(row.programme).routing.units}


def names_taken(session: Session, programme: str, besides: str = "") -> set[str]:
    """What all units of the programme but one are called, by `sameness`."""
    query = select(UnitRow.name).where(UnitRow.programme == programme, UnitRow.id != besides)
    return {sameness(name) for name in session.scalars(query)}


def _changeable(staff: Staff, unit_id: str) -> UnitRow:
    unit = scope_units.get_kept(staff, unit_id)
    if fixed(unit) or not scope_units.changeable(staff, unit):
        raise InvalidAnswer("units.fixed")
    return unit


def _open_parent(staff: Staff, parent_id: str) -> UnitRow:
    parent = scope_units.get_kept(staff, parent_id)
    if parent.closed_at is not None:
        raise InvalidAnswer("units.parent_closed", name=parent.name)
    return parent


def _free(session: Session, staff: Staff, name: str, besides: str = "") -> None:
    """Raises InvalidAnswer where a unit of the programme is called so."""
    if sameness(name) in names_taken(session, scope.programme(staff), besides):
        raise InvalidAnswer("units.name_taken", name=name)
