"""Judge a photographed page: rebuild it in the limited child, keep the rebuilt copy, forget the upload.

The upload stays in quarantine (encrypted, never served) until the transaction that records the verdict has committed;
only then is it deleted. Killed at any moment, the job begins again from the upload.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from sqlalchemy import literal, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from models import outbox, storage
from models.application import notices, readings
from models.application.lifecycle import COUNTED, RETURNED, SUBMITTED
from models.application.packs import pack_of
from models.application.pages import bound_to
from models.application.tables import Application, DocumentPage, Outbox
from models.documents.remarks import REMARKS
from models.extensions import db
from models.office.workbook_records import portrait_documents
from models.unit_of_work import after_commit
from workers import photo_sheets, photo_words, twins
from workers.decoding import WALL_SECONDS, Decoded, Options, Refused, decode
from workers.delivery import tell_in_chat
from workers.judging import DOUBTS, flags, judge, remark
from workers.photo_words import Judged, document_of
from workers.runtime import run_prepared

MAX_SHEETS = 20  # of one PDF, whatever a document may have
PARTS = ("image", "thumb", "crop")
Reader = Callable[[bytes, Options], Decoded]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was rebuilt of a page: `reason` is None for a good one of which there is nothing to say, the keys are None
    where there is no picture. `flags` are for staff alone."""

    reason: str | None
    sheet: int = 0  # as `DocumentPage.sheet`
    image_key: str | None = None
    thumb_key: str | None = None
    crop_key: str | None = None
    phash: str | None = None
    width: int | None = None
    height: int | None = None
    flags: list[dict[str, Any]] = field(default_factory=list)

    def row(self, kept: bool) -> dict[str, Any]:
        """As columns of a judged `DocumentPage`."""
        return {"state": "ok" if kept else "retake", **{one.name: getattr(self, one.name) for one in fields(self)}}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an upload: the page's own sheet first, then those of a PDF, which has `of` pages."""

    application_id: str
    document: str
    upload_key: str
    sheets: tuple[Sheet, ...]
    of: int = 0


def process_page(outbox_id: str) -> None:
    """Job: judge one page."""
    run_prepared(outbox_id, lambda page_id: compared(page_id, look_at(page_id)), record)


def compared(page_id: str, verdict: Verdict | None) -> Verdict | None:
    """The verdict, with what is to be said of photos that the application has already. Reads only."""
    return replace(verdict, sheets=twins.compared(page_id, verdict.sheets)) if verdict is not None else None


def look_at(page_id: str, read: Reader | None = None) -> Verdict | None:
    """Decode and judge, and store the rebuilt copies; None where the page needs no verdict (any more).

    Takes no lock: nothing is written to the database here.
    """
    page = db.session.get(DocumentPage, page_id)
    if page is None or page.removed_at is not None or page.state != "received" or page.upload_key is None:
        return None
    upload_key, application_id, document = page.upload_key, page.application_id, page.document
    spec = document_of(application_id, document)
    options = Options(spec.portrait, spec.photo_mm) if spec else Options()
    db.session.rollback()  # decoding takes a while: keep no transaction open meanwhile
    original = storage.get(upload_key, bound_to(page_id))  # not there: people look; see models.faults
    try:
        found = _sheets(original, options, read or _within(WALL_SECONDS), spec.max_pages if spec else 1)
    except Refused as refused:
        return Verdict(application_id, document, upload_key, (Sheet(refused.reason),))
    kept = [_keep(page_id, one, number) for number, one in found]
    # A PDF often has empty backs; its first page is the row itself and stays.
    sheets = (kept[0], *(one for one in kept[1:] if one.reason != "photo.blank"))
    first = found[0][1]
    assert isinstance(first, Decoded)
    return Verdict(application_id, document, upload_key, sheets, first.sheets)


def _sheets(original: bytes, options: Options, read: Reader, most: int) -> list[tuple[int, Decoded | Refused]]:
    """The upload's pages as far as the document has room for them: one picture, or those of a PDF, numbered from 1.

    Raises Refused for the whole where the first page is refused, or a page would take too long: so would the next.
    """
    first = read(original, options)
    found: list[tuple[int, Decoded | Refused]] = [(1 if first.sheets else 0, first)]
    for number in range(2, min(first.sheets, most, MAX_SHEETS) + 1):
        try:
            found.append((number, read(original, replace(options, sheet=number))))
        except Refused as refused:
            if refused.reason == "photo.pdf_heavy":
                raise
            found.append((number, refused))
    return found


def _within(seconds: float) -> Reader:
    """`decode`, with one deadline for all that is read of an upload."""
    deadline = time.monotonic() + seconds
    return lambda data, options: decode(data, options, deadline - time.monotonic())


def _keep(page_id: str, found: Decoded | Refused, number: int) -> Sheet:
    if isinstance(found, Refused):
        return Sheet(found.reason, number)
    row_id = photo_sheets.row_id(page_id, number)
    return Sheet(
        judge(found.metrics) or remark(found.metrics),
        number,
        image_key=_put(row_id, "image", found.image),
        thumb_key=_put(row_id, "thumb", found.thumb),
        crop_key=_put(row_id, "crop", found.crop) if found.crop else None,
        phash=found.phash,
        width=found.width,
        height=found.height,
        flags=list(flags(found.metrics)),
    )


def _put(row_id: str, part: str, data: bytes) -> str:
    return storage.put(data, bound_to(row_id), storage.key_for(row_id, part))


def record(page_id: str, session: Session, verdict: Verdict | None) -> None:
    """Write the verdict, tell the person, and let the upload go after the commit.

    A page that was removed or judged meanwhile keeps its state; copies of a removed one are deleted.
    """
    if verdict is None:
        _forget_if_removed(session, page_id)
        return
    if len(verdict.sheets) > 1:  # who adds pages holds the application: the room is ours until the commit
        session.get(Application, verdict.application_id, with_for_update=True, populate_existing=True)
    own = verdict.sheets[0]
    kept = _is_kept(session, page_id, verdict, own.reason)
    result = session.execute(
        update(DocumentPage)
        .where(DocumentPage.id == page_id, DocumentPage.state == "received", DocumentPage.removed_at.is_(None))
        .values(upload_key=None, **own.row(kept))
        .execution_options(synchronize_session=False)
    )
    if cast(CursorResult[Any], result).rowcount != 1:
        for one in verdict.sheets:
            _forget_if_removed(session, photo_sheets.row_id(page_id, one.sheet))
        return
    _delete_after_commit(verdict.upload_key)
    judged = [Judged(page_id, own.reason, kept)]
    judged += _add_further(session, page_id, verdict)
    tell_in_chat(session, verdict.application_id, f"page:{page_id}", photo_words.sentence(session, verdict, judged))
    _catch_up(session, verdict, judged)


def _add_further(session: Session, page_id: str, verdict: Verdict) -> list[Judged]:
    """Rows for the further sheets of a PDF, as many as the document has room for."""
    if verdict.of < 2:
        return []
    spec = document_of(verdict.application_id, verdict.document)
    room = photo_sheets.room(session, page_id, spec.max_pages if spec else 1)
    taken, left = verdict.sheets[1 : 1 + room], verdict.sheets[1 + room :]
    judged = []
    for one in taken:
        kept = _is_kept(session, page_id, verdict, one.reason)
        judged.append(Judged(photo_sheets.row_id(page_id, one.sheet), one.reason, kept))
    photo_sheets.add(session, page_id, [one.row(done.kept) for one, done in zip(taken, judged, strict=True)])
    for one in left:
        _delete_after_commit(one.image_key, one.thumb_key, one.crop_key)
    if left or verdict.of > min(spec.max_pages if spec else 1, MAX_SHEETS):
        photo_sheets.flag_cut(session, page_id, verdict.of, 1 + len(taken))
    return judged


def _is_kept(session: Session, page_id: str, verdict: Verdict, reason: str | None) -> bool:
    return reason is None or reason in REMARKS or _doubted_again(session, page_id, verdict, reason)


def _doubted_again(session: Session, page_id: str, verdict: Verdict, reason: str) -> bool:
    """Whether the person has already been asked to take a page of this document again, and this is what they sent then.

    A machine asks once. A faint old certificate stays faint: the second photo is kept with its doubt, and people look.
    """
    if reason not in DOUBTS:
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
        _delete_after_commit(*(storage.key_for(page_id, part) for part in PARTS))


def _delete_after_commit(*keys: str | None) -> None:
    files = storage.current()
    for key in keys:
        if key is not None:
            after_commit(lambda key=key: files.delete(key))  # type: ignore[misc]


def _catch_up(session: Session, verdict: Verdict, judged: Sequence[Judged]) -> None:
    """Good pages are read; after submission they change what the check finds, and the photo on the unit's form."""
    application = session.get(Application, verdict.application_id)
    if application is None:
        return
    for one in judged:
        if one.kept:
            readings.promise(session, session.get_one(DocumentPage, one.page_id, populate_existing=True))
    page_id, kept = judged[0].page_id, judged[0].kept
    if application.status in (SUBMITTED, RETURNED):
        outbox.promise(session, "check_application", application.id, f"check:{application.id}:page:{page_id}")
    on_the_form = verdict.document in portrait_documents(pack_of(application))
    if application.status in COUNTED and on_the_form and kept:
        notices.promise_workbooks(session, application, f"page:{page_id}", application.unit_id)
