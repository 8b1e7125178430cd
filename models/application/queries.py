"""Reading applications for their applicant and the workers: answers decrypted, with what is live under them.

Staff read through `models.office.scope`, which decides what they may reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.util import memoized_property  # functools' takes a lock before Python 3.12

from models import clock, detached
from models.application import answers, differences, drafting, lifecycle, receipt, record, snapshots, ways
from models.application.drafting import resume_hash
from models.application.snapshots import Snapshot
from models.application.tables import Application, DocumentPage, Event, Finding
from models.application.timeline import TimelineLine, lines
from models.documents.comparing import Compared
from models.errors import NotFound
from models.extensions import db
from models.interview.prepared import prepared
from models.interview.steps import Plan
from models.programme.pack import Channel
from models.statements import Statement
from models.unit_of_work import joined

__all__ = ["ApplicationView", "TimelineLine", "by_receipt", "by_resume_token", "timeline", "view"]


class ApplicationView:
    """One application, whole; never changed. `plan` is worked out when first looked at."""

    def __init__(
        self,
        snapshot: Snapshot,
        held: answers.Held,
        pages: tuple[DocumentPage, ...],
        findings: tuple[Finding, ...],
    ) -> None:
        self.snapshot: Final = snapshot  # shared: its parts are read, never changed
        self.application: Final = snapshot.application  # the row as it was read; no object of the session
        self.status: Final[str] = snapshot.application.status
        self.pack: Final = snapshot.pack  # the version of the programme that it is judged by
        self.held: Final = held
        self.answers: Final = held.answers  # in the engine's terms; never log
        self.pages: Final = pages  # not removed, in order; no objects of the session, as the findings
        self.findings: Final = findings
        self._closing: Final = prepared(snapshot.pack).closing  # else there is nothing to look for

    @property
    def sealed_keys(self) -> frozenset[str]:
        """Answers that are encrypted at rest: mask them."""
        return self.held.sealed

    @property
    def asleep(self) -> frozenset[str]:
        """Keys of answers that this version of the programme cannot read."""
        return self.held.asleep

    @property
    def events(self) -> tuple[Event, ...]:
        """Oldest first."""
        return self.snapshot.events

    @memoized_property
    def plan(self) -> Plan:
        """What is live today under these answers; ways in that have closed say so."""
        plan = self.snapshot.plan(self.held, clock.current().today())
        shut = self.closed_channels if self._closing else ()
        return ways.marked(plan, self.pack, shut) if shut else plan

    @memoized_property
    def closed_channels(self) -> tuple[Channel, ...]:
        """The ways in that are closed for this draft today."""
        return ways.closed_now(db.session(), self.pack, self.application)

    @property
    def closed_way(self) -> ways.ClosedWay | None:
        """The way in that the person chose, if it has closed: they can still come another way."""
        shut = self.closed_channels if self._closing else ()
        return ways.chosen_closed(self.pack, shut, self.plan, self.answers) if shut else None

    @memoized_property
    def compared(self) -> tuple[Compared, ...]:
        """What was read on the pages, held against what was typed; two more statements."""
        return differences.compared(self)

    @property
    def differences(self) -> tuple[Compared, ...]:
        """What was read otherwise than it was typed, and what the person has not explained yet."""
        return tuple(one for one in self.compared if one.is_open)

    @property
    def editable(self) -> bool:
        """Whether the applicant may change something."""
        return self.application.status in lifecycle.EDITABLE

    @property
    def outstanding(self) -> tuple[str, ...]:
        """Returned keys that the person has yet to deal with; empty unless the application is returned."""
        return record.outstanding(self.application, self.plan)

    @property
    def news(self) -> Event | None:
        """The turn to another version of the programme (`moved`, `reopened`; its data say what changes for the
        person), until they do something after it."""
        last = self.events[-1] if self.events else None
        if last is None or last.type not in ("moved", "reopened") or self.application.updated_at > last.at:
            return None
        return last

    @property
    def returned_reasons(self) -> dict[str, str]:
        """Why each key was returned last, by key; empty unless the application is returned."""
        if self.application.status != lifecycle.RETURNED:
            return {}
        last = next((e for e in reversed(self.events) if e.type in ("items_returned", "reopened")), None)
        return {} if last is None else {item["key"]: item["reason"] for item in last.data["items"]}

    def document_pages(self, document: str) -> tuple[DocumentPage, ...]:
        """The kept pages of one document, in order; those to be taken again included."""
        return tuple(page for page in self.pages if page.document == document)


def view(app_id: str) -> ApplicationView:
    """Everything about one application, in as few statements as there is something to read; raises NotFound."""
    session = db.session()
    found = snapshots.head(session, app_id)
    whose = {"id": app_id}
    pages = detached.read(session, DocumentPage, _PAGES, whose) if found.has_pages else ()
    findings = detached.read(session, Finding, _FINDINGS, whose) if found.has_findings else ()
    return _view(found.snapshot, pages, findings)


_PAGES = Statement(
    select(*DocumentPage.__table__.columns)
    .where(DocumentPage.application_id == bindparam("id"), DocumentPage.removed_at.is_(None))
    .order_by(DocumentPage.document, DocumentPage.position, DocumentPage.id)
)
_FINDINGS = Statement(
    select(*Finding.__table__.columns)
    .where(Finding.application_id == bindparam("id"))
    .order_by(Finding.blocking.desc(), Finding.key)
)


def answered(before: ApplicationView, values: Mapping[str, Any], door: str) -> ApplicationView:
    """Save these answers, all or none, on what was read in this transaction, and give what is there then.

    Raises the first InvalidAnswer, and StaleDataError where somebody else has changed it since.
    """
    with joined() as session:
        kept = drafting.record_in(session, record.of_snapshot(before.snapshot, before.held), values, door)
    if kept.snapshot is None:
        return view(before.application.id)
    return _view(kept.snapshot, before.pages, before.findings)


def _view(snapshot: Snapshot, pages: tuple[DocumentPage, ...], findings: tuple[Finding, ...]) -> ApplicationView:
    held = snapshot.held(snapshots.counted(pages))
    return ApplicationView(snapshot, held, pages, findings)


def by_receipt(code: str) -> Application:
    """The application with this receipt code, however it was typed. Raises NotFound; callers limit the rate."""
    normal = receipt.normalise(code)
    found = None if normal is None else db.session.scalar(select(Application).where(Application.receipt == normal))
    return _given(found)


def by_resume_token(token: str) -> Application:
    """The application that this resume link opens. Raises NotFound."""
    return _given(db.session.scalar(select(Application).where(Application.resume_hash == resume_hash(token))))


def timeline(view: ApplicationView, lang: str) -> list[TimelineLine]:
    """What has happened, oldest first, in sentences for the applicant."""
    return lines(view.pack, view.application, view.events, lang)


def _given(application: Application | None) -> Application:
    if application is None or application.status == lifecycle.DELETED:
        raise NotFound("error.not_found")
    return application
