"""Photos that came before anybody asked for them: kept, encrypted, until the person says which document they belong to.

Each is an `Upload` without a document. It becomes a page under the same key, so that a repeated message stores nothing
twice; what nobody places is gone after a day (`uploads.sweep`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models import clock, storage
from models.application import pages, record, uploads
from models.application.tables import DocumentPage, Upload
from models.application.uploads import NOWHERE
from models.errors import InvalidAnswer, NotFound
from models.statements import Statement
from models.unit_of_work import unit_of_work

AT_ONCE = 20  # of one application
_WAITING = Statement(
    select(Upload.id, Upload.parts, Upload.idempotency_key).where(
        Upload.application_id == bindparam("app_id", type_=Upload.application_id.type), Upload.document == NOWHERE
    )
)


def keep(app_id: str, data: bytes, idempotency_key: str, door: str) -> None:
    """Keep a photo for now; the same key keeps it once. Raises InvalidAnswer as `pages.add_page` does for its bytes,
    and where too many wait already."""
    pages.check_bytes(data)
    key = idempotency_key[:80]
    with unit_of_work() as session:
        record.draft(session, app_id)
        known = _waiting(session, app_id)
        page = select(DocumentPage.id).where(DocumentPage.application_id == app_id, DocumentPage.idempotency_key == key)
        if key in [before for _, _, before in known] or session.scalar(page) is not None:
            return
        if len(known) >= AT_ONCE:
            raise InvalidAnswer("error.too_many_unplaced", limit=AT_ONCE)
        _add(session, app_id, data, key, door, number=1 + max((number for number, _, _ in known), default=0))


def _add(session: Session, app_id: str, data: bytes, key: str, door: str, *, number: int) -> None:
    now = clock.current().now()
    upload = Upload(
        application_id=app_id,
        document=NOWHERE,
        idempotency_key=key,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        received=len(data),
        door=door,
        created_at=now,
        updated_at=now,
    )
    session.add(upload)
    session.flush()
    stored = storage.put(data, uploads.bound_to(upload.id))
    upload.parts = [{"key": stored, "size": len(data), "number": number}]
    session.flush()


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
    with unit_of_work() as session:
        record.locked(session, app_id)
        upload = session.get(Upload, upload_id, populate_existing=True)
        if upload is None or upload.application_id != app_id or upload.document != NOWHERE:
            raise NotFound("error.not_found")
        data = b"".join(storage.get(part["key"], uploads.bound_to(upload_id)) for part in upload.parts)
        page = pages.add_page(app_id, document, data, upload.idempotency_key, door, replaces)
        uploads.drop(session, [upload])
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
