"""When a unit wants to hear that its tables have changed, and at which address: chosen by the unit itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import crypto
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import audit, letters, scope, sealing
from models.office.edition_tables import UnitSchedule
from models.office.tables import Staff, UnitRow
from models.unit_of_work import unit_of_work

CHANGE, DAILY, DEADLINE, NEVER = "change", "daily", "deadline", "never"
MODES = (CHANGE, DAILY, DEADLINE, NEVER)
HOURS = range(7, 21)  # in which somebody may be reading, in China
DAYS = range(1, 31)
_READERS = (scope.REVIEWER, scope.OFFICE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a unit has chosen; `version` 0: nothing yet. `email`: empty for the addresses of its clerks' accounts."""

    mode: str = NEVER
    hour: int = 9
    days: int = 3
    email: str = field(default="", repr=False)
    by_chat: bool = True
    version: int = 0


def wish(session: Session, unit_id: str) -> Wish:
    """What the unit has chosen, or what stands on the page before it has. Raises crypto.Damaged."""
    row = session.get(UnitSchedule, unit_id)
    return Wish() if row is None else Wish(row.mode, row.hour, row.days, email(row), row.by_chat, row.version)


def email(row: UnitSchedule) -> str:
    """The address that the unit has given, or an empty text."""
    return "" if row.email is None else crypto.ring().open(row.email, sealing.schedule(row.unit_id)).decode()


def clerks(session: Session, unit_id: str) -> list[Staff]:
    """Whoever works on the unit's applications and has an address."""
    query = select(Staff).where(Staff.unit_id == unit_id, Staff.active.is_(True)).order_by(Staff.id)
    return [
        one
        for one in session.scalars(query)
        if scope.roles(one) & {*_READERS} and not one.email.endswith(letters.NOT_MAILED)
    ]


def save(staff: Staff, wanted: Wish) -> None:
    """Choose for one's own unit. Raises NotFound, InvalidAnswer, Conflict where `wanted.version` is not the present
    one."""
    if staff.unit_id is None or not scope.roles(staff) & {*_READERS}:
        raise NotFound("office.not_found")
    unit_id, staff_id = staff.unit_id, staff.id
    if wanted.mode not in MODES or wanted.hour not in HOURS or wanted.days not in DAYS:
        raise InvalidAnswer("office.schedule_wrong")
    to = letters.address(wanted.email) if wanted.email.strip() else ""
    with unit_of_work() as session:
        session.get(UnitRow, unit_id, with_for_update=True)  # two may choose at once, also for the first time
        row = session.get(UnitSchedule, unit_id, with_for_update=True, populate_existing=True)
        if wanted.version != (row.version if row is not None else 0):
            raise Conflict("office.schedule_changed")
        if row is None:
            row = UnitSchedule(unit_id=unit_id)
            session.add(row)
        row.mode, row.hour, row.days = wanted.mode, wanted.hour, wanted.days
        row.by_chat = wanted.by_chat
        row.email = crypto.ring().seal(to.encode(), sealing.schedule(unit_id)) if to else None
        audit.write(session, staff_id, audit.SET_SCHEDULE, f"unit:{unit_id}", wanted.mode)


def own(staff: Staff) -> UnitRow:
    """The unit that somebody chooses for. Raises NotFound where there is none."""
    unit = db.session.get(UnitRow, staff.unit_id) if staff.unit_id else None
    if unit is None:
        raise NotFound("office.not_found")
    return unit
