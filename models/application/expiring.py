"""Personal data whose time is over: which applications, when, and what the office sees of it beforehand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import clock
from models.application import admission, ending, lifecycle, packs
from models.application.tables import Application, Event, Round
from models.clock import CHINA
from models.errors import NotFound
from models.extensions import db, reading
from models.interview import wording
from models.programme.pack import Pack, Text
from models.programme.retention import ENDINGS

BATCH = 500
# The events that a period runs from; a draft's runs from its last change.
_RESTS = {
    lifecycle.APPROVED: ("approved",),
    lifecycle.DECLINED: ("declined",),
    lifecycle.WITHDRAWN: ("withdrawn", "set_aside", "consent_withdrawn"),
    lifecycle.REMOVED: ("removed",),
    lifecycle.REPORTED: ("approved",),  # passed, and never admitted
}
_ENDING = {**{name: name for name in ENDINGS}, lifecycle.REPORTED: "approved"}  # whose period it is


@dataclass(frozen=True, slots=True)
class Upcoming:
    """How many applications of one ending lose their data in one month; `month` is its first day."""

    month: date
    ending: str
    count: int


def purge_due() -> int:
    """Erase the data of every application whose time is over, each in a transaction of its own; how many. Needs an app
    context; may run in several processes at once, and again after a crash."""
    today = clock.current().today()
    with reading():
        due = [found.id for found, day in _at_rest(db.session()) if day <= today]
        db.session.rollback()
    return sum(_purge(app_id) for app_id in due)


def _purge(app_id: str) -> bool:
    try:
        return ending.purge(app_id, is_due)
    except NotFound:  # by another process
        return False


def is_due(session: Session, application: Application) -> bool:
    """Whether its time is over now, asked under its lock: the person may have gone on meanwhile."""
    day = ends_on(session, application)
    return day is not None and day <= clock.current().today()


def ends_on(session: Session, application: Application) -> date | None:
    """The day on which its data go; None while it waits for people, or is erased already."""
    if application.status not in _ENDING:
        return None
    return _ends(application, _rested(session, application), session.get_one(Round, application.round_id))


def standing(session: Session, slug: str) -> tuple[list[Upcoming], int]:
    """What is to come for one programme, by month and ending, the earliest first; and of how many the day has come
    already, so that the clockwork erases them when it looks next."""
    today, due = clock.current().today(), 0
    counted: Counter[tuple[date, str]] = Counter()
    for found, day in _at_rest(session, slug):
        counted[day.replace(day=1), _ENDING[found.status]] += 1
        due += day <= today
    return [Upcoming(month, ended, count) for (month, ended), count in sorted(counted.items())], due


def words(pack: Pack) -> Text:
    """What is said to the person before anything is asked."""
    kept = {name: pack.programme.retention.months(name) for name in ENDINGS} | admission.words(pack)
    return Text(zh=wording.say("retention.person", "zh", **kept), en=wording.say("retention.person", "en", **kept))


def _at_rest(session: Session, slug: str = "") -> Iterator[tuple[Application, date]]:
    """Every application that has come to rest, with the day on which its data go."""
    rested = (
        select(Event.application_id, func.max(Event.at).label("at"))
        .where(Event.type.in_([kind for kinds in _RESTS.values() for kind in kinds]))
        .group_by(Event.application_id)
        .subquery()
    )
    query = (
        select(Application, rested.c.at, Round)
        .join(Round, Round.id == Application.round_id)
        .outerjoin(rested, rested.c.application_id == Application.id)
        .where(Application.status.in_(_ENDING))
    )
    if slug:
        query = query.where(Application.programme == slug)
    for found, at, round_ in session.execute(query, execution_options={"yield_per": BATCH}):
        yield found, _ends(found, at, round_)


def _rested(session: Session, application: Application) -> datetime | None:
    kinds = _RESTS.get(application.status, ())
    query = select(func.max(Event.at)).where(Event.application_id == application.id, Event.type.in_(kinds))
    return session.scalar(query)


def _ends(application: Application, rested: datetime | None, round_: Round) -> date:
    day = (application.updated_at if application.status == lifecycle.DRAFT or rested is None else rested).astimezone(
        CHINA
    )
    since = day.date()
    if application.status == lifecycle.DRAFT and round_.closes is not None:
        since = max(since, round_.closes)
    return packs.pack_of(application).programme.retention.ends(_ENDING[application.status], since)
