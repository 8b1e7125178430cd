"""The applicant's way out: withdraw, take consent back, have everything deleted."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from models import clock
from models.application import (
    binding,
    drafting,
    events,
    lifecycle,
    notices,
    others,
    packs,
    pages,
    record,
    reuse,
    uploads,
)
from models.application.tables import (
    Answer,
    Application,
    ConsentRecord,
    Conversation,
    DocumentPage,
    Event,
    Finding,
    Inbound,
    Notice,
    Reading,
)
from models.errors import InvalidAnswer
from models.office import chain_leaving, unit_erasing, volumes, workbook_files
from models.office.tables import Enquiry
from models.unit_of_work import after_commit, unit_of_work


def withdraw(app_id: str) -> Application:
    """End the application at the person's wish; they may apply anew. Raises IllegalTransition."""
    with unit_of_work() as session:
        application = record.locked(session, app_id)
        _end(session, application, "withdrawn")
        return application


def set_aside(app_id: str, staff_id: int) -> Application:
    """The office ends a draft that a unit has entered, because the person is with another. Raises IllegalTransition for
    what has been handed in."""
    with unit_of_work() as session:
        application = record.locked(session, app_id)
        _end(session, application, "set_aside", actor=events.staff_actor(staff_id))
        return application


def withdraw_consent(app_id: str, consent: str) -> Application:
    """Take one consent back. Without a required one the application ends and its personal data go at once; so it does
    without the one to data from another programme (``reuse:<programme>``) once it is handed in, while a draft only
    loses those data. Without the one to a way in, a draft asks again, and what was handed in is withdrawn with its data
    kept: the person did not agree to be reported that way, and may come another way.

    Raises InvalidAnswer for a consent that was not asked for, IllegalTransition after deletion.
    """
    with unit_of_work() as session:
        application = record.locked(session, app_id)
        if consent.startswith(reuse.PREFIX):
            _withdraw_reuse(session, application, consent)
            return application
        asked = {c.id: c for c in packs.pack_of(application).programme.consents}.get(consent)
        if asked is None:
            raise InvalidAnswer("error.not_asked")
        _end_consents(session, app_id, consent)
        if asked.compared_with:
            unit_erasing.forget_elsewhere(session, app_id)
        if not asked.required or (asked.channels and application.status == lifecycle.DRAFT):
            session.execute(delete(Answer).where(Answer.application_id == app_id, Answer.key == f"consent:{consent}"))
            record.mark_changed(application)
            return application
        _end(session, application, "consent_withdrawn", consent=consent)
        if not asked.channels:
            _erase(session, application)
        return application


def _withdraw_reuse(session: Session, application: Application, consent: str) -> None:
    source = consent.removeprefix(reuse.PREFIX)
    happened = session.scalars(select(Event).where(Event.application_id == application.id).order_by(Event.seq)).all()
    if source not in reuse.sources(happened):
        raise InvalidAnswer("error.not_asked")
    _end_consents(session, application.id, consent)
    if application.status == lifecycle.DRAFT:
        reuse.take_back(session, application, source)
        return
    _end(session, application, "consent_withdrawn", consent=consent)
    _erase(session, application)


def delete_application(app_id: str) -> Application:
    """Erase everything personal: answers, photos, messages. What happened when remains, without anything about whom.

    The files go after the commit. Deleting again is no error.
    """
    with unit_of_work() as session:
        application = record.locked(session, app_id)
        if application.status == lifecycle.DELETED:
            return application
        _end(session, application, "deleted")
        _end_consents(session, app_id)
        _erase(session, application)
        application.resume_hash = drafting.resume_hash(secrets.token_urlsafe(24))  # old links lead nowhere
        return application


def purge(app_id: str, is_due: Callable[[Session, Application], bool]) -> bool:
    """Erase what `delete_application` erases, because its time is over, if `is_due` still says so under the lock;
    whether it did. What happened when remains, without anything about whom."""
    with unit_of_work() as session:
        application = record.locked(session, app_id)
        if not is_due(session, application):
            return False
        _end(session, application, "purged", actor=events.WORKER)
        _end_consents(session, app_id)
        _erase(session, application)
        application.resume_hash = drafting.resume_hash(secrets.token_urlsafe(24))
        return True


def _end(session: Session, application: Application, kind: str, *, actor: str = events.APPLICANT, **data: str) -> None:
    reached_unit = application.status not in (lifecycle.DRAFT, lifecycle.WITHDRAWN)
    event = events.append(session, application, kind, actor, **data)
    if application.status != lifecycle.DECLINED:
        application.returned_keys, application.corrected_keys = [], []
    application.person_index = None  # the person's place is free again
    unit_erasing.erase(session, application.id)  # an employer's rating serves nothing any more
    chain_leaving.leave(session, application.id)
    volumes.forget(session, application.id)
    if reached_unit and application.unit_id is not None:
        workbook_files.call_back(session, application.round_id, application.unit_id)  # the copies as well
        notices.promise_workbooks(session, application, str(event.seq), application.unit_id)
    session.flush()


def _end_consents(session: Session, app_id: str, consent: str | None = None) -> None:
    query = update(ConsentRecord).where(ConsentRecord.application_id == app_id, ConsentRecord.withdrawn_at.is_(None))
    if consent is not None:
        query = query.where(ConsentRecord.consent == consent)
    session.execute(query.values(withdrawn_at=clock.current().now()))


def _without_words(data: dict[str, Any]) -> dict[str, Any]:
    """An event's data without what staff wrote in their own words, which may name the person."""
    kept: dict[str, Any] = {name: "" if name in ("reason", "opinion") else value for name, value in data.items()}
    if "items" in kept:
        kept["items"] = [{**item, "reason": ""} for item in kept["items"]]
    return kept


def _erase_asked_before(session: Session, application: Application, conversations: Select[str]) -> None:
    """What was asked in its chats before there was an application, and the answers. What somebody asked there about
    another programme that the chat carries is that one's."""
    nobodys = (Enquiry.conversation_id.in_(conversations), Enquiry.application_id.is_(None))
    kept = select(Enquiry.id).where(*nobodys, Enquiry.programme != application.programme)
    theirs = tuple(f"enquiry:{ident}:" for ident in session.scalars(kept))
    said = select(Notice).where(Notice.conversation_id.in_(conversations), Notice.application_id.is_(None))
    for notice in session.scalars(said):
        if not notice.effect.startswith(theirs):
            session.delete(notice)
    session.execute(delete(Enquiry).where(*nobodys, Enquiry.programme == application.programme))


def _erase(session: Session, application: Application) -> None:
    """Everything that says who it was. Page rows stay until their files are gone (see `pages.erase_removed`)."""
    app_id = application.id
    conversations = select(Conversation.id).where(others.carriers(app_id))
    unit_erasing.erase_all(session, app_id)
    _erase_asked_before(session, application, conversations)
    for table in (Answer, Finding, Notice, Enquiry, Reading):
        session.execute(delete(table).where(table.application_id == app_id))
    uploads.forget(session, app_id)
    binding.forget(session, app_id)
    before = and_(Inbound.conversation_id.in_(conversations), Inbound.application_id.is_(None))
    session.execute(delete(Inbound).where(or_(before, Inbound.application_id == app_id)))
    others.forget(session, app_id, gone=application.status == lifecycle.DELETED)
    session.execute(
        update(Conversation)
        .where(Conversation.application_id == app_id)
        .values(state={}, version=Conversation.version + 1)
    )
    session.execute(
        update(DocumentPage)
        .where(DocumentPage.application_id == app_id)
        .values(sha256="", removed_at=clock.current().now())
    )
    application.name = None
    application.categories = []
    for event in session.scalars(select(Event).where(Event.application_id == app_id)):
        event.data = _without_words(event.data)
    removed = list(session.scalars(select(DocumentPage.id).where(DocumentPage.application_id == app_id)))
    after_commit(lambda: pages.erase_soon(removed))
