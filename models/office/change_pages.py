"""Photos that prove a change (变动的证明材料): pages of the application, kept under a document of their own, so that
nothing of what was handed in at first is otherwise for them."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import clock, outbox, storage
from models.application import pages as stored
from models.application import record
from models.application.tables import DocumentPage
from models.errors import InvalidAnswer, NotFound
from models.interview.wording import text
from models.office.chain_tables import RegistryChange
from models.office.change_states import ASKED, DRAFT, document
from models.unit_of_work import after_commit, unit_of_work

MOST = 12  # of one request


def pages(session: Session, change_id: str, app_id: str) -> list[DocumentPage]:
    """Those that were not removed, in order."""
    query = select(DocumentPage).where(
        DocumentPage.application_id == app_id,
        DocumentPage.document == document(change_id),
        DocumentPage.removed_at.is_(None),
    )
    return list(session.scalars(query.order_by(DocumentPage.position, DocumentPage.id)))


def add(change_id: str, app_id: str, data: bytes, key: str, door: str) -> DocumentPage:
    """Keep a photo and promise its processing; the same key gives the same page again.

    Raises InvalidAnswer as any photo does, or when there are too many; NotFound, and InvalidAnswer once handed in.
    """
    ahead = stored.store_ahead(data)
    try:
        with unit_of_work() as session:
            page = _add(session, change_id, app_id, ahead, f"change:{change_id}:{key}"[:80], door)
    except BaseException:
        storage.delete(ahead.upload_key)
        raise
    if page.id != ahead.page_id:  # sent twice
        storage.delete(ahead.upload_key)
    return page


def _add(session: Session, change_id: str, app_id: str, ahead: stored.Ahead, key: str, door: str) -> DocumentPage:
    _editable(session, change_id, app_id)
    known = stored.with_key(session, app_id, key)
    if known is not None:
        return known
    there = pages(session, change_id, app_id)
    if len(there) >= MOST:
        raise InvalidAnswer("error.too_many_pages", document=text("change.evidence"), limit=MOST)
    last = session.scalar(
        select(func.max(DocumentPage.position)).where(
            DocumentPage.application_id == app_id, DocumentPage.document == document(change_id)
        )
    )
    page = DocumentPage(id=ahead.page_id, application_id=app_id, document=document(change_id), state="received")
    page.position, page.idempotency_key, page.door = (last or 0) + 1, key, door
    page.sha256, page.size, page.upload_key = ahead.sha256, ahead.size, ahead.upload_key
    page.created_at = clock.current().now()
    session.add(page)
    record.mark_changed(record.locked(session, app_id))
    outbox.promise(session, "process_page", page.id, f"process_page:{page.id}")
    session.flush()
    return page


def remove(change_id: str, app_id: str, page_id: str) -> None:
    """Take a photo out; one that is gone is no error. Raises NotFound, InvalidAnswer once handed in."""
    with unit_of_work() as session:
        _editable(session, change_id, app_id)
        found = [page for page in pages(session, change_id, app_id) if page.id == page_id]
        _drop(session, app_id, found)


def drop_all(session: Session, change_id: str, app_id: str) -> None:
    """Take all of them out, within the caller's transaction, which holds the application's row."""
    _drop(session, app_id, pages(session, change_id, app_id))


def _drop(session: Session, app_id: str, found: list[DocumentPage]) -> None:
    if not found:
        return
    for page in found:
        page.removed_at = clock.current().now()
    ids = [page.id for page in found]
    record.mark_changed(record.locked(session, app_id))
    after_commit(lambda: stored.erase_soon(ids))


def _editable(session: Session, change_id: str, app_id: str) -> None:
    record.locked(session, app_id)
    found = session.get(RegistryChange, change_id, with_for_update=True, populate_existing=True)
    if found is None or found.application_id != app_id:
        raise NotFound("office.not_found")
    if found.state not in (DRAFT, ASKED):
        raise InvalidAnswer("error.not_editable")
