"""Rounds (届, 年度): the notice's own dates are the first; the office opens more. Both days are included.

A round without a closing day takes applications all year; one with dates goes before it while it lasts. Of a yearly
intake, a year's round comes into being when it is needed; rounds that the office opens go before it.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from models import clock, detached
from models.application.tables import Application, Round
from models.errors import InvalidAnswer, NotOpen, PackError
from models.extensions import db
from models.interview import wording
from models.programme import days
from models.programme.loader import load_pack, pack_slugs
from models.programme.pack import Pack, Text
from models.statements import Statement
from models.unit_of_work import unit_of_work


def current(slug: str, today: date) -> Round | None:
    """The round that takes applications today. Of several, a real one before a demo, one with dates before a standing
    one, then the latest opened; the office's before a year's own.

    A year's round may not be kept yet (`require_open` keeps it): what is returned then knows its id, name and days.
    """
    pack = _yearly(slug)
    found = db.session.scalar(_open(select(Round), slug, today, yearly=pack is not None))
    return _of_year(pack, today) if pack is not None and (found is None or found.demo) else found


def glance(slug: str, today: date) -> Round | None:
    """The same by one prepared statement, for a turn in chat: it belongs to no session and is only looked at."""
    return _glance(slug, today)[0]


def open_id(slug: str, today: date) -> str:
    """The id of the round that takes applications today, kept now if it was not; raises NotOpen."""
    found, kept = _glance(slug, today)
    return found.id if found is not None and kept else require_open(slug, today).id


def _glance(slug: str, today: date) -> tuple[Round | None, bool]:
    """The round, and whether it is kept."""
    pack = _yearly(slug)
    session, ready = db.session(), _OPEN[pack is not None]
    rows = ready.rows(session, {"slug": slug, "today": today})
    found = detached.made(Round, zip(_NAMES, ready.converted(session, rows[0]), strict=True)) if rows else None
    if pack is not None and (found is None or found.demo):
        return _of_year(pack, today), False
    return found, True


def _open(query: Select[Any], slug: Any, today: Any, *, yearly: bool) -> Select[Any]:
    """Those that take applications on a day, the one that counts first."""
    order = [Round.demo, Round.closes.is_(None), Round.opens.desc(), Round.id]
    if yearly:
        order.insert(1, Round.notice)
    ends = or_(Round.closes.is_(None), Round.closes >= today)
    return query.where(Round.programme == slug, Round.opens <= today, ends).order_by(*order).limit(1)


_COLUMNS = tuple(Round.__table__.columns)
_NAMES = tuple(column.key for column in _COLUMNS)
_GIVEN = (bindparam("slug", type_=Round.programme.type), bindparam("today", type_=Round.opens.type))
_OPEN = {yearly: Statement(_open(select(*_COLUMNS), *_GIVEN, yearly=yearly)) for yearly in (False, True)}


def taking(programme: InstrumentedAttribute[str | None], day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a round of this programme takes applications on that day, in the statement that this becomes a part of;
    a year's own may not be kept yet (`is_open` knows)."""
    ends = or_(Round.closes.is_(None), Round.closes >= day)
    return exists().where(Round.programme == programme, Round.opens <= day, ends)


def is_open(pack: Pack, kept: bool) -> bool:
    """Whether the programme takes applications on a day, where a kept round does or does not: a yearly intake always
    does."""
    return kept or pack.programme.intake == "yearly"


def last(slug: str, today: date | None = None) -> Round | None:
    """The round that closed last (before `today`), to say until when one could apply."""
    day = today or clock.current().today()
    return db.session.scalar(_of(slug).where(Round.closes < day).order_by(Round.closes.desc(), Round.id).limit(1))


def upcoming(slug: str, today: date | None = None) -> Round | None:
    """The round that opens next."""
    day = today or clock.current().today()
    return db.session.scalar(_of(slug).where(Round.opens > day).order_by(Round.opens, Round.id).limit(1))


def require_open(slug: str, today: date) -> Round:
    """The round that takes applications today; raises NotOpen, which says when the last closed or the next opens."""
    found = current(slug, today)
    if found is not None:
        return found if found in db.session else _kept(found)
    following = upcoming(slug, today)
    if following is not None and following.standing:
        raise NotOpen("error.not_open_yet_standing", opens=following.opens)
    if following is not None:
        raise NotOpen("error.not_open_yet", opens=following.opens, closes=following.closes)
    ended = last(slug, today)
    if ended is not None:
        raise NotOpen("error.closed", opens=ended.opens, closes=ended.closes)
    raise NotOpen("error.no_round")


def ensure_notice_round(pack: Pack) -> Round:
    """The notice's own round, made once however many processes start at the same time, with the dates that the pack
    in force gives; of a yearly intake, the present year's."""
    programme = pack.programme
    if programme.intake == "yearly":
        return _kept(_of_year(pack, clock.current().today()))
    if programme.opens is None:
        raise ValueError(f"{pack.slug} has no round of its own")
    name = programme.document_number or programme.short.zh  # not every notice has a number
    return _kept(_notice(pack.slug, "", name, programme.opens, programme.closes))


def rolled_over(pack: Pack, round_: Round, on: date) -> date | None:
    """The closing day of the year of `on`, if it has passed and `round_` is therefore next year's; else None."""
    own = pack.programme.intake == "yearly" and round_.notice
    next_year = own and round_.closes is not None and round_.closes.year > on.year
    return round_.opens - timedelta(days=1) if next_year else None


def intake_words(pack: Pack, round_: Round, on: date) -> Text | None:
    """What a person is told of a year's own round: until when it takes applications, or that this year's closing day
    has passed and they belong to the next; None for any other round."""
    if pack.programme.intake != "yearly" or not round_.notice or round_.closes is None:
        return None
    closed = rolled_over(pack, round_, on)
    if closed is None:
        return _worded(pack, "intake.yearly", closes=wording.day_of_year(round_.closes))
    return _worded(pack, "intake.rolled_over", closed=wording.day_of_year(closed), year=round_.closes.year)


def late_words(pack: Pack, application: Application) -> Text | None:
    """For somebody who has handed in after the year's closing day: that they belong to the next; else None."""
    if application.submitted_at is None:
        return None
    round_ = db.session.get_one(Round, application.round_id)
    day = application.submitted_at.astimezone(clock.CHINA).date()
    return intake_words(pack, round_, day) if rolled_over(pack, round_, day) is not None else None


def _worded(pack: Pack, key: str, **params: Any) -> Text:
    """A sentence in the pack's own words, or else in the shared ones."""
    sentence = pack.messages.get(key) or wording.text(key)
    return Text(zh=wording.fill(sentence, "zh", **params), en=wording.fill(sentence, "en", **params))


def _yearly(slug: str) -> Pack | None:
    try:
        pack = load_pack(slug)
    except PackError:
        if slug in pack_slugs():
            raise
        return None
    return pack if pack.programme.intake == "yearly" else None


def _of_year(pack: Pack, on: date) -> Round:
    """The year's round that `on` falls into: from the day after one closing day to the next, so without a gap."""
    ends = pack.programme.closes_on
    if ends is None:
        raise ValueError(f"{pack.slug} has no closing day")
    opens, closes = days.year_until(ends, on)
    return _notice(pack.slug, f":{closes.year}", f"{closes.year}年度", opens, closes)


def _notice(slug: str, which: str, name: str, opens: date, closes: date | None) -> Round:
    """A round of the notice's own. Its id is made from the slug: a second process finds this row, or collides with it,
    but never adds another."""
    made = _new(slug, name, opens, closes)
    made.id = hashlib.sha256(f"notice-round:{slug}{which}".encode()).hexdigest()[:32]
    made.notice, made.demo = True, False
    return made


def _kept(wanted: Round) -> Round:
    """The row with this id, made now if it is not there; once, however many processes want it at the same time. One
    that is there takes on the name and the days wanted."""
    try:
        with unit_of_work() as session:
            found = session.get(Round, wanted.id)
            if found is None:
                session.add(wanted)
            else:
                found.name, found.opens, found.closes = wanted.name, wanted.opens, wanted.closes
            session.flush()
            return found or wanted
    except IntegrityError:  # another process was faster
        return db.session.get_one(Round, wanted.id)


def overlapping(slug: str, opens: date, closes: date | None) -> Round | None:
    """A round that stands in the way of one with these days: of rounds with dates one that shares a day, of standing
    ones any other standing one. A year's own does not, since the office's go before it."""
    if closes is None:
        query = _of(slug).where(Round.closes.is_(None))
    else:
        query = _of(slug).where(Round.opens <= closes, Round.closes >= opens)
    if _yearly(slug) is not None:
        query = query.where(Round.notice.is_(False))
    return db.session.scalar(query.order_by(Round.opens, Round.id).limit(1))


def open_round(slug: str, name: str, opens: date, closes: date | None, demo: bool = False) -> Round:
    """Open another round. Raises InvalidAnswer where it would close before it opens."""
    if closes is not None and closes < opens:
        raise InvalidAnswer("error.round_dates", opens=opens, closes=closes)
    with unit_of_work() as session:
        made = _new(slug, name, opens, closes)
        made.demo = demo
        session.add(made)
        return made


def _of(slug: str) -> Select[Round]:
    return select(Round).where(Round.programme == slug)


def _new(slug: str, name: str, opens: date, closes: date | None) -> Round:
    return Round(programme=slug, name=name, opens=opens, closes=closes, created_at=clock.current().now())
