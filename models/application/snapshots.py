"""An application as it stands, read for every message and page of both doors: what has not changed since it was read
last is not read again.

One statement says what is there now: the application's row, its last event, whether it has pages or findings. Whoever
writes answers or consents moves the row (`version`) or appends an event, so under the same row and event the answers,
decrypted, and the plan made of them hold, whichever process wrote them. Pages and findings change without the row (a
worker's verdict): where there are any they are read each time.

What is kept is memory of this process alone: bounded, dropped when nobody has looked at it for a while, and only what
was committed; the objects belong to no session and are never changed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from models import clock, detached, running
from models.application import answers
from models.application.packs import pack_of
from models.application.tables import Application, DocumentPage, Event, Finding
from models.errors import NotFound
from models.interview import engine, onward
from models.interview.engine import Worked
from models.interview.steps import Plan
from models.programme.pack import Pack
from models.statements import Statement
from models.unit_of_work import after_commit, awaiting_commit

Row = tuple[Any, ...]  # of an application, as the driver gives it

COLUMNS = tuple(Application.__table__.columns)
_NAMES = tuple(column.key for column in COLUMNS)
_VERSION, _UPDATED_AT, _STATUS = (_NAMES.index(name) for name in ("version", "updated_at", "status"))
_ID = bindparam("id", type_=Application.id.type)
_PAGES = exists().where(DocumentPage.application_id == _ID, DocumentPage.removed_at.is_(None))
_FINDINGS = exists().where(Finding.application_id == _ID)
_LAST = select(func.max(Event.seq)).where(Event.application_id == _ID).scalar_subquery()
_HEAD = Statement(select(*COLUMNS, _LAST, _PAGES, _FINDINGS).where(Application.id == _ID))
_EVENTS = Statement(select(*Event.__table__.columns).where(Event.application_id == _ID).order_by(Event.seq))

_KEPT = 500
_IDLE = timedelta(minutes=15)
_MEMORY = "bole.snapshots"  # of one app: two of one process may hold other databases


@dataclass(slots=True)
class Snapshot:
    """What an application's row and last event stand for. Shared by threads: never changed, only worked out further."""

    row: Row = field(repr=False)  # this and what follows from it is personal: never in a log
    seq: int  # of the last event
    application: Application = field(repr=False)  # belongs to no session
    pack: Pack = field(repr=False)
    stored: answers.Stored = field(repr=False)
    events: tuple[Event, ...] = field(repr=False)
    used: datetime
    _kinds: frozenset[str] | None = None
    _held: tuple[Mapping[str, int], answers.Held] | None = field(default=None, repr=False)
    _plan: tuple[answers.Held, date, Worked] | None = field(default=None, repr=False)

    @property
    def kinds(self) -> frozenset[str]:
        """What has happened: the types of its events."""
        if self._kinds is None:
            self._kinds = frozenset([event.type for event in self.events])
        return self._kinds

    def held(self, counts: Mapping[str, int]) -> answers.Held:
        """The answers with these pages counted, as the engine reads them."""
        kept = self._held
        if kept is None or kept[0] != counts:
            kept = self._held = (dict(counts), answers.held(self.pack, self.stored, counts))
        return kept[1]

    def plan(self, held: answers.Held, today: date) -> Plan:
        """What is live under them on this day."""
        kept = self._plan
        if kept is None or kept[0] is not held or kept[1] != today:
            kept = self._plan = (held, today, engine.worked(self.pack, held.answers, today))
        return kept[2].plan


class Head(NamedTuple):
    """The snapshot now, and what has to be read beside it."""

    snapshot: Snapshot
    has_pages: bool
    has_findings: bool


@dataclass(slots=True)
class _Memory:
    """By application, the one looked at last at the end."""

    kept: OrderedDict[str, Snapshot] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, app_id: str) -> Snapshot | None:
        with self.lock:
            found = self.kept.get(app_id)
            if found is not None:
                self.kept.move_to_end(app_id)
            return found

    def put(self, app_id: str, snapshot: Snapshot) -> None:
        oldest, kept = snapshot.used - _IDLE, self.kept
        with self.lock:
            kept[app_id] = snapshot
            kept.move_to_end(app_id)
            while len(kept) > _KEPT or next(iter(kept.values())).used < oldest:
                kept.popitem(last=False)


@dataclass(slots=True)
class _Keep:
    """To be done once a transaction has committed; until then it knows what the transaction has made."""

    app_id: str
    snapshot: Snapshot
    memory: _Memory

    def __call__(self) -> None:
        self.memory.put(self.app_id, self.snapshot)


def _memory() -> _Memory:
    extensions = running.app().extensions
    memory: _Memory | None = extensions.get(_MEMORY)
    return extensions.setdefault(_MEMORY, _Memory()) if memory is None else memory


def head(session: Session, app_id: str) -> Head:
    """How it stands in this transaction; raises NotFound."""
    found = _HEAD.rows(session, {"id": app_id})
    if not found:
        raise NotFound("error.not_found")
    row, (seq, pages, findings) = found[0][:-3], found[0][-3:]
    return Head(_snapshot(session, app_id, row, seq or 0), bool(pages), bool(findings))


def _snapshot(session: Session, app_id: str, row: Row, seq: int) -> Snapshot:
    kept = _known(session, app_id)
    if kept is not None and kept.row == row and kept.seq == seq:
        pack = pack_of(kept.application)
        if pack is kept.pack:
            kept.used = clock.current().now()
            return kept
    application = application_of(session, row)
    pack = pack_of(application)
    stored = answers.stored(session, app_id, pack)
    found = Snapshot(row, seq, application, pack, stored, _events(session, app_id), clock.current().now())
    return _remembered(session, app_id, found)


def _known(session: Session, app_id: str) -> Snapshot | None:
    """What this transaction has made of it last; else what was committed."""
    for hook in reversed(awaiting_commit(session)):
        if isinstance(hook, _Keep) and hook.app_id == app_id:
            return hook.snapshot
    return _memory().get(app_id)


def _remembered(session: Session, app_id: str, snapshot: Snapshot) -> Snapshot:
    """The same, kept once this transaction has committed: what is rolled back was never so."""
    after_commit(_Keep(app_id, snapshot, _memory()), session)
    return snapshot


def begun(session: Session, row: Row, application: Application, pack: Pack, first: Event) -> Snapshot:
    """The snapshot of an application that has just been begun: nothing is answered."""
    stored = answers.Stored({}, frozenset())
    return _remembered(session, application.id, Snapshot(row, first.seq, application, pack, stored, (first,), first.at))


def moved(
    session: Session,
    before: Snapshot,
    row: Row,
    application: Application,
    values: Mapping[str, Any],
    gone: Collection[str] = (),
) -> Snapshot:
    """The snapshot after a write that left this row and these answers, and dropped those to the keys `gone`. What
    consents are among them were given to the texts of today."""
    pack, stored = before.pack, answers.kept_as(before.pack, before.stored, values, gone)
    after = Snapshot(row, before.seq, application, pack, stored, before.events, application.updated_at, before._kinds)
    if before._held is not None:
        counts, held = before._held
        now = answers.held_after(pack, held, stored, values, gone)
        after._held = (counts, now)
        if before._plan is not None and before._plan[0] is held and not gone and now.asleep == held.asleep:
            _, day, worked = before._plan
            gone_on = onward.after(worked, now.answers, values)
            after._plan = None if gone_on is None else (now, day, gone_on)
    return _remembered(session, application.id, after)


def happened(session: Session, before: Snapshot, row: Row, application: Application, event: Event) -> Snapshot:
    """The snapshot after an event that left this row and every answer as it was."""
    after = Snapshot(
        row, event.seq, application, before.pack, before.stored, (*before.events, event), application.updated_at
    )
    after._held, after._plan = before._held, before._plan
    return _remembered(session, application.id, after)


def row_at(before: Snapshot, updated_at: Any, status: str | None = None) -> Row:
    """The row of a snapshot, as the driver gives it, after a write that moved it, maybe to another status, and left the
    rest."""
    row = list(before.row)
    row[_VERSION], row[_UPDATED_AT] = row[_VERSION] + 1, updated_at
    if status is not None:
        row[_STATUS] = status
    return tuple(row)


def application_of(session: Session, row: Row) -> Application:
    """The row as an object of no session."""
    return detached.made(Application, zip(_NAMES, _ROW.converted(session, row), strict=True))


def _events(session: Session, app_id: str) -> tuple[Event, ...]:
    return detached.read(session, Event, _EVENTS, {"id": app_id})


_ROW = Statement(select(*COLUMNS))


def counted(pages: Iterable[DocumentPage]) -> dict[str, int]:
    """Pages that count (neither removed nor to be taken again) by document."""
    counts: dict[str, int] = {}
    for page in pages:
        if page.state != "retake":
            counts[page.document] = counts.get(page.document, 0) + 1
    return counts
