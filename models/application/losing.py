"""A photo that was lost on our side: asked for again, because somebody decided so."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import clock, storage
from models.application import labels, lifecycle, notices, packs, readings, record
from models.application.tables import Application, DocumentPage
from models.errors import InvalidAnswer
from models.interview import wording
from models.unit_of_work import after_commit

REASON = "photo.lost"
_KEYS = ("upload_key", "image_key", "thumb_key", "crop_key")


def ask_again(session: Session, app_id: str, page_id: str) -> bool:
    """Let the person take a lost page again, and tell them; False where the page is gone or asked for already. Joins
    the caller's transaction. Raises InvalidAnswer once the application is decided or has ended."""
    application = record.locked(session, app_id)
    page = session.get(DocumentPage, page_id, populate_existing=True)
    if page is None or page.application_id != app_id or page.removed_at is not None or page.state == "retake":
        return False
    if application.status not in (*lifecycle.EDITABLE, lifecycle.SUBMITTED):
        raise InvalidAnswer("error.not_editable")
    files = storage.current()
    for name in _KEYS:  # a small copy of what is lost is no paper
        key = getattr(page, name)
        if key is not None:
            after_commit(lambda key=key: files.delete(key))  # type: ignore[misc]
            setattr(page, name, None)
    page.state, page.reason = "retake", REASON
    readings.forget(session, [page_id])
    application.updated_at = clock.current().now()
    _tell(session, application, page)
    return True


def _tell(session: Session, application: Application, page: DocumentPage) -> None:
    title = labels.document_title(packs.pack_of(application), page.document)
    counted = select(func.count()).where(
        DocumentPage.application_id == application.id,
        DocumentPage.document == page.document,
        DocumentPage.removed_at.is_(None),
        DocumentPage.position <= page.position,
    )
    submitted = application.status == lifecycle.SUBMITTED
    notices.tell(
        session,
        application,
        f"lost:{page.id}",
        "notice.page_retake_submitted" if submitted else "notice.page_retake",
        document=title.model_dump(),
        page=session.scalar(counted) or 1,
        reason=wording.text(REASON).model_dump(),
    )
