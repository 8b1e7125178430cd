"""People's data taken out as a sheet: asked for with a reason, approved by a second person above a number, made by a
job, fetched by a link that ends, and gone with it.

Who is in it is settled when it is asked for, so that what was approved is what comes out; whoever has left the reach or
the programme by the time it is made is not in it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import clock, crypto, outbox, storage
from models.application.tables import new_id
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.interview import wording
from models.office import audit, counting, letters, links, scope, scope_exports, sealing
from models.office.export_erasing import JOB, MAKING, READY, TAKEN
from models.office.review_tables import ExportRequest
from models.office.reviews import check_reason
from models.office.tables import Staff
from models.programme.pack import Pack
from models.unit_of_work import after_commit, unit_of_work

WAITING, REFUSED, EXPIRED = "waiting", "refused", "expired"
MOST = 2000  # people in one
LISTED = 100
FORGOTTEN = timedelta(days=7)  # after which nobody approves it any more


@dataclass(frozen=True, slots=True)
class Content:
    """What is exported: who, which answers besides, whether numbers stand in full, and the role it was asked with."""

    people: tuple[str, ...]
    columns: tuple[str, ...] = ()
    full: bool = False
    role: str = scope.REVIEWER


def labels(pack: Pack, lang: str) -> dict[str, str]:
    """What each answer is called as a column; where several have one name, with the part of the form they stand in."""
    fields = [(section.title, field) for section in pack.form.sections for field in section.fields]
    times = Counter(field.label.get(lang) for _title, field in fields)
    return {
        f"field:{field.id}": wording.say("export.part", lang, part=title.get(lang), label=field.label.get(lang))
        if times[field.label.get(lang)] > 1
        else field.label.get(lang)
        for title, field in fields
    }


def content(row: ExportRequest) -> Content:
    """What was asked for. Raises crypto.Damaged."""
    kept = json.loads(crypto.ring().open(row.sealed, sealing.export(row.id)))
    return Content(tuple(kept["people"]), tuple(kept["columns"]), kept["full"], kept["role"])


def _sealed(ident: str, held: Content) -> bytes:
    kept = {"people": held.people, "columns": held.columns, "full": held.full, "role": held.role}
    return crypto.ring().seal(json.dumps(kept, ensure_ascii=False).encode(), sealing.export(ident))


def alone() -> int:
    """How many people one may export without a second person."""
    return int(current_app.config["BOLE"].export_alone)


def role_of(staff: Staff) -> str:
    """With which role somebody exports; numbers in full are the office's."""
    return scope.OFFICE if scope.OFFICE in scope.roles(staff) else scope.REVIEWER


def ask(staff: Staff, people: Sequence[str], columns: Sequence[str], full: bool, reason: str) -> str:
    """Ask for an export; the id. Without need of a second person it is made at once.

    Raises InvalidAnswer (no good reason, nobody, too many, numbers in full for who may not, nobody who could approve).
    """
    reason = check_reason(reason)
    role = role_of(staff)
    if full and role != scope.OFFICE:
        raise InvalidAnswer("export.full")
    inside = set(db.session.scalars(scope.ids(staff, list(people))))
    held = Content(tuple(one for one in people if one in inside), tuple(columns), full, role)
    if not held.people:
        raise InvalidAnswer("export.nobody")
    if len(held.people) > MOST:
        raise InvalidAnswer("export.many", limit=MOST)
    waits = len(held.people) > alone()
    if waits and db.session.scalar(scope_exports.seconds(staff, role).limit(1)) is None:
        raise InvalidAnswer("export.no_second", limit=alone())
    staff_id, slug, ident = staff.id, scope.programme(staff), new_id()
    with unit_of_work() as session:
        row = ExportRequest(id=ident, programme=slug, staff_id=staff_id, reason=reason, rows=len(held.people))
        row.state, row.created_at = WAITING if waits else MAKING, clock.current().now()
        row.sealed = _sealed(ident, held)
        session.add(row)
        session.flush()
        said = f"{row.rows}{' full' if full else ''}: {reason}"
        audit.write(session, staff_id, audit.ASK_EXPORT, f"export:{ident}", said)
        if waits:
            _tell_seconds(session, staff, row, role)
        else:
            outbox.promise(session, JOB, ident, f"export:{ident}:{row.version}")
    return ident


def _tell_seconds(session: Session, staff: Staff, row: ExportRequest, role: str) -> None:
    """A letter to everybody who could approve it and has an address; the others see the count in the navigation."""
    for second in session.scalars(scope_exports.seconds(staff, role)):
        link = links.make(session, links.EXPORT, staff_id=second.id, subject_id=row.id)
        effect = f"export_second:{row.id}:{second.id}"
        letters.write(session, effect, "export_second", staff=second, unit_id=second.unit_id, link=link, rows=row.rows)


def _tell_asker(session: Session, row: ExportRequest, kind: str) -> None:
    """A letter to whoever asked that nothing comes of it. What the second person wrote stands on the page alone: it may
    name somebody."""
    member = session.get_one(Staff, row.staff_id)
    link = links.make(session, links.EXPORT, staff_id=member.id, subject_id=row.id)
    said: dict[str, Any] = {"rows": row.rows, "days": FORGOTTEN.days}
    letters.write(session, f"{kind}:{row.id}", kind, staff=member, unit_id=member.unit_id, link=link, **said)


def may_settle(staff: Staff, row: ExportRequest) -> bool:
    """Whether this person is a second one who may approve or refuse it."""
    if row.state != WAITING or row.staff_id == staff.id:
        return False
    return content(row).role in scope.roles(staff)


def settle(staff: Staff, export_id: str, approved: bool, words: str) -> None:
    """Approve, or refuse with words. Raises NotFound out of reach, InvalidAnswer (one's own, not the role, no words),
    Conflict where it is settled already."""
    staff_id = staff.id
    words = words.strip()[:300] if approved else check_reason(words)
    with unit_of_work() as session:
        row = scope_exports.to_change(staff, export_id)
        if row.state != WAITING:
            raise Conflict("export.settled")
        if not may_settle(staff, row):
            raise InvalidAnswer("export.not_yours")
        row.state, row.answer, row.approved_by = MAKING if approved else REFUSED, words, staff_id
        if not approved:
            row.sealed = _sealed(row.id, Content(()))
        session.flush()
        if not approved:
            _tell_asker(session, row, "export_refused")
        action = audit.APPROVE_EXPORT if approved else audit.REFUSE_EXPORT
        audit.write(session, staff_id, action, f"export:{row.id}", words)
        if approved:
            outbox.promise(session, JOB, row.id, f"export:{row.id}:{row.version}")


def made(session: Session, row: ExportRequest, key: str, rows: int) -> None:
    """The file is there: whoever asked is told, within the caller's transaction."""
    hours = int(current_app.config["BOLE"].export_hours)
    row.state, row.storage_key, row.rows = READY, key, rows
    if row.expires_at is not None:  # made again because somebody left: they were told
        return
    row.expires_at = clock.current().now() + timedelta(hours=hours)
    session.flush()
    member = session.get_one(Staff, row.staff_id)
    link = links.make(session, links.EXPORT, staff_id=member.id, subject_id=row.id, hours=hours)
    letters.write(session, f"export:{row.id}", "export", staff=member, unit_id=member.unit_id, link=link, rows=rows)


def is_ready(row: ExportRequest) -> bool:
    """Whether there is a file that can be fetched now."""
    lasts = row.expires_at is not None and row.expires_at > clock.current().now()
    return lasts and row.state in (READY, TAKEN)


def take(staff: Staff, export_id: str) -> tuple[ExportRequest, bytes]:
    """Take the file out: noted before the bytes leave. Raises NotFound for anybody but who asked for it, InvalidAnswer
    where there is none (any more)."""
    staff_id = staff.id
    with unit_of_work() as session:
        row = scope_exports.to_change(staff, export_id)
        if row.staff_id != staff_id:
            raise NotFound("office.not_found")
        if not is_ready(row):
            over = row.expires_at is not None and row.expires_at <= clock.current().now()
            raise InvalidAnswer("export.over" if over else "export.not_ready")
        row.state, row.taken_at = TAKEN, clock.current().now()
        session.flush()
        audit.write(session, staff_id, audit.TAKE_EXPORT, f"export:{row.id}", str(row.rows))
        key = row.storage_key
        session.expunge(row)
    return row, storage.get(key, sealing.export_file(export_id))


def listed(staff: Staff) -> list[ExportRequest]:
    """Those in reach, the latest first."""
    query = scope_exports.exports(staff).order_by(ExportRequest.created_at.desc(), ExportRequest.id)
    return list(db.session.scalars(query.limit(LISTED)))


def for_a_second(staff: Staff) -> Select[str]:
    """Ids of those that wait for a second person of this unit, who is not whoever asked."""
    mine = scope_exports.exports(staff).where(ExportRequest.state == WAITING, ExportRequest.staff_id != staff.id)
    return mine.with_only_columns(ExportRequest.id)


def waiting(staff: Staff) -> int:
    """How many these are."""
    return counting.number(db.session(), for_a_second(staff))


def sweep() -> int:
    """Delete the files whose time is over, and forget who was in them, as of what nobody has approved in time; how
    many. Needs an app context."""
    now = clock.current().now()
    over = ExportRequest.state.in_((MAKING, READY, TAKEN)) & (ExportRequest.expires_at <= now)
    stale = (ExportRequest.state == WAITING) & (ExportRequest.created_at <= now - FORGOTTEN)
    due = list(db.session.scalars(select(ExportRequest.id).where(over | stale)))
    db.session.rollback()
    files = storage.current()
    for ident in due:
        with unit_of_work() as session:
            row = session.get(ExportRequest, ident, with_for_update=True, populate_existing=True)
            if row is None or row.state not in (WAITING, MAKING, READY, TAKEN):
                continue
            if row.storage_key:
                after_commit(lambda key=row.storage_key: files.delete(key))  # type: ignore[misc]  # the loop's value
            waited = row.state == WAITING
            row.state, row.storage_key, row.sealed = EXPIRED, "", _sealed(ident, Content(()))
            session.flush()
            if waited:
                _tell_asker(session, row, "export_forgotten")
    return len(due)
