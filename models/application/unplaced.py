"""Photos that came before anybody asked for them: kept, encrypted, until the person says which document they belong to.

Each is an `Upload` without a document. It becomes a page under the same key, so that a repeated message stores nothing
twice, and under the same id with the same file: a disk keeps a photo once. What nobody places is gone after a day
(`uploads.sweep`).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from models import clock, storage
from models.application import pages, record, uploads
from models.application.pages import Ahead
from models.application.tables import DocumentPage, Upload
from models.application.uploads import NOWHERE
from models.errors import InvalidAnswer, NotFound
from models.statements import Statement
from models.unit_of_work import after_commit, joined, unit_of_work

AT_ONCE = 20  # of one application
_OF_APPLICATION = Upload.application_id == bindparam("app_id", type_=Upload.application_id.type)
_ID = Upload.id == bindparam("id", type_=Upload.id.type)
_WAITING = Statement(
    select(Upload.id, Upload.parts, Upload.idempotency_key).where(_OF_APPLICATION, Upload.document == NOWHERE)
)
_WAITS = Statement(
    select(Upload.parts, Upload.idempotency_key, Upload.size, Upload.sha256).where(
        _OF_APPLICATION, Upload.document == NOWHERE, _ID
    )
)
_INSERT = Statement(
    insert(Upload.__table__).values({one.name: bindparam(one.name) for one in Upload.__table__.columns})  # type: ignore[arg-type]
)
_DELETE = Statement(delete(Upload.__table__).where(_ID))  # type: ignore[arg-type]


def keep(app_id: str, data: bytes, idempotency_key: str, door: str, ahead: Ahead | None = None) -> None:
    """Keep a photo for now; the same key keeps it once. `ahead`: where `data` are stored already.

    Raises InvalidAnswer as `pages.add_page` does for its bytes, and where too many wait already; StorageAway.
    """
    stored = ahead or pages.store_ahead(data)
    try:
        _keep(app_id, stored, idempotency_key[:80], door)
    finally:
        if ahead is None:
            pages.leave(stored)


def _keep(app_id: str, stored: Ahead, key: str, door: str) -> None:
    with joined() as session:  # what is refused is refused before anything is written
        record.for_answers(session, app_id)
        known = _waiting(session, app_id)
        if key in [before for _, _, before in known] or pages.is_known(session, app_id, key):
            return
        if len(known) >= AT_ONCE:
            raise InvalidAnswer("error.too_many_unplaced", limit=AT_ONCE)
        _add(session, app_id, stored, key, door, number=1 + max((number for number, _, _ in known), default=0))
        after_commit(stored.take)


def _add(session: Session, app_id: str, stored: Ahead, key: str, door: str, *, number: int) -> None:
    now = clock.current().now()
    row = {
        "id": stored.page_id,
        "application_id": app_id,
        "document": NOWHERE,
        "idempotency_key": key,
        "size": stored.size,
        "sha256": stored.sha256,
        "replaces": None,
        "received": stored.size,
        "parts": [{"key": stored.upload_key, "size": stored.size, "number": number, "whole": True}],
        "door": door,
        "created_at": now,
        "updated_at": now,
    }
    _INSERT.run(session, row)


def waiting(session: Session, app_id: str) -> tuple[str, ...]:
    """Ids of the photos that have no place yet, in the order in which they came."""
    return tuple(upload_id for _, upload_id, _ in _waiting(session, app_id))


def _waiting(session: Session, app_id: str) -> list[tuple[int, str, str]]:
    """Number, id and idempotency key of each, in order. Asked several times a message: no object is made of a row."""
    rows = (_WAITING.converted(session, row) for row in _WAITING.rows(session, {"app_id": app_id}))
    return sorted((int(parts[0]["number"]) if parts else 0, upload_id, key) for upload_id, parts, key in rows)


def place(app_id: str, upload_id: str, document: str, door: str, replaces: str = "") -> DocumentPage:
    """Make it a page of this document, in the place of the page that `replaces` names. Raises NotFound where it is
    gone; InvalidAnswer where the document takes no page now: it waits on."""
    with joined() as session:  # as above
        record.hold(session, app_id)
        found = _WAITS.rows(session, {"app_id": app_id, "id": upload_id})
        if not found:
            raise NotFound("error.not_found")
        parts, key, size, sha256 = _WAITS.converted(session, found[0])
        whole = next((part for part in parts if part.get("whole")), None)
        if whole is not None:
            page = pages.add_stored(app_id, document, Ahead(upload_id, whole["key"], size, sha256), key, door, replaces)
        else:  # kept by an earlier version: bound to the upload, so it is copied
            data = b"".join(storage.get(part["key"], uploads.part_bound_to(upload_id, part)) for part in parts)
            page = pages.add_page(app_id, document, data, key, door, replaces)
        _DELETE.run(session, {"id": upload_id})
        if page.id != upload_id:  # a page has the file otherwise
            uploads.erase_after_commit([part["key"] for part in parts])
        return page


def drop(app_id: str, ids: Iterable[str]) -> None:
    """The person does not want them kept."""
    wanted = set(ids)
    with unit_of_work() as session:
        record.locked(session, app_id)
        uploads.drop(session, [one for one in _of(session, app_id) if one.id in wanted])


def _of(session: Session, app_id: str) -> list[Upload]:
    query = select(Upload).where(Upload.application_id == app_id, Upload.document == NOWHERE)
    return list(session.scalars(query))
