"""Messages to the applicant on the web pages: what the office or a worker told them, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot_adapter.delivery import notice_text
from models.application.queries import ApplicationView
from models.application.tables import Notice
from models.extensions import db

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Note:
    """One message."""

    at: datetime
    text: str
    new: bool


def notes(view: ApplicationView, lang: str) -> list[Note]:
    """The messages of this application, in sentences."""
    rows = db.session.scalars(
        select(Notice)
        .where(Notice.application_id == view.application.id)
        .order_by(Notice.created_at.desc(), Notice.id)
        .limit(SHOWN)
    )
    return [
        Note(row.created_at, notice_text(row.code, row.params, row.text, view.pack, lang), row.state != "seen")
        for row in rows
    ]
