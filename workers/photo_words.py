"""What the person is told about a judged upload: one sentence, with at most one thing to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.application import labels
from models.application.lifecycle import EDITABLE, SUBMITTED
from models.application.packs import pack_of
from models.application.tables import Application, DocumentPage
from models.documents.remarks import REMARKS
from models.extensions import db
from models.interview import wording
from models.programme.pack import Document, Text
from workers.delivery import Message

if TYPE_CHECKING:
    from workers.photos import Verdict

# What the person can do about an unusable page depends on where the application stands when it has been judged.
_RETAKE = dict.fromkeys(EDITABLE, "notice.page_retake") | {SUBMITTED: "notice.page_retake_submitted"}


@dataclass(frozen=True, slots=True)
class Judged:
    """A row as it was judged; one that is kept with a reason is doubtful, or only remarked on."""

    page_id: str
    reason: str | None
    kept: bool


def sentence(session: Session, verdict: Verdict, judged: Sequence[Judged]) -> Message:
    """About the first page to be taken again, else the first doubtful one, else about all."""
    application = session.get(Application, verdict.application_id)
    title = (
        labels.document_title(pack_of(application), verdict.document)
        if application is not None
        else Text(zh=verdict.document, en=verdict.document)
    )
    said: dict[str, Any] = {"document": title.model_dump()}
    bad = next((one for one in judged if not one.kept), None)
    if bad is not None:
        status = session.scalar(select(Application.status).where(Application.id == verdict.application_id))
        reason = wording.text(bad.reason or "photo.damaged").model_dump()
        params = {**said, "page": _number(session, bad.page_id), "reason": reason}
        return Message(_RETAKE.get(status or "", "notice.page_retake_later"), params)
    if (cut := _cut(session, judged[0].page_id)) is not None:
        return Message("notice.pdf_more", {**said, "pages": cut["pages"], "kept": cut["kept"]})
    doubtful = next((one for one in judged if one.reason is not None), None)
    if doubtful is not None and doubtful.reason in REMARKS:
        remark = wording.text(doubtful.reason or "").model_dump()
        return Message("notice.page_remark", {**said, "page": _number(session, doubtful.page_id), "remark": remark})
    if doubtful is not None:
        return Message("notice.page_doubtful", {**said, "page": _number(session, doubtful.page_id)})
    if len(judged) > 1:
        return Message("notice.pdf_ok", {**said, "pages": len(judged)})
    return Message("notice.page_ok", {**said, "page": _number(session, judged[0].page_id)})


def _cut(session: Session, page_id: str) -> dict[str, Any] | None:
    flags = session.get_one(DocumentPage, page_id).flags
    return next((flag for flag in flags if flag["code"] == "flag.pdf_more"), None)


def _number(session: Session, page_id: str) -> int:
    """Which page of its document this is, as the person counts: removed ones do not."""
    page = session.get_one(DocumentPage, page_id)
    counted = select(func.count()).where(
        DocumentPage.application_id == page.application_id,
        DocumentPage.document == page.document,
        DocumentPage.removed_at.is_(None),
        DocumentPage.position <= page.position,
    )
    return session.scalar(counted) or 1


def document_of(application_id: str, document: str) -> Document | None:
    """The document as the application's pack has it."""
    application = db.session.get(Application, application_id)
    documents = pack_of(application).documents.documents if application is not None else ()
    return next((found for found in documents if found.id == document), None)
