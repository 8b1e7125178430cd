"""Judge a photographed page: rebuild it in the limited child, keep the rebuilt copy, forget the upload.

The upload stays in quarantine (encrypted, never served) until the transaction that records the verdict has committed;
only then is it deleted. Killed at any moment, the job begins again from the upload.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import func, literal, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from models import outbox, storage
from models.application import notices, readings
from models.application.lifecycle import COUNTED, EDITABLE, RETURNED, SUBMITTED
from models.application.packs import pack_of
from models.application.pages import bound_to
from models.application.tables import Application, DocumentPage, Outbox
from models.extensions import db
from models.interview import wording
from models.office.workbook_records import portrait_documents
from models.programme.pack import Document, Text
from models.unit_of_work import after_commit
from workers.decoding import Decoded, Options, Refused, decode
from workers.delivery import Message, tell_in_chat
from workers.judging import DOUBTS, judge
from workers.runtime import run_prepared

_PARTS = ("image", "thumb", "crop")
# What the person can do about an unusable page depends on where the application stands when it has been judged.
_RETAKE = dict.fromkeys(EDITABLE, "notice.page_retake") | {SUBMITTED: "notice.page_retake_submitted"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a page: `reason` is None for a good one. Keys are None where no picture could be rebuilt."""

    application_id: str
    document: str
    upload_key: str
    reason: str | None
    image_key: str | None = None
    thumb_key: str | None = None
    crop_key: str | None = None
    phash: str | None = None
    width: int | None = None
    height: int | None = None


def process_page(outbox_id: str) -> None:
    """Job: judge one page."""
    run_prepared(outbox_id, look_at, record)


def look_at(page_id: str, read: Callable[[bytes, Options], Decoded] | None = None) -> Verdict | None:
    """Decode and judge, and store the rebuilt copies; None where the page needs no verdict (any more).

    Takes no lock: nothing is written to the database here.
    """
    page = db.session.get(DocumentPage, page_id)
    if page is None or page.removed_at is not None or page.state != "received" or page.upload_key is None:
        return None
    upload_key, application_id, document = page.upload_key, page.application_id, page.document
    spec = _document(application_id, document)
    options = Options(spec.portrait, spec.photo_mm) if spec else Options()
    db.session.rollback()  # decoding takes a while: keep no transaction open meanwhile
    original = storage.get(upload_key, bound_to(page_id))  # not there: people look (office, files); see leftovers
    try:
        decoded = (read or decode)(original, options)
    except Refused as refused:
        return Verdict(application_id, document, upload_key, refused.reason)
    return _keep(page_id, application_id, document, upload_key, decoded, options.portrait)


def _keep(
    page_id: str, application_id: str, document: str, upload_key: str, decoded: Decoded, portrait: bool
) -> Verdict:
    return Verdict(
        application_id,
        document,
        upload_key,
        judge(decoded.metrics, portrait),
        image_key=_put(page_id, "image", decoded.image),
        thumb_key=_put(page_id, "thumb", decoded.thumb),
        crop_key=_put(page_id, "crop", decoded.crop) if decoded.crop else None,
        phash=decoded.phash,
        width=decoded.width,
        height=decoded.height,
    )


def _put(page_id: str, part: str, data: bytes) -> str:
    return storage.put(data, bound_to(page_id), storage.key_for(page_id, part))


def record(page_id: str, session: Session, verdict: Verdict | None) -> None:
    """Write the verdict, tell the person, and let the upload go after the commit.

    A page that was removed or judged meanwhile keeps its state; copies of a removed one are deleted.
    """
    if verdict is None:
        _forget_if_removed(session, page_id)
        return
    kept = verdict.reason is None or _doubted_again(session, page_id, verdict)
    result = session.execute(
        update(DocumentPage)
        .where(DocumentPage.id == page_id, DocumentPage.state == "received", DocumentPage.removed_at.is_(None))
        .values(
            state="ok" if kept else "retake",
            reason=verdict.reason,
            upload_key=None,
            image_key=verdict.image_key,
            thumb_key=verdict.thumb_key,
            crop_key=verdict.crop_key,
            phash=verdict.phash,
            width=verdict.width,
            height=verdict.height,
        )
        .execution_options(synchronize_session=False)
    )
    if cast(CursorResult[Any], result).rowcount != 1:
        _forget_if_removed(session, page_id)
        return
    _delete_after_commit(verdict.upload_key)
    tell_in_chat(session, verdict.application_id, f"page:{page_id}", _sentence(session, page_id, verdict, kept))
    _catch_up(session, page_id, verdict, kept)


def _doubted_again(session: Session, page_id: str, verdict: Verdict) -> bool:
    """Whether the person has already been asked to take a page of this document again, and this is what they sent then.

    A machine asks once. A faint old certificate stays faint: the second photo is kept with its doubt, and people look.
    """
    if verdict.reason not in DOUBTS:
        return False  # there is no picture to look at
    sent = select(DocumentPage.created_at).where(DocumentPage.id == page_id).scalar_subquery()
    asked = (
        select(DocumentPage.id)
        .join(Outbox, Outbox.effect == literal("process_page:") + DocumentPage.id)
        .where(
            DocumentPage.application_id == verdict.application_id,
            DocumentPage.document == verdict.document,
            DocumentPage.id != page_id,
            DocumentPage.state == "retake",
            Outbox.done_at < sent,
        )
    )
    return session.scalar(asked.limit(1)) is not None


def _forget_if_removed(session: Session, page_id: str) -> None:
    """A page taken away while it was judged leaves nothing behind, whichever attempt wrote the copies."""
    standing = select(DocumentPage.id).where(DocumentPage.id == page_id, DocumentPage.removed_at.is_(None))
    if session.scalar(standing) is None:
        _delete_after_commit(*(storage.key_for(page_id, part) for part in _PARTS))


def _delete_after_commit(*keys: str | None) -> None:
    files = storage.current()
    for key in keys:
        if key is not None:
            after_commit(lambda key=key: files.delete(key))  # type: ignore[misc]


def _catch_up(session: Session, page_id: str, verdict: Verdict, kept: bool) -> None:
    """A good page is read; after submission it changes what the check finds, and the photo on the unit's form."""
    application = session.get(Application, verdict.application_id)
    if application is None:
        return
    if kept:
        readings.promise(session, session.get_one(DocumentPage, page_id, populate_existing=True))
    if application.status in (SUBMITTED, RETURNED):
        outbox.promise(session, "check_application", application.id, f"check:{application.id}:page:{page_id}")
    on_the_form = verdict.document in portrait_documents(pack_of(application))
    if application.status in COUNTED and on_the_form and kept:
        notices.promise_workbooks(session, application, f"page:{page_id}", application.unit_id)


def _sentence(session: Session, page_id: str, verdict: Verdict, kept: bool) -> Message:
    document = _document(verdict.application_id, verdict.document)
    status = session.scalar(select(Application.status).where(Application.id == verdict.application_id))
    title = document.title if document else Text(zh=verdict.document, en=verdict.document)
    params: dict[str, Any] = {"document": title.model_dump(), "page": _number(session, page_id, verdict)}
    if verdict.reason is None:
        return Message("notice.page_ok", params)
    if kept:
        return Message("notice.page_doubtful", params)
    params["reason"] = wording.text(verdict.reason).model_dump()
    return Message(_RETAKE.get(status or "", "notice.page_retake_later"), params)


def _number(session: Session, page_id: str, verdict: Verdict) -> int:
    """Which page of its document this is, as the person counts: removed ones do not."""
    position = select(DocumentPage.position).where(DocumentPage.id == page_id).scalar_subquery()
    counted = select(func.count()).where(
        DocumentPage.application_id == verdict.application_id,
        DocumentPage.document == verdict.document,
        DocumentPage.removed_at.is_(None),
        DocumentPage.position <= position,
    )
    return session.scalar(counted) or 1


def _document(application_id: str, document: str) -> Document | None:
    application = db.session.get(Application, application_id)
    documents = pack_of(application).documents.documents if application is not None else ()
    return next((found for found in documents if found.id == document), None)
