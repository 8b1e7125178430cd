"""The days on which an office is there: the country's working days (`programme.workdays`), and its own exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import clock
from models.errors import InvalidAnswer, NotFound
from models.office import audit, scope
from models.office.day_tables import OfficeDay
from models.office.tables import Staff, UnitRow
from models.programme import workdays
from models.programme.workdays import Overrides
from models.unit_of_work import unit_of_work

OFF, WORK, WHOLE = "off", "work", "whole"
KEEPERS = frozenset({scope.OFFICE, scope.ADMIN})
LONGEST = 60  # days that are put in at once
LONGEST_NAME = 40
AHEAD = 2  # years from this one
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
    """Days one after the other that are out of the ordinary. `own`: the office has said so."""

    first: date
    last: date
    works: bool
    name: str
    own: bool


def overrides(session: Session, programme: str) -> Overrides:
    """What holds for this programme's office: its own days over the shared file."""
    rows = session.scalars(select(OfficeDay).where(OfficeDay.programme == programme)).all()
    own = Overrides(
        {row.day: row.kind == WORK for row in rows if row.kind != WHOLE},
        frozenset(row.day.year for row in rows if row.kind == WHOLE),
    )
    return workdays.merged(workdays.shared(), own)


def runs(session: Session, programme: str, year: int, lang: str) -> list[Run]:
    """Days of a year that are out of the ordinary, in order: what the country was told, and what the office says."""
    query = select(OfficeDay).where(OfficeDay.programme == programme, OfficeDay.kind != WHOLE)
    own = {row.day: row for row in session.scalars(query)}
    found: list[Run] = []
    for day in _days(date(year, 1, 1), date(year, 12, 31)):
        one = _run(day, own, lang)
        if one is None:
            continue
        last = found[-1] if found else None
        alike = last is not None and (last.works, last.name, last.own) == (one.works, one.name, one.own)
        if last is not None and alike and last.last + _DAY == day:
            found[-1] = Run(last.first, day, last.works, last.name, last.own)
        else:
            found.append(one)
    return found


def _run(day: date, own: Mapping[date, OfficeDay], lang: str) -> Run | None:
    row = own.get(day)
    if row is not None:
        return Run(day, day, row.kind == WORK, row.name, own=True)
    if day in workdays.shared().days:
        return Run(day, day, workdays.shared().days[day], "", own=False)
    said = workdays.announced(day)
    return None if said is None else Run(day, day, said.works, said.en if lang == "en" else said.zh, own=False)


def put(staff: Staff, first: date, last: date, kind: str, name: str) -> int:
    """Say of these days that the office is closed or works; how many. What was said of them before is gone.

    Raises InvalidAnswer (turned round, too many, too far away, no name), NotFound for whoever keeps no calendar.
    """
    programme, staff_id = _kept(staff), staff.id
    name = " ".join(name.split())
    this_year = clock.current().today().year
    if kind not in (OFF, WORK) or last < first or (last - first).days >= LONGEST:
        raise InvalidAnswer("days.range", most=LONGEST)
    if not this_year - 1 <= first.year <= last.year <= this_year + AHEAD:
        raise InvalidAnswer("days.far", first=this_year - 1, last=this_year + AHEAD)
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidAnswer("days.name", most=LONGEST_NAME)
    with unit_of_work() as session:
        _lock(session, programme)
        _clear(session, programme, first, last)
        days = list(_days(first, last))
        session.add_all(OfficeDay(programme=programme, day=day, kind=kind, name=name) for day in days)
        audit.write(session, staff_id, audit.SET_DAYS, _subject(session, programme), f"{kind} {first}..{last}")
        return len(days)


def take_back(staff: Staff, first: date, last: date) -> None:
    """Let these days be as the country has them again. Raises NotFound for whoever keeps no calendar."""
    programme, staff_id = _kept(staff), staff.id
    with unit_of_work() as session:
        _lock(session, programme)
        _clear(session, programme, first, last)
        audit.write(session, staff_id, audit.SET_DAYS, _subject(session, programme), f"- {first}..{last}")


def say_whole(staff: Staff, year: int, whole: bool) -> None:
    """Say that all days off of this year are known now, or that they are not. Raises InvalidAnswer, NotFound."""
    programme, staff_id = _kept(staff), staff.id
    this_year = clock.current().today().year
    if not this_year - 1 <= year <= this_year + AHEAD:
        raise InvalidAnswer("days.far", first=this_year - 1, last=this_year + AHEAD)
    day = date(year, 1, 1)
    with unit_of_work() as session:
        _lock(session, programme)
        session.execute(
            delete(OfficeDay).where(OfficeDay.programme == programme, OfficeDay.day == day, OfficeDay.kind == WHOLE)
        )
        if whole:
            session.add(OfficeDay(programme=programme, day=day, kind=WHOLE, name=""))
        sign = "" if whole else "- "
        audit.write(session, staff_id, audit.SET_DAYS, _subject(session, programme), f"{sign}{WHOLE} {year}")


def _kept(staff: Staff) -> str:
    programme = scope.programme(staff)
    if not programme or not scope.roles(staff) & KEEPERS:
        raise NotFound("office.not_found")
    return programme


def _lock(session: Session, programme: str) -> None:
    """One after the other: two who put in the same day at once must not meet."""
    query = select(UnitRow.id).where(UnitRow.programme == programme, UnitRow.office.is_(True))
    session.execute(query.with_for_update()).all()


def _subject(session: Session, programme: str) -> str:
    query = select(UnitRow.id).where(UnitRow.programme == programme, UnitRow.office.is_(True))
    return f"unit:{session.scalar(query) or ''}"


def _clear(session: Session, programme: str, first: date, last: date) -> None:
    own = (OfficeDay.programme == programme, OfficeDay.kind != WHOLE)
    session.execute(delete(OfficeDay).where(*own, OfficeDay.day >= first, OfficeDay.day <= last))


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += _DAY
