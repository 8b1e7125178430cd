"""Prepared answers: written by the office, taken by whoever answers as a beginning and changed before they are sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import update

from models import clock
from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.office import audit, scope, scope_inbox
from models.office.inbox_tables import PreparedAnswer
from models.office.tables import Staff
from models.unit_of_work import unit_of_work

LONGEST_TITLE, LONGEST = 60, 2000


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes. `text_en` may be empty: then the Chinese is a beginning for who reads English, too."""

    title: str
    text: str
    text_en: str = ""
    clause: str = ""


def listed(staff: Staff) -> list[PreparedAnswer]:
    """Those in reach, the most used first."""
    query = scope_inbox.prepared(staff)
    return list(db.session.scalars(query.order_by(PreparedAnswer.used.desc(), PreparedAnswer.title)))


def save(staff: Staff, draft: Draft, prepared_id: str = "", version: int = 0) -> PreparedAnswer:
    """Write a new one, or one anew. Raises InvalidAnswer for what cannot be kept, Conflict when somebody changed it
    meanwhile, NotFound when out of reach."""
    title, text, english = draft.title.strip(), draft.text.strip(), draft.text_en.strip()
    if not title or not text:
        raise InvalidAnswer("office.prepared_empty")
    for words, limit in ((title, LONGEST_TITLE), (text, LONGEST), (english, LONGEST)):
        if len(words) > limit:
            raise InvalidAnswer("office.too_long", limit=limit)
    staff_id = staff.id
    with unit_of_work() as session:
        if prepared_id:
            row = scope_inbox.prepared_to_change(staff, prepared_id)
            if row.version != version:
                raise Conflict("office.prepared_changed")
        else:
            row = PreparedAnswer(programme=scope.programme(staff))
            session.add(row)
        row.title, row.text, row.text_en, row.clause = title, text, english, draft.clause[:40]
        row.written_by, row.updated_at = staff_id, clock.current().now()
        session.flush()
        audit.write(session, staff_id, audit.WRITE_PREPARED, f"prepared:{row.id}")
    return row


def remove(staff: Staff, prepared_id: str) -> None:
    """Take it off the list. Raises NotFound when out of reach."""
    staff_id = staff.id
    with unit_of_work() as session:
        row = scope_inbox.prepared_to_change(staff, prepared_id)
        audit.write(session, staff_id, audit.WRITE_PREPARED, f"prepared:{row.id}", "removed")
        session.delete(row)


def used(staff: Staff, prepared_ids: Iterable[str]) -> None:
    """Count that an answer was sent which began with these."""
    ids = sorted({one for one in prepared_ids if one})
    if not ids:
        return
    mine = scope_inbox.prepared(staff).with_only_columns(PreparedAnswer.id)
    with unit_of_work() as session:
        query = update(PreparedAnswer).where(PreparedAnswer.id.in_(ids), PreparedAnswer.id.in_(mine))
        session.execute(query.values(used=PreparedAnswer.used + 1).execution_options(synchronize_session=False))
