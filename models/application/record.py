"""What every service does first: take the application's row for writing, with its pack and answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import clock
from models.application import answers, lifecycle
from models.application.packs import pack_of
from models.application.tables import Application
from models.errors import Conflict, InvalidAnswer, NotFound
from models.interview import engine
from models.interview.steps import Plan
from models.programme.pack import Pack


@dataclass(frozen=True, slots=True)
class Draft:
    """An application taken for writing."""

    application: Application
    pack: Pack
    held: answers.Held

    def plan(self) -> Plan:
        """What is live under the present answers, today."""
        return engine.plan(self.pack, self.held.answers, clock.current().today())


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


def mark_corrected(application: Application, keys: Iterable[str]) -> None:
    """Note that the person has dealt with these keys, as far as they were returned."""
    touched = [key for key in outstanding(application) if key in set(keys)]
    if touched:
        application.corrected_keys = [*application.corrected_keys, *touched]
