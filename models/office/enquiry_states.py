"""The states of a question, and whose turn it is now: a lease's end needs nobody to notice it, it is read."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.sql.functions import coalesce

from models.office.tables import Enquiry

OPEN, TAKEN, ASKED, ANSWERED, CLOSED = "open", "taken", "asked", "answered", "closed"
FOR_US = (OPEN, TAKEN)
DONE = (ANSWERED, CLOSED)


def lease() -> timedelta:
    """How long a taken question stays with who took it since they last did something with it."""
    return timedelta(minutes=current_app.config["BOLE"].lease_minutes)


def is_lapsed(enquiry: Enquiry, now: datetime) -> bool:
    """Whether it was taken and its time ran out: it is open again, and remembers who had it."""
    return enquiry.state == TAKEN and (enquiry.taken_until is None or enquiry.taken_until <= now)


def standing(enquiry: Enquiry, now: datetime) -> str:
    """The state as it counts now."""
    return OPEN if is_lapsed(enquiry, now) else enquiry.state


def holder(enquiry: Enquiry, now: datetime) -> int | None:
    """Who is answering it now."""
    return enquiry.taken_by if standing(enquiry, now) == TAKEN else None


def lapsed(now: datetime) -> ColumnElement[bool]:
    """`is_lapsed` as a condition."""
    over = or_(Enquiry.taken_until.is_(None), Enquiry.taken_until <= now)
    return and_(Enquiry.state == TAKEN, over)


def free(now: datetime) -> ColumnElement[bool]:
    """Those that wait for somebody to take them."""
    return or_(Enquiry.state == OPEN, lapsed(now))


def held(now: datetime) -> ColumnElement[bool]:
    """Those that somebody is answering."""
    return and_(Enquiry.state == TAKEN, Enquiry.taken_until > now)


def since() -> coalesce[datetime]:
    """Since when the person has waited for us, as an expression: since they asked, answered us or asked again."""
    return func.coalesce(Enquiry.waiting_since, Enquiry.created_at)


def waits_since(enquiry: Enquiry) -> datetime:
    """The same of one."""
    return enquiry.waiting_since or enquiry.created_at
