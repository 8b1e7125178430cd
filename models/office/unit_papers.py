"""The whole of a unit's papers, bound for printing (申报材料汇编): in parts that a folder holds, each a PDF of its own.

A part is kept as a `Workbook` of the kind ``paper-<n>``, so that it is called back with the unit's tables when somebody
leaves; `rows` are its pages, `excluded` names whose papers are in it. Made by a worker when it is asked for, never by
itself: it is large, and soon out of date, which the page says. One job binds for some seconds and promises the next.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import clock, crypto, outbox, storage
from models.application import channel_state
from models.application.lifecycle import COUNTED
from models.application.tables import Application, DocumentPage
from models.errors import InvalidAnswer
from models.office.tables import Workbook
from models.unit_of_work import after_commit

JOB = "bind_unit"
LABEL = "申报材料汇编"
PREFIX = "paper-"
MOST_PAGES = 4000  # of one unit: more is bound by nobody
LAYOUT = 1  # raise when the binder draws the same records differently


def people(session: Session, round_id: str, unit_id: str) -> list[str]:
    """Whose papers are bound: who is in the unit's own forms, in the order in which they handed in."""
    query = select(Application.id).where(
        Application.round_id == round_id, Application.unit_id == unit_id, Application.status.in_(COUNTED)
    )
    return list(session.scalars(query.order_by(Application.submitted_at, Application.receipt)))


def fingerprint(session: Session, round_id: str, unit_id: str) -> str:
    """What a binding made now would show, without opening an answer."""
    of = (Application.round_id == round_id, Application.unit_id == unit_id, Application.status.in_(COUNTED))
    held = select(Application.id, Application.version, Application.pack_version).where(*of)
    pages = (
        select(DocumentPage.id, DocumentPage.state, DocumentPage.position)
        .join(Application, Application.id == DocumentPage.application_id)
        .where(*of, DocumentPage.removed_at.is_(None))
    )
    shown = [LAYOUT, *(sorted([*row] for row in session.execute(query)) for query in (held, pages))]
    return crypto.ring().blind_index(json.dumps(shown), "unit_papers")


def parts(books: Sequence[Workbook]) -> list[Workbook]:
    """The parts among a unit's workbooks of one round, in their order."""
    found = [book for book in books if is_part(book.kind) and book.storage_key]
    return sorted(found, key=lambda book: number(book.kind))


def is_part(kind: str) -> bool:
    """Whether a workbook's kind is that of a part."""
    return kind.startswith(PREFIX)


def number(kind: str) -> int:
    """Which part it is, from 1."""
    return int(kind.removeprefix(PREFIX))


def promise(session: Session, round_id: str, unit_id: str) -> None:
    """Promise to bind what the unit has now, if it is not being bound already. Raises InvalidAnswer where there is
    nobody, or more than can be bound."""
    ids = people(session, round_id, unit_id)
    if not ids:
        raise InvalidAnswer("office.paper_nobody")
    of = (Application.round_id == round_id, Application.unit_id == unit_id, Application.status.in_(COUNTED))
    count = (
        select(func.count())
        .select_from(DocumentPage)
        .join(Application, Application.id == DocumentPage.application_id)
        .where(*of, DocumentPage.removed_at.is_(None))
    )
    if (session.scalar(count) or 0) + 2 * len(ids) > MOST_PAGES:
        raise InvalidAnswer("office.paper_too_large", most=MOST_PAGES)
    subject = f"{round_id}{unit_id}"
    if outbox.under_way(session, JOB, subject):
        return
    channel_state.drop_within(session, progress(round_id, unit_id))  # of one that was given up
    effect = f"paper:{round_id}:{unit_id}:{clock.current().now():%Y%m%d%H%M}"
    outbox.promise(session, JOB, subject, effect)


def progress(round_id: str, unit_id: str) -> channel_state.Key:
    """Where it is kept how far the binding is that is under way."""
    return ("papers", round_id, unit_id)


def drop_stale(session: Session, round_id: str, unit_id: str) -> None:
    """Parts that hold somebody who is with the unit no more go, with the commit; within the transaction that brings the
    unit's workbooks up to date."""
    held = select(Workbook).where(
        Workbook.round_id == round_id, Workbook.unit_id == unit_id, Workbook.kind.startswith(PREFIX)
    )
    rows = session.scalars(held.with_for_update()).all()
    if not rows:
        return
    here = set(
        session.scalars(select(Application.id).where(Application.round_id == round_id, Application.unit_id == unit_id))
    )
    if any(one.get("application") not in here for row in rows for one in row.excluded):
        drop(session, rows)


def drop(session: Session, rows: Sequence[Workbook]) -> None:
    """Remove these parts, within the caller's transaction; their files go after the commit."""
    files = storage.current()
    for row in rows:
        if row.storage_key:
            after_commit(lambda key=row.storage_key: files.delete(key))  # type: ignore[misc]  # binds the loop's value
        session.delete(row)
    session.flush()
