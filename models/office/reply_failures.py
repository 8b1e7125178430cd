"""Replies that a platform did not take, counted for the programme's office: what keeps people from being answered is
seldom one person's, so it is shown by channel and reason, with nothing of anybody.

Most of these people have a draft only, which no member of staff sees; so the talk's programme decides who is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, false, func, select

from models import clock
from models.application import deliveries
from models.application.channel_tables import Delivery
from models.application.tables import Conversation
from models.extensions import db
from models.office import scope
from models.office.tables import Staff

SINCE = timedelta(days=7)
_MOST = 50  # kinds of failures on the page


@dataclass(frozen=True, slots=True)
class Failures:
    """Replies of one channel that ended in the same way. `detail`: the platform's code; `uncertain`: it was cut off
    while it was being sent, and the next reply says so."""

    channel: str
    uncertain: bool
    error: str
    detail: str
    count: int
    last: datetime


def in_reach(staff: Staff) -> Select[Delivery]:
    """Replies in talks about the own programme; for its office."""
    query = select(Delivery).join(Conversation, Conversation.id == Delivery.conversation_id)
    if staff.unit is None or scope.OFFICE not in scope.roles(staff):
        return query.where(false())
    return query.where(Conversation.programme == staff.unit.programme, Delivery.purpose == "reply")


def listed(staff: Staff) -> list[Failures]:
    """The last days' failures in reach, the most frequent first."""
    what = (Delivery.channel, Delivery.state, Delivery.error, Delivery.detail)
    since = clock.current().now() - SINCE
    ended = Delivery.state.in_((deliveries.FAILED, deliveries.UNCERTAIN))
    counted = func.count(Delivery.id)
    query = (
        in_reach(staff)
        .where(ended, Delivery.updated_at >= since)
        .with_only_columns(*what, counted, func.max(Delivery.updated_at))
        .group_by(*what)
        .order_by(counted.desc(), *what)
        .limit(_MOST)
    )
    return [
        Failures(channel, state == deliveries.UNCERTAIN, error, detail, count, last)
        for channel, state, error, detail, count, last in db.session.execute(query)
    ]
