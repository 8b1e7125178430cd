"""Expiring links in letters and messages: each leads to a page and opens nothing without signing in, but for those by
which a person chooses a password (`ONCE`).

The database keeps the SHA-256 of a link's token. The token is made with our keys from a `seed`, so that a message that
waits to be told keeps the seed and not the link.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from models import clock, crypto
from models.application.tables import new_id
from models.office.edition_tables import OfficeLink

WORKBOOK, EXPORT, INVITATION, PASSWORD, CHAT = "workbook", "export", "invitation", "password", "chat"
PROGRESS = "progress"
PURPOSES = (WORKBOOK, EXPORT, INVITATION, PASSWORD, PROGRESS)  # `CHAT` is no link: see `staff_chats`
ONCE = (INVITATION, PASSWORD)  # these are a way in: each opens its page once, for whoever has it
KEPT = timedelta(days=30)  # after its end, so that who comes late is told that it has ended


@dataclass(frozen=True, slots=True)
class Made:
    """A new link: its address is in the one message that carries it, and nowhere else."""

    url: str = field(repr=False)
    seed: str = field(repr=False)
    expires_at: datetime


def make(
    session: Session,
    purpose: str,
    *,
    unit_id: str | None = None,
    staff_id: int | None = None,
    subject_id: str = "",
    hours: int | None = None,
) -> Made:
    """A link for whoever belongs to the unit, or for one member of staff, within the caller's transaction.

    `subject_id`: what its page needs to know; `hours`: how long it leads anywhere, else `link_hours` of the settings.
    """
    if purpose not in PURPOSES:
        raise ValueError("there is no such purpose of a link")
    now, seed = clock.current().now(), new_id()
    ends = now + timedelta(hours=hours or current_app.config["BOLE"].link_hours)
    token = token_of(seed)
    row = OfficeLink(digest=digest(token), unit_id=unit_id, staff_id=staff_id, purpose=purpose, subject_id=subject_id)
    row.created_at, row.expires_at = now, ends
    session.add(row)
    session.flush()
    return Made(url(token), seed, ends)


def token_of(seed: str) -> str:
    """The token of the link that was made with this seed."""
    return crypto.ring().blind_index(seed, "office_link")


def url(token: str) -> str:
    """The link as it stands in a letter."""
    return f"{current_app.config['BOLE'].base_url}/office/l/{token}"


def find(session: Session, token: str) -> OfficeLink | None:
    """The link of this token, over or not; None where there is none."""
    row = session.get(OfficeLink, digest(token))
    return row if row is not None and row.purpose in PURPOSES else None


def is_over(row: OfficeLink) -> bool:
    """Whether it leads nowhere any more."""
    return row.expires_at <= clock.current().now()


def note_use(session: Session, row: OfficeLink) -> None:
    """Remember when it first led anywhere, within the caller's transaction."""
    first = update(OfficeLink).where(OfficeLink.digest == row.digest, OfficeLink.used_at.is_(None))
    session.execute(first.values(used_at=clock.current().now()))


def use_up(session: Session, token: str) -> OfficeLink | None:
    """Use a link that opens once, within the caller's transaction: of two at the same moment one has it. None: there is
    none of `ONCE`, it is over, or it was used."""
    now = clock.current().now()
    mine = (OfficeLink.digest == digest(token), OfficeLink.purpose.in_(ONCE), OfficeLink.expires_at > now)
    first = update(OfficeLink).where(*mine, OfficeLink.used_at.is_(None)).values(used_at=now)
    used = session.scalar(first.returning(OfficeLink.digest).execution_options(synchronize_session=False))
    return session.get(OfficeLink, used, populate_existing=True) if used else None


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def withdraw(session: Session, *, purpose: str, subject_id: str) -> None:
    """End the links to something that is not there any more, within the caller's transaction."""
    gone = (OfficeLink.purpose == purpose, OfficeLink.subject_id == subject_id)
    session.execute(delete(OfficeLink).where(*gone))


def sweep(session: Session) -> None:
    """Forget links, and codes, that ended long ago."""
    session.execute(delete(OfficeLink).where(OfficeLink.expires_at < clock.current().now() - KEPT))
