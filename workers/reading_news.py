"""What a reading means for the person in chat: their ID card is ready to be confirmed, could not be read, or a photo
seems to be of another document than the one it was sent for. Each is told once; in the browser the pages say it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.application import others, prefill, queries
from models.application.lifecycle import DRAFT
from models.application.queries import ApplicationView
from models.application.tables import DocumentPage
from models.documents.reading import PageReading
from models.interview import wording
from models.programme.papers import paper_of, papers
from workers.delivery import Message, tell_in_chat


def tell(session: Session, page: DocumentPage, reading: PageReading) -> None:
    """Tell in chat what has been read on `page`, in the transaction that keeps it."""
    if not session.scalar(select(others.in_chat(page.application_id))):
        return
    session.flush()
    view = queries.view(page.application_id)
    if view.application.status != DRAFT:
        return
    if _tell_of_another(session, view, page, reading):
        return  # one thing at a time: where the photo belongs comes first
    now = prefill.prefill(view)
    if now is None or now.asked or now.document.id != page.document:
        return
    whole = now.ask.key in view.plan.answered  # before that a page may be still to come that can be read
    if now.stage == "ready" or (now.stage == "unread" and whole):
        message = Message(f"notice.prefill_{now.stage}", {"document": now.document.title.model_dump()})
        tell_in_chat(session, page.application_id, f"prefill_{now.stage}:{page.application_id}", message)


def _tell_of_another(session: Session, view: ApplicationView, page: DocumentPage, reading: PageReading) -> bool:
    """A diploma where the ID card should be; moved by the person's word, or left. Whether it is so."""
    known = {side for paper in papers().values() for side in paper.sides}
    document = next((one for one in view.pack.documents.documents if one.id == page.document), None)
    paper = paper_of(document) if document is not None else None
    if document is None or paper is None or reading.kind not in known or reading.kind in paper.sides:
        return False
    numbers = [one.id for one in view.document_pages(document.id)]
    params = {
        "document": document.title.model_dump(),
        "page": numbers.index(page.id) + 1 if page.id in numbers else 1,
        "seen": wording.text(f"paper.{reading.kind}").model_dump(),
    }
    tell_in_chat(session, page.application_id, f"other:{page.id}", Message("notice.page_of_another", params))
    return True
