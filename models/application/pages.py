"""Photographed pages: taken in as they come, encrypted, never served; a worker rebuilds them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, bindparam, func, insert, or_, select
from sqlalchemy.orm import Session

from models import clock, detached, outbox, storage
from models.application import answers, lifecycle, readings, record
from models.application.photo_format import check_bytes
from models.application.tables import DocumentPage, new_id
from models.errors import InvalidAnswer, NotFound
from models.extensions import db, reading
from models.interview.steps import Ask
from models.statements import Statement
from models.unit_of_work import after_commit, joined, unit_of_work

log = structlog.get_logger(__name__)


def bound_to(page_id: str) -> str:
    """What a page's files (upload, rebuilt image, thumbnail) are bound to in the storage."""
    return f"page:{page_id}"


@dataclass(slots=True)
class Ahead:
    """A photo that is on the disk already, under the id of the page that it may become; `taken`: a record has it."""

    page_id: str
    upload_key: str
    size: int  # bytes of the photo as it came
    sha256: str
    taken: bool = False

    def take(self) -> None:
        """What names the file is committed: it is not ours to remove any more."""
        self.taken = True


def store_ahead(data: bytes) -> Ahead:
    """Store a photo before the transaction that makes it a page, for a caller whose own transaction that is: nobody
    waits for the disk behind our lock. Raises InvalidAnswer as `add_page` does for its bytes, and StorageAway."""
    check_bytes(data)
    page_id = new_id()
    return Ahead(page_id, storage.put(data, bound_to(page_id)), len(data), hashlib.sha256(data).hexdigest())


def leave(ahead: Ahead) -> None:
    """Remove the file, unless a record has it."""
    if not ahead.taken:
        storage.delete(ahead.upload_key)


def add_page(
    app_id: str,
    document: str,
    data: bytes,
    idempotency_key: str,
    door: str,
    replaces: str = "",
    ahead: Ahead | None = None,
) -> DocumentPage:
    """Keep a photographed page and promise its processing; the same key gives the same page again. What is given back
    is read, never changed: a new one is no object of the session.

    It takes the place of the page that `replaces` names, if that is still there. After the hand-in it takes the place
    of one that was judged unusable: nothing else may change then. `ahead`: where `data` are stored already.
    Raises InvalidAnswer: empty, larger than 30 MB, neither an image nor a PDF, not asked for now, too many pages.
    """
    key = idempotency_key[:80]
    if ahead is not None:
        return add_stored(app_id, document, ahead, key, door, replaces)
    before = _known(app_id, key)
    if before is not None:
        return db.session.get_one(DocumentPage, before)
    stored = store_ahead(data)
    try:
        page = add_stored(app_id, document, stored, key, door, replaces)
    except BaseException:
        storage.delete(stored.upload_key)
        raise
    if page.id != stored.page_id:  # a retry of the same upload was faster
        storage.delete(stored.upload_key)
    return page


def add_stored(app_id: str, document: str, stored: Ahead, key: str, door: str, replaces: str = "") -> DocumentPage:
    """`add_page` of a photo that is stored already: its file becomes the page's as it lies there. Where the key has a
    page already, that is the one given back, and the file is left to the caller. Raises InvalidAnswer."""
    with joined() as session:  # what is refused is refused before anything is written
        page = _insert(session, app_id, document, key, door, stored, replaces)
    if page.id == stored.page_id:
        after_commit(stored.take)
    return page


def _insert(
    session: Session, app_id: str, document: str, key: str, door: str, stored: Ahead, replaces: str
) -> DocumentPage:
    subject = record.for_pages(session, app_id)
    if is_known(session, app_id, key):
        known: DocumentPage = session.scalars(_with_key(app_id, key)).one()
        return known
    ask, worn = place_of(session, subject, document, replaces)
    now = clock.current().now()
    values: dict[str, Any] = {
        **_NEW,
        "id": stored.page_id,
        "application_id": app_id,
        "document": document,
        "position": worn.position if worn else _next_position(session, app_id, document),
        "idempotency_key": key,
        "sha256": stored.sha256,
        "size": stored.size,
        "flags": [],
        "upload_key": stored.upload_key,
        "door": door,
        "created_at": now,
    }
    _ADD.run(session, values)
    if worn is not None:
        worn.removed_at = now
        readings.forget(session, [worn.id])
        after_commit(lambda: erase_soon([worn.id]))
    answers.drop(session, app_id, [ask.key])  # an optional document that was skipped is not skipped any more
    record.touch(session, subject, subject.application.name, [ask.key])
    outbox.promise(session, "process_page", stored.page_id, f"process_page:{stored.page_id}")
    if subject.application.status == lifecycle.SUBMITTED:
        later = now + timedelta(seconds=30)  # when the page has been judged
        outbox.promise(session, "check_application", app_id, f"check:{app_id}:{stored.page_id}", not_before=later)
    return detached.made(DocumentPage, values)


def is_known(session: Session, app_id: str, idempotency_key: str) -> bool:
    """Whether an upload under this key has become a page."""
    return bool(_KEYED.rows(session, {"app_id": app_id, "key": idempotency_key}))


def with_key(session: Session, app_id: str, idempotency_key: str) -> DocumentPage | None:
    """The page that an upload under this key has become, removed since or not."""
    found: DocumentPage | None = session.scalar(_with_key(app_id, idempotency_key))
    return found


def _with_key(app_id: str, idempotency_key: str) -> Select[Any]:
    return select(DocumentPage).where(
        DocumentPage.application_id == app_id, DocumentPage.idempotency_key == idempotency_key
    )


def place_of(
    session: Session, subject: record.Draft, document: str, replaces: str = ""
) -> tuple[Ask, DocumentPage | None]:
    """The document for which a page may be added now, and the page whose place it takes, if any. Raises InvalidAnswer
    where none may be."""
    handed_in = subject.application.status == lifecycle.SUBMITTED
    if subject.application.status not in (*lifecycle.EDITABLE, lifecycle.SUBMITTED):
        raise InvalidAnswer("error.not_editable")
    worn = _to_replace(session, subject, document, replaces, handed_in)
    ask = _document(subject, document, replacing=handed_in and worn is not None)
    held = subject.held.answers.get(ask.key) or 0
    if worn is not None and worn.state != "retake":
        held -= 1
    if ask.max_pages and held >= ask.max_pages:
        raise InvalidAnswer("error.too_many_pages", document=ask.label, limit=ask.max_pages)
    return ask, worn


def remove_page(app_id: str, page_id: str) -> None:
    """Take a page out; its files are erased after the commit. Raises NotFound, InvalidAnswer."""
    with unit_of_work() as session:
        subject = record.draft(session, app_id)
        page = session.get(DocumentPage, page_id, populate_existing=True)
        if page is None or page.application_id != app_id:
            raise NotFound("error.not_found")
        if page.removed_at is not None:
            return
        record.require_reopened(subject, f"document:{page.document}")
        page.removed_at = subject.application.updated_at = clock.current().now()
        readings.forget(session, [page_id])
        after_commit(lambda: erase_soon([page_id]))


def skip_document(app_id: str, document: str, door: str = "web") -> None:
    """Say that an optional document is not sent. Raises InvalidAnswer for a required one."""
    with unit_of_work() as session:
        subject = record.draft(session, app_id)
        ask = _document(subject, document)
        if ask.required:
            raise InvalidAnswer("error.document_required", document=ask.label)
        record.touch(session, subject, subject.application.name, [ask.key])
        answers.save(session, app_id, subject.pack, {ask.key: 0}, door)


def erase_soon(ids: Iterable[str]) -> None:
    """`erase_removed` right after a commit: what fails is logged and left to the scheduler, as the removal stands."""
    try:
        erase_removed(ids)
    except Exception as exc:
        log.warning("erasing_left_to_scheduler", error=type(exc).__name__)


def erase_removed(ids: Iterable[str] | None = None) -> int:
    """Erase the files of removed pages (of `ids`, or of all); the number of pages.

    Called after the commit that removed them, and by the scheduler, so that a crash in between leaves nothing.
    """
    query = select(DocumentPage).where(DocumentPage.removed_at.is_not(None), _has_files())
    if ids is not None:
        query = query.where(DocumentPage.id.in_(list(ids)))
    with unit_of_work() as session:
        pages = list(session.scalars(query.with_for_update()))
        for page in pages:
            for name in ("upload_key", "image_key", "thumb_key", "crop_key"):
                key = getattr(page, name)
                if key is not None:
                    storage.delete(key)
                    setattr(page, name, None)
    return len(pages)


def _has_files() -> ColumnElement[bool]:
    keys = (DocumentPage.upload_key, DocumentPage.image_key, DocumentPage.thumb_key, DocumentPage.crop_key)
    return or_(*(key.is_not(None) for key in keys))


def _known(app_id: str, idempotency_key: str) -> str | None:
    """Looked up beside the session, before anything is locked."""
    query = select(DocumentPage.id).where(
        DocumentPage.application_id == app_id, DocumentPage.idempotency_key == idempotency_key
    )
    with reading(), db.engine.connect() as connection:
        return connection.scalar(query)


def _to_replace(
    session: Session, subject: record.Draft, document: str, replaces: str, handed_in: bool
) -> DocumentPage | None:
    """The page whose place a new one takes: the one that is named, or after the hand-in, when only unusable pages
    may be replaced, the first of those."""
    if not replaces and not handed_in:
        return None
    standing = select(DocumentPage).where(
        DocumentPage.application_id == subject.application.id,
        DocumentPage.document == document,
        DocumentPage.removed_at.is_(None),
    )
    if handed_in:
        standing = standing.where(DocumentPage.state == "retake")
    if replaces:
        named = session.scalar(standing.where(DocumentPage.id == replaces))
        if named is not None:
            return named
    if not handed_in:
        return None  # a page that is gone leaves no place: the photo is simply one more
    return session.scalar(standing.order_by(DocumentPage.position, DocumentPage.created_at).limit(1))


def _document(subject: record.Draft, document: str, replacing: bool = False) -> Ask:
    ask = subject.plan().ask(f"document:{document}")
    if ask is None:
        raise InvalidAnswer("error.not_asked")
    if not replacing and not _lacking(subject, ask):
        if subject.application.status not in lifecycle.EDITABLE:
            raise InvalidAnswer("error.not_editable")
        record.require_reopened(subject, ask.key)
    return ask


def _lacking(subject: record.Draft, ask: Ask) -> bool:
    """A required document with too few usable pages may always be completed, handed in or not: a page may turn out
    to be unreadable after the hand-in."""
    return ask.required and (subject.held.answers.get(ask.key) or 0) < max(ask.min_pages, 1)


def _next_position(session: Session, app_id: str, document: str) -> int:
    ((last,),) = _LAST.rows(session, {"app_id": app_id, "document": document})
    return (last or 0) + 1


# Asked for every photo.
_OF_APPLICATION = DocumentPage.application_id == bindparam("app_id", type_=DocumentPage.application_id.type)
_LAST = Statement(
    select(func.max(DocumentPage.position)).where(_OF_APPLICATION, DocumentPage.document == bindparam("document"))
)
_COLUMNS = DocumentPage.__table__.columns
# Of a page that has just come: what the table says of its columns, nothing where it says nothing.
_NEW = {one.key: one.default.arg if one.default is not None and one.default.is_scalar else None for one in _COLUMNS}
_ADD = Statement(insert(DocumentPage.__table__).values({one.name: bindparam(one.name) for one in _COLUMNS}))  # type: ignore[arg-type]
_KEYED = Statement(select(DocumentPage.id).where(_OF_APPLICATION, DocumentPage.idempotency_key == bindparam("key")))
