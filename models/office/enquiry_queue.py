"""Where a question stands: how many wait before it at the same desk, how long an answer takes, when people are back.

A desk is a unit's, or the programme office's where a question belongs to no unit. Nothing is estimated: the usual time
is the median of answers that were really given, and is not told where there are too few of them. What counts is how
long the person has waited for us: since they asked, or since they answered what they were asked back.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from models import clock
from models.extensions import db
from models.interview.wording import say, spoken_workday
from models.office import enquiries, office_days, threads
from models.office.enquiry_replies import of_person
from models.office.enquiry_states import ANSWERED, ASKED, FOR_US, TAKEN, since, standing, waits_since
from models.office.tables import Enquiry
from models.programme import hours, workdays
from models.programme.loader import load_pack

LAST, FEWEST, WITHIN = 20, 5, timedelta(days=30)  # answers that the usual time is taken from
HOURS = ("09:00-17:00",)  # where the pack does not say an office's hours: only the day is told, and only outside these
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def _desk(programme: str, unit_id: str | None) -> ColumnElement[bool]:
    at = Enquiry.unit_id.is_(None) if unit_id is None else Enquiry.unit_id == unit_id
    return and_(Enquiry.programme == programme, at)


def before(session: Session, enquiry: Enquiry) -> int:
    """How many unanswered questions came before this one at its desk."""
    at = waits_since(enquiry)
    earlier = or_(since() < at, and_(since() == at, Enquiry.id < enquiry.id))
    query = select(func.count(Enquiry.id)).where(
        _desk(enquiry.programme, enquiry.unit_id), Enquiry.state.in_(FOR_US), earlier
    )
    return session.scalar(query) or 0


def usual_time(session: Session, programme: str, unit_id: str | None, now: datetime) -> timedelta | None:
    """The median time of the last answers at a desk; None where fewer than five were given in the last 30 days."""
    query = (
        select(since(), Enquiry.answered_at)
        .where(_desk(programme, unit_id), Enquiry.state == ANSWERED, Enquiry.answered_at >= now - WITHIN)
        .order_by(Enquiry.answered_at.desc())
        .limit(LAST)
    )
    took = [(answered - asked).total_seconds() for asked, answered in session.execute(query) if answered is not None]
    return timedelta(seconds=median(took)) if len(took) >= FEWEST else None


def told_usual(session: Session, enquiry: Enquiry, now: datetime, lang: str) -> str:
    """What the person is told about how long an answer takes at this desk; empty where nothing is said."""
    usual = usual_time(session, enquiry.programme, enquiry.unit_id, now)
    return _usual(usual, lang) if usual is not None else ""


def back_on(now: datetime, programme: str = "") -> workdays.Workday | None:
    """The day on which people are back; None while they are there. `now` in UTC."""
    written = load_pack(programme).programme.office_hours if programme else ()
    days = office_days.overrides(db.session(), programme) if programme else None
    return hours.back_on(now.astimezone(clock.CHINA), hours.spans(written or HOURS), days)


def told_back(now: datetime, programme: str, lang: str) -> str:
    """What somebody who asks now is told about when people are back; empty while they are there."""
    back = back_on(now, programme)
    return _back(back, now.astimezone(clock.CHINA).date(), lang) if back is not None else ""


def queued(session: Session, enquiry: Enquiry, lang: str) -> list[str]:
    """What a person is told whose question has just been queued: its place, the usual time, the day."""
    ahead = before(session, enquiry)
    place = say("answers.queued", lang, count=ahead) if ahead else say("answers.queued_first", lang)
    return [place, *_expected(session, enquiry, lang)]


def stands(session: Session, enquiry: Enquiry, lang: str) -> list[str]:
    """The same for a question that has been waiting or waits again; nothing while it is the person's turn."""
    state = standing(enquiry, clock.current().now())
    if state not in (*FOR_US, TAKEN):
        return []
    if threads.ours(enquiry):  # in no queue: it is back with whoever asked
        return [line(session, enquiry, lang)]
    if state == TAKEN:
        return [say("answers.place_taken", lang)]
    ahead = before(session, enquiry)
    place = say("answers.place", lang, count=ahead) if ahead else say("answers.place_first", lang)
    return [place, *_expected(session, enquiry, lang)]


def _expected(session: Session, enquiry: Enquiry, lang: str) -> list[str]:
    now = clock.current().now()
    usual = told_usual(session, enquiry, now, lang)
    lines = [usual] if usual else []
    back = told_back(now, enquiry.programme, lang)
    if back:
        lines.append(back)
        written = load_pack(enquiry.programme).programme.office_hours
        lines += [say("answers.hours", lang, hours=list(written))] if written else []
    return lines


def last(session: Session, application_id: str) -> Enquiry | None:
    """The question that was put last by somebody with this application and still waits."""
    query = select(Enquiry).where(Enquiry.application_id == application_id, Enquiry.state.in_(FOR_US))
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
    """A person's own unanswered questions, oldest first, each with its place or what they are asked back."""
    mine = of_person(conversation_id, application_id)
    if mine is None:
        return []
    query = select(Enquiry).where(mine, Enquiry.state.in_((*FOR_US, ASKED))).order_by(Enquiry.created_at)
    return [line(session, enquiry, lang) for enquiry in session.scalars(query)]


def line(session: Session, enquiry: Enquiry, lang: str) -> str:
    """How a question that is not answered stands, for the person."""
    question = enquiries.short(enquiry.question)
    state = standing(enquiry, clock.current().now())
    if threads.ours(enquiry):
        code = "answers.waiting_asked_ours" if state == ASKED else "answers.waiting_ours"
        return say(code, lang, question=question, text=threads.asked_back(session, enquiry))
    if state == ASKED:
        return say("answers.waiting_asked", lang, question=question, text=threads.asked_back(session, enquiry))
    if state == TAKEN:
        return say("answers.waiting_taken", lang, question=question)
    ahead = before(session, enquiry)
    if not ahead:
        return say("answers.waiting_first", lang, question=question)
    return say("answers.waiting", lang, question=question, count=ahead)
