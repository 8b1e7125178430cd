"""What was read on an application's pages: kept encrypted, one row a page, gone with the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast, get_args

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from models import clock, crypto, outbox
from models.application.lifecycle import DRAFT, RETURNED, SUBMITTED
from models.application.packs import pack_of
from models.application.tables import Application, DocumentPage, Outbox, Reading
from models.documents.reading import NOT_CHECKED, PageReading, State
from models.errors import NotFound
from models.extensions import db
from models.programme.papers import paper_of

JOB = "read_page"
UPSIDE_DOWN = "photo.upside_down"  # a remark, not an instruction: what was read on it was read all the same


def sides_of(page: DocumentPage) -> tuple[str, ...]:
    """The kinds of pages that a page's document consists of; empty where nothing is read on it."""
    application = db.session.get_one(Application, page.application_id)
    documents = pack_of(application).documents.documents
    paper = next((paper_of(document) for document in documents if document.id == page.document), None)
    return paper.sides if paper is not None else ()


def promise(session: Session, page: DocumentPage) -> None:
    """Have a good page read as it is turned now, in this transaction: after its verdict, and after each turning."""
    if page.state != "ok" or page.removed_at is not None or not sides_of(page):
        return
    outbox.promise(session, JOB, page.id, f"{JOB}:{page.id}:{page.turn}")


def is_wanted(session: Session, page: DocumentPage) -> bool:
    """Whether a page is good, there, and not yet read as it is turned now."""
    row = session.get(Reading, page.id)
    is_read = row is not None and row.turn == page.turn and row.state != NOT_CHECKED.state
    return page.state == "ok" and page.removed_at is None and not is_read


def keep(session: Session, page: DocumentPage, reading: PageReading, engine: str) -> None:
    """`save`, and have the application checked again where staff already have it. The caller holds the page's lock."""
    save(session, page, reading, engine)
    status = session.scalar(select(Application.status).where(Application.id == page.application_id))
    if status in (SUBMITTED, RETURNED):
        effect = f"check:{page.application_id}:read:{page.id}:{page.turn}:{reading.state}"
        outbox.promise(session, "check_application", page.application_id, effect)


def waited_for(session: Session, outbox_id: str, now: datetime) -> str | None:
    """The promise whose turn it is before `outbox_id`'s: the oldest due one of a draft, whose person is looking at the
    screen, where the page of `outbox_id` is with the office already. None where nobody is kept waiting."""
    whose = select(Outbox.id).join(DocumentPage, DocumentPage.id == Outbox.subject_id)
    whose = whose.join(Application, Application.id == DocumentPage.application_id).where(Outbox.job == JOB)
    if session.scalar(whose.where(Outbox.id == outbox_id, Application.status == DRAFT)) is not None:
        return None
    free = or_(Outbox.lease_until.is_(None), Outbox.lease_until < now)
    due = (Application.status == DRAFT, Outbox.state == "pending", Outbox.not_before <= now, free)
    return session.scalar(whose.where(*due).order_by(Outbox.created_at, Outbox.id).limit(1))


def find_given_up(session: Session) -> list[str]:
    """Pages that nobody will read any more: every attempt was used up, and nothing was kept for them."""
    query = (
        select(DocumentPage.id)
        .join(Outbox, Outbox.subject_id == DocumentPage.id)
        .where(
            Outbox.state == "failed",
            Outbox.job == JOB,
            DocumentPage.state == "ok",
            DocumentPage.removed_at.is_(None),
            ~exists().where(Reading.page_id == DocumentPage.id, Reading.turn == DocumentPage.turn),
        )
    )
    return sorted(set(session.scalars(query)))


def give_up(session: Session, page_ids: Iterable[str]) -> int:
    """Keep these pages as not checked, which staff see; how many. A page that is to be read after all is left alone."""
    given_up = 0
    for page_id in page_ids:
        page = session.get(DocumentPage, page_id, with_for_update=True, populate_existing=True)
        waiting = select(Outbox.id).where(Outbox.job == JOB, Outbox.subject_id == page_id, Outbox.state == "pending")
        if page is None or not is_wanted(session, page) or session.scalar(waiting.limit(1)) is not None:
            continue
        keep(session, page, NOT_CHECKED, "")
        given_up += 1
    return given_up


def save(session: Session, page: DocumentPage, reading: PageReading, engine: str) -> None:
    """Keep what was read on `page` as it is turned now, in the place of an earlier reading."""
    sealed = crypto.ring().seal(json.dumps(reading.to_json(), ensure_ascii=False).encode(), bound_to(page.id))
    row = session.get(Reading, page.id) or Reading(page_id=page.id, application_id=page.application_id)
    row.state, row.kind, row.turn = reading.state, reading.kind, page.turn
    row.sealed, row.engine, row.at = sealed, engine, clock.current().now()
    row.confirmed = []
    session.add(row)
    if page.reason in (None, UPSIDE_DOWN):  # anything else that was said about it comes first
        page.reason = UPSIDE_DOWN if reading.quarter_turns % 4 else None


def of_application(application_id: str) -> dict[str, PageReading]:
    """What was read, by page id; pages that nobody has looked at yet, or that were turned since, are not in it."""
    query = (
        select(Reading)
        .join(DocumentPage, DocumentPage.id == Reading.page_id)
        .where(
            Reading.application_id == application_id,
            DocumentPage.removed_at.is_(None),
            DocumentPage.turn == Reading.turn,
        )
    )
    return {row.page_id: _opened(row) for row in db.session.scalars(query)}


def confirmed(application_id: str) -> dict[str, frozenset[str]]:
    """By page id the names (of `PageReading.found`) about which the person has said that what they typed is right."""
    query = select(Reading.page_id, Reading.confirmed).where(Reading.application_id == application_id)
    return {page_id: frozenset(names) for page_id, names in db.session.execute(query)}


def confirm(session: Session, application_id: str, names: Mapping[str, Iterable[str]]) -> None:
    """Remember, by page id, that the person stands by what they typed. Raises NotFound for a page that was not read."""
    for page_id, more in names.items():
        row = session.get(Reading, page_id)
        if row is None or row.application_id != application_id:
            raise NotFound("error.not_found")
        row.confirmed = sorted({*row.confirmed, *more})


def copy(session: Session, source: DocumentPage, target: DocumentPage) -> None:
    """What was read on `source` holds for a page that is a copy of it; nobody has confirmed anything there yet."""
    row = session.get(Reading, source.id)
    if row is not None and row.turn == source.turn:
        save(session, target, _opened(row), row.engine)


def forget(session: Session, page_ids: Iterable[str]) -> None:
    """What was read on these pages goes with them."""
    session.execute(delete(Reading).where(Reading.page_id.in_(list(page_ids))))


def _opened(row: Reading) -> PageReading:
    if row.sealed is None:
        assert row.state in get_args(State)
        return PageReading(cast(State, row.state), row.kind)
    return PageReading.from_json(json.loads(crypto.ring().open(row.sealed, bound_to(row.page_id))))


def bound_to(page_id: str) -> str:
    """What a sealed reading is bound to."""
    return f"reading:{page_id}"
