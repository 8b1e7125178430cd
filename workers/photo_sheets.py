"""One uploaded PDF becomes a row a page: the uploaded row is sheet 1, further ones stand right behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models import outbox
from models.application.tables import DocumentPage

_KEY_LENGTH = 80  # of an idempotency key


def row_id(page_id: str, sheet: int) -> str:
    """The id of a sheet's row: the same at every attempt, so that one that was killed leaves nothing of its own."""
    return page_id if sheet < 2 else hashlib.sha256(f"{page_id}:sheet:{sheet}".encode()).hexdigest()[:32]


def room(session: Session, page_id: str, most: int) -> int:
    """How many further sheets the document takes, which may have `most` pages; those to be taken again leave room."""
    page = session.get_one(DocumentPage, page_id, populate_existing=True)
    others = select(func.count()).where(
        DocumentPage.application_id == page.application_id,
        DocumentPage.document == page.document,
        DocumentPage.id != page_id,
        DocumentPage.removed_at.is_(None),
        DocumentPage.state != "retake",
    )
    return max(0, most - 1 - (session.scalar(others) or 0))


def add(session: Session, page_id: str, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the further sheets behind the page; `rows` are their columns. The caller holds the application."""
    if not rows:
        return
    page = session.get_one(DocumentPage, page_id, populate_existing=True)
    behind = (
        DocumentPage.application_id == page.application_id,
        DocumentPage.document == page.document,
        DocumentPage.position > page.position,
    )
    session.execute(update(DocumentPage).where(*behind).values(position=DocumentPage.position + len(rows)))
    for place, row in enumerate(rows, 1):
        made = DocumentPage(
            **row,
            id=row_id(page_id, row["sheet"]),
            application_id=page.application_id,
            document=page.document,
            position=page.position + place,
            idempotency_key=_key(session, page, row["sheet"]),
            sha256=page.sha256,
            size=page.size,
            door=page.door,
            created_at=page.created_at + timedelta(microseconds=place),
        )
        session.add(made)
        session.flush()
        # There is nothing left to do, but when it was judged is read off its promise, as with any page.
        outbox.promise(session, "process_page", made.id, f"process_page:{made.id}")


def _key(session: Session, page: DocumentPage, sheet: int) -> str:
    """The upload's key with the sheet's number, unless somebody has named an upload just like that."""
    key = f"{page.idempotency_key}#{sheet}"
    taken = select(DocumentPage.id).where(
        DocumentPage.application_id == page.application_id, DocumentPage.idempotency_key == key
    )
    return key if len(key) <= _KEY_LENGTH and session.scalar(taken) is None else f"{page.id}#{sheet}"


def flag_cut(session: Session, page_id: str, pages: int, kept: int) -> None:
    """Note on the first sheet that the file had more pages than were kept."""
    page = session.get_one(DocumentPage, page_id, populate_existing=True)
    page.flags = [*page.flags, {"code": CUT, "pages": pages, "kept": kept}]
    session.flush()


CUT = "flag.pdf_more"
