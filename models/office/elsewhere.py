"""Who has applied in another programme as well (不重报 across programmes). It is a disclosure between two offices, so
both have to want it, and each person has to have been told before anything was collected: nobody else is compared.

Each office has a row of its own about a pair, and decides for itself; from neither does anything follow by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from models import clock, outbox
from models.application import lifecycle, packs, submission
from models.application.tables import Application, ConsentRecord, new_id
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import Base, db
from models.office import audit, counting, identity_numbers, reviews, scope, scope_elsewhere
from models.office.batch_tables import Comparison, Elsewhere
from models.office.tables import Staff
from models.programme.loader import load_pack, pack_slugs
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work

OPEN, SETTLED = "open", "settled"
STAND, END = "stand", "end"
APPLIED, ADMITTED, ENDED = "applied", "admitted", "ended"
PIECE = 500  # applications that a sweep compares at once

Pair = tuple[str, str, str, str]  # a programme, its application, the other programme, its application


@dataclass(frozen=True, slots=True)
class Choice:
    """A programme that may be compared with. `ours`, `theirs`: whether each office has switched it on."""

    slug: str
    pack: Pack
    ours: bool
    theirs: bool


def named(pack: Pack) -> frozenset[str]:
    """The programmes with which its applicants are told that they are compared."""
    return frozenset(slug for consent in pack.programme.consents for slug in consent.compared_with)


def choices(session: Session, staff: Staff) -> list[Choice]:
    """The programmes that the own consents name and that are here, with both switches."""
    own = scope.programme(staff)
    held = {(one.programme, one.other) for one in session.scalars(scope_elsewhere.comparisons(staff))}
    slugs = sorted(named(load_pack(own)).intersection(pack_slugs()) - {own}) if own else []
    return [Choice(slug, load_pack(slug), (own, slug) in held, (slug, own) in held) for slug in slugs]


def kind(status: str) -> str:
    """How far an application is, as coarsely as another office may know it: applied, admitted or ended."""
    if status == lifecycle.ADMITTED:
        return ADMITTED
    return APPLIED if status in lifecycle.LIVE else ENDED


def switch(staff: Staff, other: str, on: bool) -> None:
    """Begin or cease to compare with another programme. Ceasing forgets what is not settled, on both sides. Raises
    NotFound for a programme that the own consents do not name."""
    own, staff_id = scope.programme(staff), staff.id
    if scope.OFFICE not in scope.roles(staff) or other not in {one.slug for one in choices(db.session(), staff)}:
        raise NotFound("office.not_found")
    with unit_of_work() as session:
        held = session.get(Comparison, (own, other), with_for_update=True, populate_existing=True)
        if (held is not None) == on:
            return
        if on:
            row = {"programme": own, "other": other, "staff_id": staff_id, "since": clock.current().now()}
            session.execute(_insert(session, Comparison).values(row).on_conflict_do_nothing())  # two at once
            outbox.promise(session, "sweep_elsewhere", own, f"sweep_elsewhere:{own}:{new_id()}")
        else:
            session.delete(held)
            ours = (Elsewhere.programme == own) & (Elsewhere.other == other)
            theirs = (Elsewhere.programme == other) & (Elsewhere.other == own)
            session.execute(delete(Elsewhere).where(or_(ours, theirs), Elsewhere.state == OPEN))
        audit.write(session, staff_id, audit.COMPARE, f"programme:{other}", "on" if on else "off")


def partners(session: Session, programme: str) -> list[str]:
    """The programmes whose offices and this one compare with each other."""
    back = aliased(Comparison)
    query = select(Comparison.other).join(
        back, (back.programme == Comparison.other) & (back.other == Comparison.programme)
    )
    return list(session.scalars(query.where(Comparison.programme == programme)))


def look_for(session: Session, applications: Sequence[Application]) -> list[Pair]:
    """Whom of these (all of one programme) its partners have as well, each told of it by both."""
    if not applications:
        return []
    own, found = applications[0].programme, []
    for other in partners(session, own):
        told = _told(session, applications, other)
        by_index: dict[str, list[str]] = {}
        pack = load_pack(other)
        for app_id, number in identity_numbers.numbers(session, told).items():
            for index in submission.person_indexes(session, pack, number):
                by_index.setdefault(index, []).append(app_id)
        query = select(Application).where(Application.programme == other, Application.person_index.in_(by_index))
        theirs = list(session.scalars(query.where(Application.status.in_(lifecycle.LIVE))))
        for one in _told(session, theirs, own):
            found += [(own, ours, other, one.id) for ours in by_index[one.person_index or ""]]
    return found


def look_through(session: Session, programme: str) -> list[Pair]:
    """The same for everybody in the programme, a piece at a time."""
    found: list[Pair] = []
    last = ""
    while partners(session, programme):
        query = select(Application).where(
            Application.programme == programme, Application.status.in_(lifecycle.LIVE), Application.id > last
        )
        piece = list(session.scalars(query.order_by(Application.id).limit(PIECE)))
        if not piece:
            break
        found += look_for(session, piece)
        last = piece[-1].id
        session.expunge_all()
    return found


def of_application(session: Session, application_id: str) -> list[Pair]:
    """The same for one application that may have ended meanwhile."""
    found = session.get(Application, application_id)
    live = found is not None and found.status in lifecycle.LIVE
    return look_for(session, [found]) if found is not None and live else []


def _told(session: Session, applications: Sequence[Application], other: str) -> list[Application]:
    """Those who have agreed to a text that names the other programme, and have not taken it back."""
    asked = {
        one.id: {(c.id, c.version) for c in packs.pack_of(one).programme.consents if other in c.compared_with}
        for one in applications
    }
    query = select(ConsentRecord.application_id, ConsentRecord.consent, ConsentRecord.version)
    query = query.where(ConsentRecord.application_id.in_(asked), ConsentRecord.withdrawn_at.is_(None))
    told = {row.application_id for row in session.execute(query) if (row.consent, row.version) in asked[row[0]]}
    return [one for one in applications if one.id in told]


def keep(session: Session, found: Collection[Pair]) -> None:
    """Write down for both offices what is not known yet; two at once write each of it once."""
    now = clock.current().now()
    insert = _insert(session, Elsewhere)
    for programme, ours, other, theirs in found:
        sides = ((programme, ours, other, theirs), (other, theirs, programme, ours))
        rows = [
            {
                **dict(zip(("programme", "application_id", "other", "other_id"), side, strict=True)),
                **{"id": new_id(), "state": OPEN, "decision": "", "reason": "", "found_at": now, "version": 1},
            }
            for side in sides
        ]
        session.execute(insert.values(rows).on_conflict_do_nothing(index_elements=["application_id", "other_id"]))


def _insert(session: Session, table: type[Base]) -> Any:
    """An insert that can do nothing where the row is there already."""
    return (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)


def to_settle_of(staff: Staff) -> Select[str]:
    """Ids of the rows that wait for the own office."""
    query = scope_elsewhere.cases(staff).where(Elsewhere.state == OPEN, Application.status.in_(lifecycle.LIVE))
    return query.with_only_columns(Elsewhere.id)


def waiting(session: Session, staff: Staff) -> int:
    """How many these are."""
    return counting.number(session, to_settle_of(staff))


def settle(staff: Staff, row_id: str, version: int, decision: str, reason: str) -> None:
    """Write down what the own office has decided: both may stand, or the own one is ended by the ordinary ways. Raises
    NotFound, InvalidAnswer, Conflict where a colleague was faster."""
    if decision not in (STAND, END):
        raise InvalidAnswer("elsewhere.decision_missing")
    reason, staff_id = reviews.check_reason(reason), staff.id
    with unit_of_work() as session:
        row = scope_elsewhere.to_settle(staff, row_id)
        if row.version != version or row.state != OPEN:
            raise Conflict("elsewhere.changed")
        row.state, row.decision, row.reason = SETTLED, decision, reason
        row.settled_by, row.settled_at = staff_id, clock.current().now()
        audit.write(session, staff_id, audit.SETTLE_ELSEWHERE, f"elsewhere:{row.id}", reason)
        session.flush()
