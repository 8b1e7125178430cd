"""Rounds (届, 年度): the notice's own dates are the first; the office opens more. Both days are included.

A round without a closing day takes applications all year; one with dates goes before it while it lasts.
"""

from __future__ import annotations

import hashlib
from datetime import date

from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError

from models import clock
from models.application.tables import Round
from models.errors import InvalidAnswer, NotOpen
from models.extensions import db
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work


def current(slug: str, today: date) -> Round | None:
    """The round that takes applications today. Of several, a real one before a demo, one with dates before a standing
    one, then the latest opened."""
    query = _of(slug).where(Round.opens <= today, or_(Round.closes.is_(None), Round.closes >= today))
    order = (Round.demo, Round.closes.is_(None), Round.opens.desc(), Round.id)
    return db.session.scalar(query.order_by(*order).limit(1))


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
        return found
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
    in force gives."""
    programme = pack.programme
    name = programme.document_number or programme.short.zh  # not every notice has a number
    # An id made from the slug: a second process finds this row, or collides with it, but never adds another.
    round_id = hashlib.sha256(f"notice-round:{pack.slug}".encode()).hexdigest()[:32]
    try:
        with unit_of_work() as session:
            found = session.get(Round, round_id)
            if found is None:
                found = _new(pack.slug, name, programme.opens, programme.closes)
                found.id, found.notice = round_id, True
                session.add(found)
            found.name, found.opens, found.closes = name, programme.opens, programme.closes
            session.flush()
            return found
    except IntegrityError:  # another process was faster
        return db.session.get_one(Round, round_id)


def overlapping(slug: str, opens: date, closes: date | None) -> Round | None:
    """A round that stands in the way of one with these days: of rounds with dates one that shares a day, of standing
    ones any other standing one."""
    if closes is None:
        query = _of(slug).where(Round.closes.is_(None))
    else:
        query = _of(slug).where(Round.opens <= closes, Round.closes >= opens)
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
