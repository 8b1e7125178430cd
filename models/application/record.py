"""What every service does first: take the application's row for writing, with its pack and answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.orm.util import identity_key

from models import clock, direct
from models.application import answers, events, lifecycle, snapshots
from models.application.packs import pack_of
from models.application.snapshots import Head, Row, Snapshot
from models.application.tables import Application
from models.detached import copied
from models.errors import Conflict, InvalidAnswer, NotFound
from models.frozen import dataclass
from models.interview import engine
from models.interview.steps import Plan
from models.programme.pack import Pack
from models.statements import Statement


@dataclass(frozen=True, slots=True)
class Draft:
    """An application taken for writing."""

    application: Application
    pack: Pack
    held: answers.Held
    snapshot: Snapshot | None = None  # where it was read as one: its `application` is never written to

    def plan(self, today: date | None = None) -> Plan:
        """What is live under the present answers, today."""
        today = today or clock.current().today()
        if self.snapshot is not None:
            return self.snapshot.plan(self.held, today)
        return engine.plan(self.pack, self.held.answers, today)


def locked(session: Session, application_id: str) -> Application:
    """The row, held against other writers until the commit; raises NotFound.

    SQLite holds the whole database by BEGIN IMMEDIATE, PostgreSQL the row by FOR UPDATE. Whatever this session
    read earlier is read again.
    """
    application = session.get(Application, application_id, with_for_update=True, populate_existing=True)
    if application is None:
        raise NotFound("error.not_found")
    return application


def at_version(session: Session, application_id: str, version: int) -> Application:
    """The row, held, if nobody changed it since `version` was shown; raises Conflict otherwise."""
    application = locked(session, application_id)
    if application.version != version:
        raise Conflict("error.conflict")
    return application


def draft(session: Session, application_id: str) -> Draft:
    """The application for a change by its applicant; raises InvalidAnswer when it is not theirs to change now."""
    application = locked(session, application_id)
    if application.status not in lifecycle.EDITABLE:
        raise InvalidAnswer("error.not_editable")
    return loaded(session, application)


def for_answers(session: Session, application_id: str) -> Draft:
    """The same for answers alone, which need no more than what both doors have read before."""
    found, held = _as_read(session, application_id)
    return of_snapshot(found, held)


def for_pages(session: Session, application_id: str) -> Draft:
    """The same for a photo, whatever the application's status; raises NotFound. `touch` moves the row."""
    if session.identity_map.get(identity_key(Application, application_id)) is not None:
        return loaded(session, locked(session, application_id))  # held as an object already, maybe as it was before
    found, held = _as_read(session, application_id)
    return Draft(found.application, found.pack, held, found)


def _as_read(session: Session, application_id: str) -> tuple[Snapshot, answers.Held]:
    found = taken(session, application_id)
    counts = answers.page_counts(session, application_id) if found.has_pages else {}
    return found.snapshot, found.snapshot.held(counts)


def taken(session: Session, application_id: str) -> Head:
    """What was read of it before, its row held against other writers until the commit; raises NotFound."""
    hold(session, application_id)
    return snapshots.head(session, application_id)


def hold(session: Session, application_id: str) -> None:
    """Hold the row as `locked` does, without reading it."""
    if direct.dialect(session).name == "postgresql":
        _LOCK.rows(session, {"id": application_id})


def of_snapshot(snapshot: Snapshot, held: answers.Held) -> Draft:
    """A change by its applicant on what was read; raises InvalidAnswer when it is not theirs to change now."""
    if snapshot.application.status not in lifecycle.EDITABLE:
        raise InvalidAnswer("error.not_editable")
    return Draft(snapshot.application, snapshot.pack, held, snapshot)


def loaded(session: Session, application: Application) -> Draft:
    """The application with its pack and answers."""
    pack = pack_of(application)
    return Draft(application, pack, answers.load(session, application.id, pack))


def require_reopened(subject: Draft, key: str) -> None:
    """In a returned application only what the office named, and what is still unanswered, may change.

    What follows from a corrected answer (a question that becomes live, the verdict shown again) is unanswered or a
    confirmation, so the person is never stuck. Raises InvalidAnswer.
    """
    application = subject.application
    if application.status != lifecycle.RETURNED or key in application.returned_keys:
        return
    if key in subject.held.answers and key != "verdict":
        raise InvalidAnswer("error.not_returned")


def outstanding(application: Application, plan: Plan | None = None) -> tuple[str, ...]:
    """Returned keys that the person has not dealt with yet, in the office's order.

    A field is dealt with when it is saved again, even unchanged (the office may have erred); a document when a page
    of it has been added. With a `plan` that has come to the form, what another correction has made moot is no more.
    """
    if application.status != lifecycle.RETURNED:
        return ()
    keys = tuple(key for key in application.returned_keys if key not in application.corrected_keys)
    if plan is None or "verdict" not in plan.answered:
        return keys
    return tuple(key for key in keys if plan.ask(key) is not None)


def corrected(application: Application, keys: Iterable[str]) -> list[str]:
    """The returned keys that the person has dealt with, now that it is these as well."""
    if application.status != lifecycle.RETURNED:
        return application.corrected_keys
    touched = [key for key in outstanding(application) if key in set(keys)]
    return [*application.corrected_keys, *touched]


def mark_corrected(application: Application, keys: Iterable[str]) -> None:
    """Note that the person has dealt with these keys, as far as they were returned."""
    found = corrected(application, keys)
    if found != application.corrected_keys:
        application.corrected_keys = found


def mark_changed(application: Application) -> None:
    """Move the row of an application taken for writing whose answers or consents change, even within one tick of the
    clock: what was read of it before holds no longer."""
    application.updated_at = clock.current().now()
    flag_modified(application, "updated_at")


class Moved(NamedTuple):
    """An application's row after a write, as the driver gives it and as an object of no session."""

    row: Row
    application: Application


def touch(session: Session, subject: Draft, name: str | None, keys: Iterable[str]) -> Moved | None:
    """Move the row for a change of these answers: its version, its time, the person's name, what has been corrected.

    Gives the row as it then is, where nobody holds it as an object. Raises StaleDataError where somebody else has
    changed it since it was read.
    """
    application = subject.application
    done = corrected(application, keys)
    known = _as_object(session, application.id)
    if known is not None:
        known.name, known.corrected_keys = name, done
        mark_changed(known)
        session.flush()
        return None
    version, now, before = application.version, clock.current().now(), subject.snapshot
    row = {"id": application.id, "version": version, "updated_at": now}
    if before is None or name != application.name or done != application.corrected_keys:
        written = _TOUCH_MORE.rows(session, {**row, "name": name, "done": done})
        _require_written(len(written))
        return Moved(written[0], snapshots.application_of(session, written[0]))
    _require_written(_TOUCH.run(session, row))
    moved = snapshots.row_at(before, _TOUCH.as_sent(session, "updated_at", now))
    return Moved(moved, copied(application, version=version + 1, updated_at=now))


def _require_written(rows: int) -> None:
    if not rows:
        raise StaleDataError("the application was changed meanwhile")


def _as_object(session: Session, app_id: str) -> Application | None:
    """The row where somebody holds it as an object of the session."""
    held = session.identity_map
    return held.get(identity_key(Application, app_id)) if held else None


def happened(session: Session, before: Snapshot, kind: str, actor: str, **data: Any) -> None:
    """Append an event that leaves every answer as it was to what was read, and move the row and its status with it:
    `events.append` by the driver, where nobody holds the row as an object. Raises IllegalTransition, StaleDataError."""
    application, now = before.application, clock.current().now()
    if _as_object(session, application.id) is not None:
        events.append(session, locked(session, application.id), kind, actor, **data)
        return
    status = lifecycle.step(application.status, kind)
    version = application.version
    row = {"id": application.id, "version": version, "status": status, "updated_at": now}
    _require_written(_MOVE.run(session, row))
    event = events.write(session, application.id, before.seq + 1, kind, actor, now, data)
    after = copied(application, version=version + 1, updated_at=now, status=status)
    moved = snapshots.row_at(before, _MOVE.as_sent(session, "updated_at", now), status)
    snapshots.happened(session, before, moved, after, event)


_ID = bindparam("id", type_=Application.id.type)
_LOCK = Statement(select(Application.version).where(Application.id == _ID).with_for_update())
_MOVING = (
    update(Application.__table__)  # type: ignore[arg-type]
    .where(Application.id == _ID, Application.version == bindparam("version"))
    .values(version=Application.version + 1, updated_at=bindparam("updated_at"))
)
_TOUCH = Statement(_MOVING)  # what it leaves is known: giving it back costs SQLite as much as the change
_TOUCH_MORE = Statement(
    _MOVING.values(name=bindparam("name"), corrected_keys=bindparam("done")).returning(*snapshots.COLUMNS)
)
_MOVE = Statement(_MOVING.values(status=bindparam("status")))
