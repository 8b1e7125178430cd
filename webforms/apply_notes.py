"""Messages to the applicant on the web pages: what the office or a worker told them, newest first.

A message is new until this device has shown it, or the chat has told it. What a member of staff said about a question
is worded for a page, where one presses instead of sending a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from bot_adapter.delivery import notice_text
from models.application.notices import SEEN, SENT
from models.application.queries import ApplicationView
from models.application.tables import Notice
from models.extensions import db
from models.interview.wording import say
from webforms import access

SHOWN = 20
_TOLD = (SENT, SEEN)
_ABOUT = "enquiry:"  # how the effect of a message about a question begins; its id is the next part


@dataclass(frozen=True, slots=True)
class Note:
    """One message. `enquiry`: the id of the question that it is about, and `said` what was said then."""

    at: datetime
    text: str = field(repr=False)
    new: bool
    enquiry: str = ""
    said: str = field(default="", repr=False)


def notes(view: ApplicationView, lang: str) -> list[Note]:
    """The messages of this application, in sentences."""
    rows = db.session.scalars(
        select(Notice)
        .where(Notice.application_id == view.application.id)
        .order_by(Notice.created_at.desc(), Notice.id)
        .limit(SHOWN)
    )
    until = access.read_until(view.pack.slug)
    return [_note(view, row, lang, until) for row in rows]


def shown(view: ApplicationView, found: Sequence[Note]) -> None:
    """These messages stand on the page that this request answers with: they are not new any more."""
    if found:
        access.mark_read(view.pack.slug, found[0].at)


def unread(view: ApplicationView) -> int:
    """How many messages of this application are new on this device."""
    query = select(func.count(Notice.id)).where(
        Notice.application_id == view.application.id, Notice.state.not_in(_TOLD)
    )
    until = access.read_until(view.pack.slug)
    return db.session.scalar(query if until is None else query.where(Notice.created_at > until)) or 0


def _note(view: ApplicationView, row: Notice, lang: str, until: datetime | None) -> Note:
    new = row.state not in _TOLD and (until is None or row.created_at > until)
    if not row.effect.startswith(_ABOUT):
        return Note(row.created_at, notice_text(row.code, row.params, row.text, view.pack, lang), new)
    code = row.code.partition(".")[2]
    said = say(f"answers.web_{code}", lang, **{"text": row.text, **row.params})
    about = "answers.web_about_ours" if code.endswith("_ours") else "answers.web_about"
    text = said if code == "asked_ours" else say(about, lang, question=row.params["question"], said=said)
    return Note(row.created_at, text, new, row.effect.split(":")[1], said)
