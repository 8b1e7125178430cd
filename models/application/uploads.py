"""Photos that come in parts, so that a dropped connection goes on where it broke.

A photo is announced (key, size, SHA-256), its parts are stored encrypted one by one, each only behind the one before,
and when all are there and the sum agrees they become a page through `pages.add_page`, under the same key. Whatever is
asked twice is done once; whatever breaks off is gone after a day.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Row, delete, select
from sqlalchemy.orm import Session

from models import clock, storage
from models.application import pages, photo_format, record
from models.application.tables import Upload
from models.crypto import Damaged
from models.errors import InvalidAnswer, NotFound
from models.extensions import db, reading
from models.unit_of_work import after_commit, unit_of_work

log = structlog.get_logger(__name__)

PART = 256 * 1024  # bytes that a browser sends at once: seconds on a bad line, so little is lost with it
LARGEST_PART = 1024 * 1024
OPEN_AT_ONCE = 8  # of one application; a further one takes the place of the one that has rested longest
ABANDONED = timedelta(days=1)
NOWHERE = ""  # the document of a photo that waits for the person to say which it is (`unplaced`)
_TELLING = 64  # bytes by which a format is known; a smaller first part tells nothing


@dataclass(frozen=True, slots=True)
class Announced:
    """What a browser says of a photo before it sends it. `key` is its own and the same for every try; `replaces`: the
    page whose place it takes."""

    document: str
    key: str
    size: int
    sha256: str
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is: `offset` bytes are kept. With a `page_id` it has become a page, and there is no more to
    send; `sha256` then is that of the page's bytes as they are stored, else that of the part that was just kept."""

    upload_id: str
    offset: int
    page_id: str = ""
    sha256: str = ""


def announce(app_id: str, given: Announced, door: str) -> Progress:
    """Begin, or go on with, the upload of this key.

    Raises InvalidAnswer where the photo could not become a page anyway, so that nobody sends it in vain.
    """
    if not 0 < given.size <= photo_format.MAX_BYTES:
        key = "error.page_too_large" if given.size > 0 else "error.page_empty"
        raise InvalidAnswer(key, limit=photo_format.MAX_BYTES // 1024 // 1024)
    with unit_of_work() as session:
        subject = record.loaded(session, record.locked(session, app_id))
        page = pages.with_key(session, app_id, given.key)
        if page is not None:
            return Progress("", page.size, page.id, page.sha256)
        pages.place_of(session, subject, given.document, given.replaces)
        upload = session.scalar(
            select(Upload).where(Upload.application_id == app_id, Upload.idempotency_key == given.key)
        )
        if upload is not None and not _same(upload, given):
            drop(session, [upload])  # the key of another photo: what was kept is of no use
            upload = None
        if upload is None:
            _make_room(session, app_id)
            upload = _begin(session, app_id, given, door)
        upload_id, offset = upload.id, upload.received
    if offset == given.size:  # a process died between the last part and the page
        return _complete(app_id, upload_id)
    return Progress(upload_id, offset)


def progress(app_id: str, upload_id: str) -> Progress:
    """How far it is. Raises NotFound, also once it has become a page or was given up."""
    return Progress(upload_id, _read(app_id, upload_id).received)


def add_part(app_id: str, upload_id: str, offset: int, data: bytes, sha256: str) -> Progress:
    """Keep one part. The answer's offset is where to go on: what does not fit there (sent before, sent too early,
    damaged on the way) is not kept and changes nothing.

    Raises NotFound; InvalidAnswer where it became clear that the whole is no photo that we take.
    """
    now = progress(app_id, upload_id)
    digest = hashlib.sha256(data).hexdigest()
    if offset != now.offset or not 0 < len(data) <= LARGEST_PART or not hmac.compare_digest(digest, sha256):
        return now
    if offset == 0 and len(data) >= _TELLING:
        _refuse_early(app_id, upload_id, data)
    # Stored before the transaction, so that nobody waits for the disk behind our lock.
    key = storage.put(data, bound_to(upload_id))
    kept = False
    try:
        with unit_of_work() as session:
            upload = _locked(session, app_id, upload_id)
            if upload.received == offset and offset + len(data) <= upload.size:
                upload.parts = [*upload.parts, {"key": key, "size": len(data)}]
                upload.received += len(data)
                upload.updated_at = clock.current().now()
                kept = True
            reached, whole = upload.received, upload.received == upload.size
    finally:
        if not kept:
            storage.delete(key)
    if whole:
        return _complete(app_id, upload_id)
    return Progress(upload_id, reached, sha256=digest if kept else "")


def forget(session: Session, app_id: str) -> None:
    """What is on its way to this application goes, with its files after the commit."""
    drop(session, session.scalars(select(Upload).where(Upload.application_id == app_id)).all())


def sweep() -> int:
    """Give up uploads on which nothing has come for a day; how many."""
    old = Upload.updated_at < clock.current().now() - ABANDONED
    with unit_of_work() as session:
        given_up = session.scalars(select(Upload).where(old).with_for_update(skip_locked=True)).all()
        drop(session, given_up)
    return len(given_up)


def _read(app_id: str, upload_id: str) -> Row[Any]:
    """Beside the session, before anything is locked."""
    query = select(Upload.__table__).where(Upload.id == upload_id, Upload.application_id == app_id)
    with reading(), db.engine.connect() as connection:
        found = connection.execute(query).one_or_none()
    if found is None:
        raise NotFound("error.not_found")
    return found


def _begin(session: Session, app_id: str, given: Announced, door: str) -> Upload:
    now = clock.current().now()
    upload = Upload(
        application_id=app_id,
        document=given.document,
        idempotency_key=given.key,
        size=given.size,
        sha256=given.sha256,
        replaces=given.replaces or None,
        received=0,
        parts=[],
        door=door,
        created_at=now,
        updated_at=now,
    )
    session.add(upload)
    session.flush()
    return upload


def _same(upload: Upload, given: Announced) -> bool:
    kept = (upload.document, upload.size, upload.sha256, upload.replaces or "")
    return kept == (given.document, given.size, given.sha256, given.replaces)


def _make_room(session: Session, app_id: str) -> None:
    """Whoever drops a connection and starts anew is not kept waiting for a day by what they left behind."""
    under_way = select(Upload).where(Upload.application_id == app_id, Upload.document != NOWHERE)
    resting = under_way.order_by(Upload.updated_at.desc(), Upload.id)
    drop(session, session.scalars(resting.offset(OPEN_AT_ONCE - 1)).all())


def _refuse_early(app_id: str, upload_id: str, first: bytes) -> None:
    """By its first bytes, before the person has paid for the rest."""
    if photo_format.image_format(first) is not None:
        return
    _give_up(app_id, upload_id)
    raise InvalidAnswer("error.page_not_image")


def _complete(app_id: str, upload_id: str) -> Progress:
    """All bytes are there: prove them, and make them a page in the transaction that ends the upload."""
    found = _read(app_id, upload_id)
    names = [part["key"] for part in found.parts]
    try:
        data = b"".join(storage.get(name, bound_to(upload_id)) for name in names)
    except (NotFound, Damaged):
        data = b""
    if len(data) != found.size or not hmac.compare_digest(hashlib.sha256(data).hexdigest(), found.sha256):
        log.warning("upload_sum_differs")
        return _start_over(app_id, upload_id)
    try:
        with unit_of_work() as session:
            page = pages.add_page(app_id, found.document, data, found.idempotency_key, found.door, found.replaces or "")
            session.execute(delete(Upload).where(Upload.id == upload_id))
            after_commit(lambda: _erase(names))
            return Progress("", found.size, page.id, page.sha256)
    except InvalidAnswer:
        _give_up(app_id, upload_id)
        raise


def _give_up(app_id: str, upload_id: str) -> None:
    with unit_of_work() as session:
        drop(session, [_locked(session, app_id, upload_id)])


def _start_over(app_id: str, upload_id: str) -> Progress:
    with unit_of_work() as session:
        upload = _locked(session, app_id, upload_id)
        names = [part["key"] for part in upload.parts]
        upload.parts, upload.received = [], 0
        after_commit(lambda: _erase(names))
    return Progress(upload_id, 0)


def _locked(session: Session, app_id: str, upload_id: str) -> Upload:
    upload = session.get(Upload, upload_id, with_for_update=True, populate_existing=True)
    if upload is None or upload.application_id != app_id:
        raise NotFound("error.not_found")
    return upload


def drop(session: Session, uploads: Sequence[Upload]) -> None:
    """They go, with their files after the commit."""
    names = [part["key"] for upload in uploads for part in upload.parts]
    for upload in uploads:
        session.delete(upload)
    if names:
        after_commit(lambda: _erase(names))
    session.flush()


def erase_after_commit(names: Sequence[str]) -> None:
    """The same for files of uploads that are gone already."""
    after_commit(lambda: _erase(names))


def _erase(names: Iterable[str]) -> None:
    """What fails here is left to `models.leftovers`: no record names these files any more."""
    for name in names:
        storage.delete(name)


def bound_to(upload_id: str) -> str:
    """What the parts of an upload are bound to in the storage."""
    return f"upload:{upload_id}"


def part_bound_to(upload_id: str, part: Mapping[str, Any]) -> str:
    """The same for one part as it is kept: one that will be a page's file as it lies there is bound to that page,
    which will have the upload's id (`unplaced`)."""
    return pages.bound_to(upload_id) if part.get("whole") else bound_to(upload_id)
