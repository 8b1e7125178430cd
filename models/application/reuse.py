"""What a person gave in one programme, offered in another: never taken over without their consent to exactly that.

Between the verdict and the form a door offers it once (`offer`, `is_due`), for an application that the same device or
conversation already holds; nothing is ever looked up by name or number. Accepting copies, so that either application
can go without the other: answers through the interview's own rules, photos as files of the new application.

The consent ``reuse:<programme>`` is recorded with the version of its wording. Answers and pages that came so have the
door ``reuse`` until the person saves them here; taking the consent back removes those.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import clock, crypto, outbox, storage
from models.application import answers, drafting, events, lifecycle, pages, readings, record
from models.application.tables import Answer, Application, ConsentRecord, DocumentPage, Event, new_id
from models.errors import Conflict, NotFound
from models.extensions import db
from models.interview.carrying import Carried, CarriedField, carried
from models.programme import loader
from models.programme.pack import Pack, Text
from models.unit_of_work import after_commit, unit_of_work

if TYPE_CHECKING:
    from models.application.queries import ApplicationView

CONSENT_VERSION = 1  # of the wording ``reuse.consent``: a new text is a new version
PREFIX = "reuse:"  # of the consent's name; the rest is the programme that the data come from
DOOR = "reuse"
_ASKED = frozenset({"reused", "reuse_declined"})
_FILES = ("upload", "image", "thumb", "crop")
_JUDGED = ("state", "reason", "sha256", "size", "width", "height", "turn", "sheet", "phash")  # not flags: those compare


@dataclass(frozen=True, slots=True)
class Photos:
    """A document and the ids of the source's pages that would be copied, in order."""

    label: Text
    key: str
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """Exactly what would be taken over. `mark` says so in short: an offer that has changed is not the one agreed to."""

    source_id: str
    source: Pack
    target: Pack
    fields: tuple[CarriedField, ...]
    photos: tuple[Photos, ...]
    mark: str

    @property
    def page_count(self) -> int:
        """Photos in all documents."""
        return sum(len(one.pages) for one in self.photos)


def offer(view: ApplicationView, held_ids: Iterable[str]) -> Offer | None:
    """What of the applications in the person's hands (`held_ids`) fits into this draft: of several the richest, then
    the latest. None before the form, after the hand-in, and where nothing fits."""
    if view.application.status != lifecycle.DRAFT or "verdict" not in view.plan.answered:
        return None
    session = db.session()
    target = record.Draft(view.application, view.pack, answers.Held(view.answers, view.sealed_keys))
    occupied = {page.document for page in view.pages}
    found = []
    for source_id in dict.fromkeys(held_ids):
        source = _source(session, source_id, view.application)
        if source is not None:
            kept = _usable(session, source_id, lock=False)
            made = _offer(target, occupied, record.loaded(session, source), kept)
            if made is not None:
                found.append((len(made.fields) + made.page_count, source.updated_at, made))
    return max(found, key=lambda one: one[:2])[2] if found else None


def is_due(view: ApplicationView) -> bool:
    """Whether the offer is a step of its own now: after the verdict, not answered before, and the form not begun."""
    if "verdict" not in view.plan.answered or view.pages or not _ASKED.isdisjoint(view.snapshot.kinds):
        return False
    newest_first = reversed(view.answers)  # once the form is begun, one of the first tells it
    return not any(key.startswith(("field:", "document:")) for key in newest_first)


def sources(happened: Sequence[Event]) -> tuple[str, ...]:
    """The programmes from which data were taken over with a consent that stands."""
    live: dict[str, bool] = {}
    for event in happened:
        if event.type in ("reused", "reuse_withdrawn"):
            live[event.data["from"]] = event.type == "reused"
    return tuple(slug for slug, stands in live.items() if stands)


def title(slug: str) -> Text:
    """The short name of a programme; its address where its pack is no longer there."""
    if slug in loader.pack_slugs():
        return loader.load_pack(slug).programme.short
    return Text(zh=slug, en=slug)


def accept(app_id: str, source_id: str, mark: str, door: str) -> None:
    """Take over what was offered, with the consent to it. Twice, or at once, takes it over once.

    Raises Conflict where the offer is no longer the one that was shown, InvalidAnswer after the hand-in, NotFound.
    """
    written: list[str] = []
    try:
        with unit_of_work() as session:
            for one in sorted({app_id, source_id}):  # in one order everywhere
                record.locked(session, one)
            target = record.draft(session, app_id)
            _take(session, target, source_id, mark, door, written)
    except BaseException:
        for key in written:
            storage.delete(key)
        raise


def decline(app_id: str, source: str, door: str) -> None:
    """「不用，重新填」: not offered as a step again. Saying it again, or after the hand-in, changes nothing."""
    with unit_of_work() as session:
        application = record.locked(session, app_id)
        asked = select(Event.seq).where(Event.application_id == app_id, Event.type.in_(_ASKED)).limit(1)
        if application.status == lifecycle.DRAFT and session.scalar(asked) is None:
            events.append(session, application, "reuse_declined", events.APPLICANT, door=door, **{"from": source})


def take_back(session: Session, application: Application, source: str) -> None:
    """The consent is gone: remove from the draft what came from there and was not saved here since."""
    app_id = application.id
    came = select(Event).where(Event.application_id == app_id, Event.type == "reused")
    keys = {key for event in session.scalars(came) if event.data["from"] == source for key in event.data["keys"]}
    mine = (Answer.application_id == app_id, Answer.door == DOOR, Answer.key.in_(keys))
    if drafting.NAME in session.scalars(select(Answer.key).where(*mine)).all():
        application.name = None
    session.execute(delete(Answer).where(*mine))
    documents = [key.removeprefix("document:") for key in keys if key.startswith("document:")]
    ours = (DocumentPage.application_id == app_id, DocumentPage.door == DOOR, DocumentPage.removed_at.is_(None))
    removed = list(session.scalars(select(DocumentPage.id).where(*ours, DocumentPage.document.in_(documents))))
    gone = update(DocumentPage).where(DocumentPage.id.in_(removed)).values(removed_at=clock.current().now())
    session.execute(gone)
    after_commit(lambda: pages.erase_soon(removed))
    events.append(session, application, "reuse_withdrawn", events.APPLICANT, **{"from": source})


def _source(session: Session, source_id: str, own: Application) -> Application | None:
    """Another programme's application that still holds something."""
    found = session.get(Application, source_id)
    if found is None or found.id == own.id or found.programme == own.programme:
        return None
    gone = found.status == lifecycle.DELETED or found.programme not in loader.pack_slugs()
    return None if gone else found


def _usable(session: Session, app_id: str, *, lock: bool) -> list[DocumentPage]:
    """Pages that count. Locked, a page that is being judged is read as it was before or after, never in between."""
    query = select(DocumentPage).where(
        DocumentPage.application_id == app_id, DocumentPage.removed_at.is_(None), DocumentPage.state != "retake"
    )
    query = query.order_by(DocumentPage.position, DocumentPage.created_at, DocumentPage.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(query))


def _offer(
    target: record.Draft, occupied: set[str], source: record.Draft, kept: Sequence[DocumentPage]
) -> Offer | None:
    today = clock.current().today()
    fits = carried(source.pack, source.held.answers, target.pack, target.held.answers, today)
    photos = _photos(fits, occupied, kept)
    if not fits.fields and not photos:
        return None
    return Offer(
        source.application.id,
        source.pack,
        target.pack,
        fits.fields,
        photos,
        _mark(source.application.id, fits.fields, photos),
    )


def _photos(fits: Carried, occupied: set[str], kept: Sequence[DocumentPage]) -> tuple[Photos, ...]:
    out = []
    for one in fits.documents:
        if one.ask.key.removeprefix("document:") not in occupied:
            ids = tuple(page.id for page in kept if page.document == one.source)
            out.append(Photos(one.ask.label, one.ask.key, ids))
    return tuple(out)


def _mark(source_id: str, fields: Sequence[CarriedField], photos: Sequence[Photos]) -> str:
    what = [
        source_id,
        CONSENT_VERSION,
        [[one.ask.key, one.value] for one in fields],
        [[one.key, one.pages] for one in photos],
    ]
    return crypto.ring().blind_index(json.dumps(what, ensure_ascii=False), "reuse")[:32]


def _take(
    session: Session, target: record.Draft, source_id: str, mark: str, door: str, written: list[str]
) -> None:  # fmt: skip
    application = target.application
    found = _source(session, source_id, application)
    if found is None:
        raise NotFound("error.not_found")
    kept = _usable(session, source_id, lock=True)
    occupied = set(
        session.scalars(
            select(DocumentPage.document).where(
                DocumentPage.application_id == application.id, DocumentPage.removed_at.is_(None)
            )
        )
    )
    now = _offer(target, occupied, record.loaded(session, found), kept)
    if now is None and _consented(session, application.id, found.programme):
        return  # a second tap
    if now is None or now.mark != mark or application.status != lifecycle.DRAFT:
        raise Conflict("error.reuse_changed")
    values: Mapping[str, Any] = {one.ask.key: one.value for one in now.fields}
    drafting.keep(session, target, values, DOOR)
    by_id = {page.id: page for page in kept}
    for one in now.photos:
        for position, page_id in enumerate(one.pages, start=1):
            _copy(session, application.id, one.key.removeprefix("document:"), position, by_id[page_id], written)
    if not _consented(session, application.id, found.programme):
        session.add(_consent(application.id, found.programme, door))
    events.append(
        session,
        application,
        "reused",
        events.APPLICANT,
        door=door,
        version=CONSENT_VERSION,
        keys=[*values, *(one.key for one in now.photos)],
        fields=len(values),
        pages=now.page_count,
        **{"from": found.programme},
    )


def _consented(session: Session, app_id: str, source: str) -> bool:
    live = select(ConsentRecord.id).where(
        ConsentRecord.application_id == app_id,
        ConsentRecord.consent == PREFIX + source,
        ConsentRecord.version == CONSENT_VERSION,
        ConsentRecord.withdrawn_at.is_(None),
    )
    return session.scalar(live.limit(1)) is not None


def _consent(app_id: str, source: str, door: str) -> ConsentRecord:
    return ConsentRecord(
        application_id=app_id,
        consent=PREFIX + source,
        version=CONSENT_VERSION,
        door=door,
        given_at=clock.current().now(),
    )


def _copy(
    session: Session, app_id: str, document: str, position: int, page: DocumentPage, written: list[str]
) -> None:  # fmt: skip
    """The page as one of this application: the same verdict, its own files. One not judged yet is judged here too.

    Written behind our lock, unlike an upload: the files must be those that the locked row names."""
    page_id = new_id()
    copies: dict[str, str | None] = {}
    for part in _FILES:
        key = getattr(page, f"{part}_key")
        if key is not None:
            data = storage.get(key, pages.bound_to(page.id))
            key = storage.put(data, pages.bound_to(page_id), storage.key_for(page_id, part))
            written.append(key)
        copies[f"{part}_key"] = key
    same = {name: getattr(page, name) for name in _JUDGED}
    copied = DocumentPage(
        id=page_id,
        application_id=app_id,
        document=document,
        position=position,
        idempotency_key=f"{PREFIX}{page_id}",
        door=DOOR,
        created_at=clock.current().now(),
        **same,
        **copies,
    )
    session.add(copied)
    session.flush()
    readings.copy(session, page, copied)
    if page.state == "received":
        outbox.promise(session, "process_page", page_id, f"process_page:{page_id}")
