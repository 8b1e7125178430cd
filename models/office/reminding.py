"""Reminding a unit that is late (督促检查): a letter to its clerks with counts and a link, once a unit and day."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock
from models.application.tables import Round
from models.clock import CHINA
from models.errors import Conflict
from models.extensions import db
from models.interview import wording
from models.office import audit, letters, links, progress, scope
from models.office.tables import Audit, Staff, UnitRow
from models.unit_of_work import unit_of_work

_COUNTED = {"review": "submitted", "report": "approved"}  # whom a reason to remind counts, by status


def remind(staff: Staff, intake: Round, unit_id: str) -> int:
    """Write to the unit's clerks; how many letters. Those without an address read it on the page of progress.

    Raises NotFound out of reach, Conflict where nothing is late (any more) or the unit was reminded today.
    """
    unit, staff_id = scope.get_unit(staff, unit_id), staff.id
    found = progress.progress(db.session(), staff, intake)
    line = next((one for one in found.lines if one.unit.id == unit.id and one.late), None)
    if line is None:
        raise Conflict("office.not_late")
    unit_id, round_id = unit.id, intake.id
    closes, name = intake.closes, intake.name
    with unit_of_work() as session:
        unit = session.get_one(UnitRow, unit_id, with_for_update=True, populate_existing=True)  # one after the other
        if not _is_first(session, unit_id):
            raise Conflict("office.reminded_today")
        effect = f"remind:{round_id}:{unit_id}:{clock.current().today()}"
        clerks = session.scalars(select(Staff).where(Staff.unit_id == unit_id, Staff.active.is_(True)))
        reviewers = [one for one in clerks if scope.REVIEWER in scope.roles(one)]
        written = sum(_write(session, unit, one, line, f"{effect}:{one.id}", name, closes) for one in reviewers)
        audit.write(session, staff_id, audit.REMIND_UNIT, f"unit:{unit_id}", f"{written}")
        return written


def _write(
    session: Session, unit: UnitRow, clerk: Staff, line: progress.Line, effect: str, name: str, closes: date | None
) -> bool:
    lang = clerk.language
    lines = [wording.say(f"reminder.{one}", lang, n=line.counts.get(_COUNTED.get(one, ""), 0)) for one in line.late]
    due = wording.deadline(closes, lang) if closes is not None else "—"
    words = {"round": name, "closes": due, "unit": unit.name_en if lang == "en" else unit.name}
    words["lines"] = "\n".join(lines)
    link = links.make(session, links.PROGRESS, unit_id=unit.id)
    made = letters.write(session, effect, "reminder", staff=clerk, unit_id=unit.id, link=link, lang=lang, **words)
    return made is not None


def _is_first(session: Session, unit_id: str) -> bool:
    """Whether nobody has reminded the unit today, by China's day."""
    begins = datetime.combine(clock.current().today(), time(), CHINA)
    query = select(Audit.id).where(
        Audit.action == audit.REMIND_UNIT, Audit.subject == f"unit:{unit_id}", Audit.at >= begins
    )
    return session.scalar(query.limit(1)) is None
