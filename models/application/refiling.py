"""A photo that was sent for one document and shows another: given to the right one."""

from __future__ import annotations

from sqlalchemy import select

from models import storage
from models.application import pages, record
from models.application.tables import DocumentPage
from models.errors import NotFound
from models.unit_of_work import unit_of_work


def refile(app_id: str, page_id: str, document: str, door: str) -> DocumentPage:
    """Make a page one of `document`, where it is judged anew: a portrait is judged by other rules. Twice moves it once.

    Raises InvalidAnswer where either document does not change now or takes no more pages, NotFound for a page that is
    gone or of which nothing is left to look at.
    """
    key = f"moved:{page_id}:{document}"[:80]
    with unit_of_work() as session:
        subject = record.draft(session, app_id)
        page = session.get(DocumentPage, page_id, populate_existing=True)
        if page is None or page.application_id != app_id:
            raise NotFound("error.not_found")
        if page.removed_at is not None:
            return _moved(app_id, key)
        if page.document == document:
            return page
        record.require_reopened(subject, f"document:{page.document}")
        source = page.upload_key or page.image_key
        if source is None:
            raise NotFound("error.not_found")
        moved = pages.add_page(app_id, document, storage.get(source, pages.bound_to(page_id)), key, door)
        pages.remove_page(app_id, page_id)
        return moved


def _moved(app_id: str, key: str) -> DocumentPage:
    with unit_of_work() as session:
        query = select(DocumentPage).where(DocumentPage.application_id == app_id, DocumentPage.idempotency_key == key)
        found = session.scalar(query)
    if found is None:
        raise NotFound("error.not_found")
    return found
