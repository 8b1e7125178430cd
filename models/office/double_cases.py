"""One person at two units (不重报): pairs are found by the blind index, and people settle each of them.

A pair lasts while both places are there, at two units and with one number; it is not kept up to date, but looked at
anew. Nothing is ever decided here without a person who gave a reason.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import clock
from models.application import ending, service
from models.application.lifecycle import allows
from models.application.tables import Application, new_id
from models.errors import Conflict, InvalidAnswer
from models.extensions import db, reading
from models.office import audit, batches, decisions, double_places, doubles, reviews, scope, scope_doubles
from models.office.batch_tables import BatchRow, Confirmation, Duplicate
from models.office.double_places import ROW, Place
from models.office.tables import Staff
from models.programme.loader import load_pack
from models.unit_of_work import unit_of_work

OPEN, SETTLED = "open", "settled"
KEEP, MOVE = "keep", "move"
FIRST, SECOND = "first", "second"  # the side whose unit goes on with the person
SHOWN = 500


@dataclass(frozen=True, slots=True)
class Case:
    """An open pair with both places as they are now."""

    pair: Duplicate
    first: Place
    second: Place

    @property
    def stamp(self) -> str:
        """What was looked at: another one means that something has changed since."""
        return f"{self.pair.version}.{self.first.version}.{self.second.version}"

    @property
    def sides(self) -> tuple[tuple[str, Place], ...]:
        """Both sides as they are read: what has been handed in before what a unit has written down, else the earlier
        first."""
        both = ((FIRST, self.first), (SECOND, self.second))
        return tuple(sorted(both, key=lambda side: (not side[1].handed_in, side[1].at)))

    @property
    def moves(self) -> str:
        """Whose choice moves the application to the other unit; empty where nothing has been handed in."""
        if self.first.handed_in:
            return SECOND
        return FIRST if self.second.handed_in else ""

    @property
    def movable(self) -> bool:
        """Whether the application, if there is one, can be handed to another unit now."""
        handed = self.first if self.first.handed_in else self.second
        return not handed.handed_in or allows(handed.state, "rerouted")


@dataclass(frozen=True, slots=True)
class New:
    """A pair that has been found."""

    programme: str
    first: Place
    second: Place


def look_for(session: Session, subject: str) -> list[New]:
    """Pairs of which one side is this list or this application, whether or not they are known."""
    application = session.get(Application, subject)
    if application is not None:
        slug = application.programme
        mine = list(double_places.by_id(session, slug, [subject]).values())
    else:
        mine = double_places.of_batch(session, subject)
        slug = double_places.programme_of(session, subject)
    if not mine or not doubles.settles(load_pack(slug)):
        return []
    others: dict[str, list[Place]] = {}
    for place in double_places.by_index(session, slug, {one.index for one in mine}):
        others.setdefault(place.index, []).append(place)
    pairs = [(one, other) for one in mine for other in others.get(one.index, ()) if one.unit_id != other.unit_id]
    return [New(slug, *sorted(pair, key=lambda place: place.id)) for pair in pairs]


def keep(session: Session, found: Collection[New]) -> None:
    """Write down those that are not known yet; two at once write each of them once. A row that has been entered since
    it was found stands under its application."""
    if not found:
        return
    became = _entered_since(session, {place.id for one in found for place in (one.first, one.second)})
    now = clock.current().now()
    insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(Duplicate)
    rows = []
    for one in found:
        sides = sorted((became.get(place.id, place.id), place.unit_id) for place in (one.first, one.second))
        row = {"id": new_id(), "programme": one.programme, "found_at": now, "state": OPEN, "version": 1}
        row |= {"first_id": sides[0][0], "second_id": sides[1][0], "decision": "", "dropped_id": "", "reason": ""}
        rows.append({**row, "first_unit_id": sides[0][1], "second_unit_id": sides[1][1]})
    session.execute(insert.values(rows).on_conflict_do_nothing(index_elements=["first_id", "second_id"]))


def _entered_since(session: Session, ids: Collection[str]) -> dict[str, str]:
    """The applications of those rows that have become one; the others are held, so that none does before the commit."""
    query = select(BatchRow).where(BatchRow.id.in_(ids)).order_by(BatchRow.id).with_for_update()
    held = session.scalars(query.execution_options(populate_existing=True)).all()
    return {row.id: row.application_id for row in held if row.application_id}


def entered(session: Session, row_id: str, application_id: str) -> None:
    """A row has become an application, within the transaction of this: its pairs go on with it."""
    query = select(Duplicate).where(or_(Duplicate.first_id == row_id, Duplicate.second_id == row_id))
    for pair in session.scalars(query):
        sides = [(pair.first_id, pair.first_unit_id), (pair.second_id, pair.second_unit_id)]
        moved = sorted((application_id if ident == row_id else ident, unit) for ident, unit in sides)
        (pair.first_id, pair.first_unit_id), (pair.second_id, pair.second_unit_id) = moved


def open_pairs(staff: Staff) -> Select[Duplicate]:
    """Pairs that nobody has settled, whether or not they still stand."""
    return scope_doubles.pairs(staff).where(Duplicate.state == OPEN)


def open_cases(session: Session, staff: Staff, *, named: bool = False) -> list[Case]:
    """Pairs that wait for this office, the oldest first."""
    query = open_pairs(staff)
    found = list(session.scalars(query.order_by(Duplicate.found_at, Duplicate.id).limit(SHOWN)))
    return _cases(session, scope.programme(staff), found, named=named) if found else []


def case(session: Session, staff: Staff, pair: Duplicate) -> Case | None:
    """The pair with both places, named; None where it is settled or has come to nothing."""
    found = _cases(session, scope.programme(staff), [pair], named=True) if pair.state == OPEN else []
    return found[0] if found else None


def _cases(session: Session, slug: str, pairs: list[Duplicate], *, named: bool) -> list[Case]:
    ids = {ident for pair in pairs for ident in (pair.first_id, pair.second_id)}
    places = double_places.by_id(session, slug, ids, named=named)
    out = []
    for pair in pairs:
        first, second = places.get(pair.first_id), places.get(pair.second_id)
        if first and second and first.index == second.index and first.unit_id != second.unit_id:
            out.append(Case(pair, first, second))
    return out


def tidy() -> int:
    """Forget open pairs that have come to nothing; how many. Should they come to be again, they are found again."""
    with reading():
        query = select(Duplicate).where(Duplicate.state == OPEN).order_by(Duplicate.programme)
        pairs = list(db.session.scalars(query))
        over = {pair.id for pair in pairs}
        for slug, group in groupby(pairs, key=lambda pair: pair.programme):
            over -= {one.pair.id for one in _cases(db.session(), slug, list(group), named=False)}
        db.session.rollback()
    if over:
        with unit_of_work() as session:
            session.execute(delete(Duplicate).where(Duplicate.id.in_(over), Duplicate.state == OPEN))
    return len(over)


def settle(staff: Staff, pair_id: str, stamp: str, side: str, reason: str) -> Duplicate:
    """The unit on this `side` (first | second) goes on with the person; what the other has written down is dropped,
    what the other has as an application is handed over. The reason is read by whoever loses a row, and by the person
    where an application is handed over.

    Raises NotFound; InvalidAnswer (no side, no good reason); Conflict: something is not as it was shown;
    IllegalTransition: the application cannot be handed over any more.
    """
    if side not in (FIRST, SECOND):
        raise InvalidAnswer("double.side_missing")
    reason, staff_id = reviews.check_reason(reason), staff.id
    with unit_of_work() as session:
        pair = scope_doubles.to_settle(staff, pair_id)
        found = case(session, staff, pair)
        if found is None or found.stamp != stamp:
            raise Conflict("double.changed")
        chosen, other = (found.first, found.second) if side == FIRST else (found.second, found.first)
        dropped = chosen if other.handed_in else other
        if other.handed_in:
            service.reroute(other.id, chosen.unit_id, staff_id, other.version, reason)
            decisions.settle(session, staff_id, audit.REROUTE, other.id)
        _drop(session, dropped, staff_id)
        pair.state, pair.decision, pair.dropped_id = SETTLED, MOVE if other.handed_in else KEEP, dropped.id
        pair.reason, pair.settled_by, pair.settled_at = reason, staff_id, clock.current().now()
        audit.write(session, staff_id, audit.SETTLE_DOUBLE, f"double:{pair.id}", reason)
        session.flush()
        return pair


def _drop(session: Session, place: Place, staff_id: int) -> None:
    if place.kind == ROW:
        row = session.get_one(BatchRow, place.id, with_for_update=True, populate_existing=True)
        if row.version != place.version:
            raise Conflict("double.changed")
        batches.empty(row)
        return
    ending.set_aside(place.id, staff_id)
    waiting = session.get_one(Confirmation, place.id)
    waiting.person_index = None
