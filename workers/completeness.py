"""Is a submitted application complete, and do its parts agree? Findings with their clause and what to do.

`find` is pure. The job stores what it finds in the place of the last findings, records the event, and tells the person
what will have to be mended: a finding is never a refusal, and people decide.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Protocol

import structlog
from sqlalchemy import delete
from sqlalchemy.orm import Session

from models import clock
from models.application import differences, events, lifecycle, notices, queries, readings, record
from models.application import twins as application_twins
from models.application.tables import Application, DocumentPage, Finding
from models.documents import crosschecks
from models.documents.draft import FindingDraft
from models.documents.gathering import gather
from models.documents.reading import PageReading
from models.documents.remarks import REMARKS
from models.errors import NotFound
from models.interview import wording
from models.interview.steps import Ask, Plan, Stage
from models.programme.pack import Pack
from workers import twins
from workers.crossfield import check_fields
from workers.runtime import run_prepared

log = structlog.get_logger(__name__)
_MISSING = {Stage.CONSENT: "finding.missing_consent", Stage.DECLARATION: "finding.missing_declaration"}


class Checkable(Protocol):
    """What is checked; `models.application.queries.ApplicationView` is one."""

    @property
    def pack(self) -> Pack: ...
    @property
    def plan(self) -> Plan: ...
    @property
    def answers(self) -> Mapping[str, Any]: ...
    @property
    def pages(self) -> Sequence[DocumentPage]: ...


def find(
    view: Checkable, on: date, read: Mapping[str, PageReading] | None = None, handed_in: date | None = None
) -> list[FindingDraft]:
    """Everything amiss on the day `on`, in the order in which things are asked; then what the papers say together, as
    far as they were read (`read`, by page id) and as of the day of the hand-in."""
    live = [ask.key for ask in view.plan.asks if ask.stage is Stage.FORM]
    crossed = check_fields(view.pack, live, view.answers, on)
    # To the engine, an answer that contradicts another is no answer: say what is wrong with it, not that it is missing.
    explained = {draft.key for draft in crossed if draft.blocking}
    found: list[FindingDraft] = []
    for ask in view.plan.asks:
        if ask.kind == "document":
            found.extend(_document(ask, _standing(view.pages, ask.key)))
        elif ask.required and ask.key not in view.plan.answered and ask.key not in explained:
            found.append(_missing(ask))
    asked = {ask.key for ask in view.plan.documents}
    kept = [page for key in asked for page in _standing(view.pages, key) if page.state != "retake"]
    papers = gather(view.pack, view.answers, view.plan.assessment, kept, read or {}, handed_in or on)
    return found + crossed + crosschecks.check(papers)


def _missing(ask: Ask) -> FindingDraft:
    code = _MISSING.get(ask.stage, "finding.missing_field")
    return FindingDraft(ask.key, code, {"label": ask.label.model_dump()}, ask.clause)


def _standing(pages: Sequence[DocumentPage], key: str) -> list[DocumentPage]:
    """The document's pages in their order, without those taken away."""
    document = key.removeprefix("document:")
    kept = [page for page in pages if page.document == document and page.removed_at is None]
    return sorted(kept, key=lambda page: page.position)


def _document(ask: Ask, pages: Sequence[DocumentPage]) -> Iterator[FindingDraft]:
    label = ask.label.model_dump()
    for number, page in enumerate(pages, start=1):
        params: dict[str, Any] = {"label": label, "page": number}
        if page.state == "retake":
            reason = wording.text(page.reason or "photo.damaged").model_dump()
            yield FindingDraft(ask.key, "finding.page_retake", {**params, "reason": reason}, ask.clause)
        elif page.reason and page.reason not in REMARKS:
            yield FindingDraft(ask.key, "finding.page_doubtful", params, ask.clause, blocking=False)
        elif page.state == "received":
            yield FindingDraft(ask.key, "finding.page_waiting", params, ask.clause, blocking=False)
    lacking = (max(ask.min_pages, 1) if ask.required else 0) - len(pages)
    if lacking > 0:
        yield FindingDraft(ask.key, "finding.missing_document", {"label": label, "missing": lacking}, ask.clause)


def check_application(outbox_id: str) -> None:
    """Job: check one application."""
    run_prepared(outbox_id, twins.elsewhere, record_check)


def record_check(application_id: str, session: Session, pairs: list[tuple[str, str]]) -> None:
    """`check`, and a flag for staff on photos that are in another person's application as well."""
    check(application_id, session)
    application_twins.mark(session, application_id, pairs)


def check(application_id: str, session: Session) -> None:
    """Store the findings, record the event, tell the person. Nothing for a draft or what has ended."""
    try:
        application = record.locked(session, application_id)
    except NotFound:
        return
    if not lifecycle.allows(application.status, "checked"):
        return
    view, read = queries.view(application_id), readings.of_application(application_id)
    submitted = application.submitted_at
    handed_in = submitted.astimezone(clock.CHINA).date() if submitted is not None else None
    found = find(view, clock.current().today(), read, handed_in)
    session.execute(delete(Finding).where(Finding.application_id == application_id))
    now = clock.current().now()
    session.add_all(Finding(application_id=application_id, at=now, **asdict(draft)) for draft in found)
    blocking = [draft for draft in found if draft.blocking]
    events.append(session, application, "checked", events.WORKER, findings=len(found), blocking=len(blocking))
    _tell(session, application, blocking)
    _ask(session, view)


def _tell(session: Session, application: Application, blocking: Sequence[FindingDraft]) -> None:
    """Once for the same set of findings. Pages to take again were told of when they were judged."""
    news = [draft for draft in blocking if draft.code != "finding.page_retake"]
    if not news:
        return
    items = {lang: "\n".join(f"· {wording.say(d.code, lang, **d.params)}" for d in news) for lang in ("zh", "en")}
    digest = hashlib.sha256(json.dumps(items, sort_keys=True).encode()).hexdigest()[:16]
    code = "notice.to_mend_now" if application.status in lifecycle.EDITABLE else "notice.to_mend"
    notices.tell(session, application, f"check:{application.id}:{digest}", code, count=len(news), items=items)


def _ask(session: Session, view: queries.ApplicationView) -> None:
    """What reads otherwise than it was typed is a question: told once, answered in either door, or left to staff."""
    open_ones = view.differences if view.application.status in differences.MAY_STAND_BY else ()
    if not open_ones:
        return
    said = {lang: [f"· {differences.question(view, one, lang)}" for one in open_ones] for lang in ("zh", "en")}
    items = {lang: "\n".join(lines) for lang, lines in said.items()}
    digest = hashlib.sha256(json.dumps([(one.page_id, one.name) for one in open_ones]).encode()).hexdigest()[:16]
    effect = f"differs:{view.application.id}:{digest}"
    notices.tell(session, view.application, effect, "notice.differs", count=len(open_ones), items=items)
