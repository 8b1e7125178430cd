"""Pages whose photo may be the same as another's: candidates by hash, from the index. See `models.documents.alike`.

Within an application the person is told. Between applications only staff are, only of the same programme, only of what
has been handed in, and never about two applications of one person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from models.application.lifecycle import DRAFT
from models.application.tables import Application, DocumentPage
from models.documents.alike import neighbours

MOST = 5  # candidates looked at: a template's photo may have many
ELSEWHERE = "flag.same_as_elsewhere"


def within(session: Session, page: DocumentPage, sheet: int, phash: str | None) -> Sequence[DocumentPage]:
    """Earlier good pages of the same application that may show the same photo as `page`'s `sheet`, oldest first."""
    same = and_(DocumentPage.sha256 == page.sha256, DocumentPage.sheet == sheet)
    query = (
        select(DocumentPage)
        .where(
            DocumentPage.application_id == page.application_id,
            DocumentPage.id != page.id,
            DocumentPage.removed_at.is_(None),
            DocumentPage.state != "retake",
            or_(
                DocumentPage.created_at < page.created_at,
                and_(DocumentPage.created_at == page.created_at, DocumentPage.id < page.id),
            ),
            or_(same, DocumentPage.phash.in_(neighbours(phash))) if phash else same,
        )
        .order_by(DocumentPage.created_at, DocumentPage.id)
        .limit(MOST)
    )
    return session.scalars(query).all()


def elsewhere(session: Session, application: Application) -> list[tuple[DocumentPage, DocumentPage]]:
    """Each page of the application with pages of others that may show the same photo, from the oldest hand-in on."""
    own = select(DocumentPage).where(
        DocumentPage.application_id == application.id,
        DocumentPage.removed_at.is_(None),
        DocumentPage.phash.is_not(None),
        DocumentPage.thumb_key.is_not(None),
    )
    found = []
    for page in session.scalars(own.order_by(DocumentPage.id)).all():
        found += [(page, other) for other in session.scalars(_others(application, page.phash or ""))]
    return found


def _others(application: Application, phash: str) -> Select[DocumentPage]:
    other = aliased(Application)
    someone_else: list[Any] = []
    if application.person_index is not None:
        someone_else.append(or_(other.person_index.is_(None), other.person_index != application.person_index))
    return (
        select(DocumentPage)
        .join(other, other.id == DocumentPage.application_id)
        .where(
            DocumentPage.phash.in_(neighbours(phash)),
            DocumentPage.removed_at.is_(None),
            DocumentPage.thumb_key.is_not(None),
            other.programme == application.programme,
            other.id != application.id,
            other.status != DRAFT,
            *someone_else,
        )
        .order_by(other.submitted_at, DocumentPage.id)
        .limit(MOST)
    )


def mark(session: Session, application_id: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Flag both pages of each pair (own page, page of another application), and take away what was found before.

    Ids only; who may follow them is decided where they are shown. The caller holds the application's lock; rows are
    locked in the order of their ids.
    """
    own = select(DocumentPage).where(DocumentPage.application_id == application_id)
    if not pairs and not any(flag["code"] == ELSEWHERE for page in session.scalars(own) for flag in page.flags):
        return
    wanted = sorted({page_id for pair in pairs for page_id in pair})
    query = select(DocumentPage).where(or_(DocumentPage.id.in_(wanted), DocumentPage.application_id == application_id))
    query = query.order_by(DocumentPage.id).with_for_update().execution_options(populate_existing=True)
    rows = session.scalars(query).all()
    pages = {page.id: page for page in rows}
    for page in rows:
        if page.application_id == application_id:
            _set(page, [flag for flag in page.flags if flag["code"] != ELSEWHERE])
    for one, two in pairs:
        if one in pages and two in pages:
            _refer(pages[one], pages[two])
            _refer(pages[two], pages[one])


def _refer(page: DocumentPage, other: DocumentPage) -> None:
    flag = {"code": ELSEWHERE, "page": other.id, "application": other.application_id}
    _set(page, [*(kept for kept in page.flags if kept != flag), flag])


def _set(page: DocumentPage, flags: list[dict[str, Any]]) -> None:
    if flags != page.flags:
        page.flags = flags
