"""Where a question stands: how many wait before it at the same desk, how long an answer takes, when people are back.

A desk is a unit's, or the programme office's where a question belongs to no unit. Nothing is estimated: the usual time
is the median of answers that were really given, and is not told where there are too few of them.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from statistics import median

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from models import clock
from models.interview.wording import say, spoken_workday
from models.office import enquiries
from models.office.tables import Enquiry
from models.programme import workdays

LAST, FEWEST, WITHIN = 20, 5, timedelta(days=30)  # answers that the usual time is taken from
OPENS, CLOSES = time(9), time(17)  # no notice says an office's hours: only the day is told, and only outside these
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def _desk(programme: str, unit_id: str | None) -> ColumnElement[bool]:
    at = Enquiry.unit_id.is_(None) if unit_id is None else Enquiry.unit_id == unit_id
    return and_(Enquiry.programme == programme, at)


def before(session: Session, enquiry: Enquiry) -> int:
    """How many unanswered questions came before this one at its desk."""
    earlier = or_(
        Enquiry.created_at < enquiry.created_at,
        and_(Enquiry.created_at == enquiry.created_at, Enquiry.id < enquiry.id),
    )
    query = select(func.count(Enquiry.id)).where(
        _desk(enquiry.programme, enquiry.unit_id), Enquiry.state != enquiries.ANSWERED, earlier
    )
    return session.scalar(query) or 0


def usual_time(session: Session, programme: str, unit_id: str | None, now: datetime) -> timedelta | None:
    """The median time of the last answers at a desk; None where fewer than five were given in the last 30 days."""
    query = (
        select(Enquiry.created_at, Enquiry.answered_at)
        .where(_desk(programme, unit_id), Enquiry.state == enquiries.ANSWERED, Enquiry.answered_at >= now - WITHIN)
        .order_by(Enquiry.answered_at.desc())
        .limit(LAST)
    )
    took = [(answered - asked).total_seconds() for asked, answered in session.execute(query) if answered is not None]
    return timedelta(seconds=median(took)) if len(took) >= FEWEST else None


def back_on(now: datetime) -> workdays.Workday | None:
    """The day on which people are back; None while they are there. `now` in UTC."""
    local = now.astimezone(clock.CHINA)
    today = local.date()
    if workdays.is_working_day(today):
        if OPENS <= local.time() < CLOSES:
            return None
        if local.time() < OPENS:
            return workdays.Workday(today, provisional=False)
    return workdays.add_working_days(today, 1)


def queued(session: Session, enquiry: Enquiry, lang: str) -> list[str]:
    """What a person is told whose question has just been queued: its place, the usual time, the day."""
    now = clock.current().now()
    ahead = before(session, enquiry)
    lines = [say("answers.queued", lang, count=ahead) if ahead else say("answers.queued_first", lang)]
    usual = usual_time(session, enquiry.programme, enquiry.unit_id, now)
    if usual is not None:
        lines.append(_usual(usual, lang))
    back = back_on(now)
    if back is not None:
        lines.append(_back(back, now.astimezone(clock.CHINA).date(), lang))
    return lines


def last(session: Session, application_id: str) -> Enquiry | None:
    """The question that was put last by somebody with this application and still waits."""
    query = select(Enquiry).where(Enquiry.application_id == application_id, Enquiry.state != enquiries.ANSWERED)
    return session.scalar(query.order_by(Enquiry.created_at.desc(), Enquiry.id).limit(1))


def _usual(took: timedelta, lang: str) -> str:
    if took <= _HOUR:
        return say("answers.usual_hour", lang)
    if took < _DAY:
        return say("answers.usual_hours", lang, count=-(-took // _HOUR))
    return say("answers.usual_days", lang, count=-(-took // _DAY))


def _back(back: workdays.Workday, today: date, lang: str) -> str:
    if back.day == today:
        return say("answers.back_today", lang)
    return say("answers.back", lang, day=spoken_workday(back.day, back.provisional, lang))


def waiting(session: Session, conversation_id: str | None, application_id: str | None, lang: str) -> list[str]:
    """A person's own unanswered questions, oldest first, each with its place."""
    of = [Enquiry.conversation_id == conversation_id] if conversation_id else []
    of += [Enquiry.application_id == application_id] if application_id else []
    if not of:
        return []
    query = select(Enquiry).where(or_(*of), Enquiry.state != enquiries.ANSWERED).order_by(Enquiry.created_at)
    return [_line(session, enquiry, lang) for enquiry in session.scalars(query)]


def _line(session: Session, enquiry: Enquiry, lang: str) -> str:
    question = enquiries.short(enquiry.question)
    if enquiry.state == enquiries.TAKEN:
        return say("answers.waiting_taken", lang, question=question)
    ahead = before(session, enquiry)
    if not ahead:
        return say("answers.waiting_first", lang, question=question)
    return say("answers.waiting", lang, question=question, count=ahead)
