"""Changes asked for after admission (变动): the person, or a clerk of the unit, says which fields are otherwise now,
with photos that prove it. One that is open a person; nothing of the record changes before the office has accepted it.

The new answers are read by the pack's own form, sealed for exactly this request, and kept with what stood there before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock, crypto
from models.application import events, lifecycle, notices, record
from models.application.packs import pack_of
from models.application.tables import Application, new_id
from models.errors import Conflict, InvalidAnswer, NotFound
from models.interview import engine
from models.interview.steps import Ask
from models.office import audit, change_pages, registry, sealing
from models.office.chain_tables import RegistryChange
from models.office.change_states import ACCEPTED, ASKED, DRAFT, OFFICE, OPEN, REFUSED, UNIT, WITHDRAWN
from models.office.tables import Staff, UnitRow
from models.programme.afterwards import Change
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work

LONGEST = 300


@dataclass(slots=True)
class Dossier:
    """What a request holds: new answers and those that stood there before, by answer key; the unit's opinion; who has
    to look next once more has been added."""

    new: dict[str, Any] = field(default_factory=dict)
    old: dict[str, Any] = field(default_factory=dict)
    opinion: dict[str, str] = field(default_factory=dict)  # unit, words, signer, day
    back: str = ""


def dossier(change: RegistryChange) -> Dossier:
    """The sealed part. Needs the running app; raises crypto.Damaged."""
    if change.sealed is None:
        return Dossier()
    return Dossier(**json.loads(crypto.ring().open(change.sealed, sealing.change(change.id))))


def seal(change: RegistryChange, held: Dossier) -> None:
    """Keep `held` in the request."""
    plain = json.dumps(asdict(held), ensure_ascii=False).encode("utf-8", "surrogatepass")
    change.sealed = crypto.ring().seal(plain, sealing.change(change.id))


def kinds(pack: Pack) -> tuple[Change, ...]:
    """What can be asked for: only where the programme keeps a registry."""
    return pack.afterwards.changes if pack.afterwards.admitted_clause else ()


def kind_of(pack: Pack, name: str) -> Change:
    """The kind of change with this id. Raises NotFound."""
    found = next((one for one in pack.afterwards.changes if one.id == name), None)
    if found is None:
        raise NotFound("office.not_found")
    return found


def asks(pack: Pack, kind: Change, answers: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Ask, ...]:
    """The form's fields that such a change is about, as far as they are asked of this person, and those that the new
    answers bring up."""
    today = clock.current().today()
    before = engine.plan(pack, dict(answers), today)
    after = engine.plan(pack, {**answers, **new}, today)
    named = {f"field:{name}" for name in kind.fields}
    known = {ask.key for ask in before.asks}
    return tuple(
        ask for ask in after.asks if ask.key.startswith("field:") and (ask.key in named or ask.key not in known)
    )


def current(session: Session, application_id: str) -> RegistryChange | None:
    """The person's open request, if there is one."""
    query = select(RegistryChange).where(
        RegistryChange.application_id == application_id, RegistryChange.state.in_(OPEN)
    )
    return session.scalar(query.order_by(RegistryChange.asked_at.desc()).limit(1))


def draft(session: Session, application_id: str, staff_id: int | None = None) -> RegistryChange | None:
    """What the person (None), or this clerk, is writing."""
    query = select(RegistryChange).where(RegistryChange.application_id == application_id, RegistryChange.state == DRAFT)
    return session.scalar(query.where(_of(staff_id)).limit(1))


def _of(staff_id: int | None) -> Any:
    return RegistryChange.asked_by.is_(None) if staff_id is None else RegistryChange.asked_by == staff_id


def settled(session: Session, application_id: str) -> list[RegistryChange]:
    """What has been decided, the newest first."""
    query = select(RegistryChange).where(
        RegistryChange.application_id == application_id, RegistryChange.state.in_((ACCEPTED, REFUSED, WITHDRAWN))
    )
    return list(session.scalars(query.order_by(RegistryChange.asked_at.desc(), RegistryChange.id)))


def is_open_to(session: Session, application: Application) -> bool:
    """Whether changes of this person can be asked for: they are in the registry, which has such changes."""
    if application.status != lifecycle.ADMITTED or not kinds(pack_of(application)):
        return False
    entry = registry.entry_of(session, application.id)
    return entry is not None and entry.ended_on is None


def begin(app_id: str, kind: str, staff: Staff | None = None) -> str:
    """Begin to write a request, or go on with the one that is begun, about another kind of change; its id.

    Raises NotFound (no such kind, not in the registry), Conflict while another request of the person is open.
    """
    staff_id = staff.id if staff is not None else None
    with unit_of_work() as session:
        application = record.locked(session, app_id)
        kind_of(pack_of(application), kind)
        if not is_open_to(session, application):
            raise NotFound("office.not_found")
        if current(session, app_id) is not None:
            raise Conflict("office.change_open")
        found = draft(session, app_id, staff_id)
        if found is None:
            found = RegistryChange(id=new_id(), application_id=app_id, state=DRAFT, asked_by=staff_id)
            session.add(found)
        elif found.kind != kind:
            found.sealed = None
        found.kind, found.unit_id, found.asked_at = kind, application.unit_id, clock.current().now()
        return found.id


def editable(session: Session, change_id: str, app_id: str, version: int | None = None) -> RegistryChange:
    """The request, held for whoever writes it, with the application's row. Raises NotFound, Conflict."""
    record.locked(session, app_id)
    found = session.get(RegistryChange, change_id, with_for_update=True, populate_existing=True)
    if found is None or found.application_id != app_id:
        raise NotFound("office.not_found")
    if found.state not in (DRAFT, ASKED) or (version is not None and found.version != version):
        raise Conflict("office.change_changed")
    return found


def save(change_id: str, app_id: str, version: int, raw: Mapping[str, Any], reason: str) -> dict[str, InvalidAnswer]:
    """Keep what is valid of what was typed, and give back what is not, by key. What is as it was is no change.

    Raises NotFound, Conflict where it was changed since `version`, or is decided or under way.
    """
    with unit_of_work() as session:
        found = editable(session, change_id, app_id, version)
        subject = record.loaded(session, session.get_one(Application, app_id))
        answers, held = subject.held.answers, dossier(found)
        kind = kind_of(subject.pack, found.kind)
        new, refused = _read(subject.pack, kind, answers, held.new, raw)
        if new != held.new:
            held.opinion, held.back = {}, ""  # the unit has said nothing about these
        held.new, held.old = new, {key: answers.get(key) for key in new}
        seal(found, held)
        found.reason = reason.strip()[:LONGEST]
        return refused


def _read(
    pack: Pack, kind: Change, answers: Mapping[str, Any], before: Mapping[str, Any], raw: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, InvalidAnswer]]:
    """New answers out of what was typed: a field may be sent before the one that brings it up, so twice."""
    new = {key: value for key, value in before.items() if key not in raw}
    refused: dict[str, InvalidAnswer] = {}
    for again in (False, True):
        for key in [*refused] if again else [*raw]:
            allowed = {ask.key for ask in asks(pack, kind, answers, new)}
            try:
                if key not in allowed:
                    raise InvalidAnswer("error.not_asked")
                new[key] = engine.accept(pack, {**answers, **new}, key, raw[key], clock.current().today())
                refused.pop(key, None)
            except InvalidAnswer as error:
                refused[key] = error
    alive = {ask.key for ask in asks(pack, kind, answers, new)}
    kept = {key: value for key, value in new.items() if key in alive and value != answers.get(key)}
    return kept, {key: error for key, error in refused.items() if key in alive}


def lacking(pack: Pack, change: RegistryChange, answers: Mapping[str, Any], photos: int) -> str:
    """The sentence of what keeps the request from being handed in; empty when nothing does."""
    held, kind = dossier(change), kind_of(pack, change.kind)
    fields = asks(pack, kind, answers, held.new)
    if fields and not held.new:
        return "office.change_nothing"
    if not fields and not change.reason:
        return "office.change_reason_missing"
    if any(ask.required and ask.key not in held.new and ask.key not in answers for ask in fields):
        return "office.change_incomplete"
    return "office.change_no_evidence" if kind.evidence and not photos else ""


def submit(change_id: str, app_id: str, version: int, agreed: bool, staff: Staff | None = None) -> RegistryChange:
    """Hand the request in: to the unit for its opinion, to the office where the unit itself asks, the office collects,
    or the office alone wanted to see more.

    Raises NotFound, Conflict, InvalidAnswer (nothing new, no proof, not agreed).
    """
    staff_id = staff.id if staff is not None else None
    with unit_of_work() as session:
        found = editable(session, change_id, app_id, version)
        subject = record.loaded(session, session.get_one(Application, app_id))
        application = subject.application
        if not is_open_to(session, application):
            raise Conflict("office.change_changed")
        other = current(session, app_id)
        if other is not None and other.id != found.id:
            raise Conflict("office.change_open")
        photos = change_pages.pages(session, found.id, app_id)
        problem = lacking(subject.pack, found, subject.held.answers, len(photos))
        if problem:
            raise InvalidAnswer(problem)
        if not agreed:
            raise InvalidAnswer("office.change_agree")
        found.evidence = [page.id for page in photos]
        found.state = _next(session, found, application)
        found.answer, found.asked_at = "", clock.current().now()
        actor = events.APPLICANT if staff_id is None else events.staff_actor(staff_id)
        about = {"change": found.id, "what": found.kind, "keys": sorted(dossier(found).new), "agreed": True}
        event = events.append(session, application, "change_asked", actor, **about)
        code = "notice.change_asked" if staff_id is None else "notice.change_entered"
        notices.tell(session, application, f"change:{found.id}:{event.seq}", code, receipt=application.receipt)
        if staff_id is not None:
            audit.write(session, staff_id, audit.ASK_CHANGE, f"application:{app_id}", found.kind)
        return found


def _next(session: Session, change: RegistryChange, application: Application) -> str:
    held = dossier(change)
    unit = session.get(UnitRow, application.unit_id) if application.unit_id else None
    if unit is None or unit.office or held.back == OFFICE:
        return OFFICE
    return UNIT


def withdraw(change_id: str, app_id: str) -> None:
    """The person takes the request back, or drops what is begun. Raises NotFound, Conflict once it is decided."""
    with unit_of_work() as session:
        application = record.locked(session, app_id)
        found = session.get(RegistryChange, change_id, with_for_update=True, populate_existing=True)
        if found is None or found.application_id != app_id:
            raise NotFound("office.not_found")
        if found.state == DRAFT:
            change_pages.drop_all(session, found.id, app_id)
            session.delete(found)
            return
        if found.state not in OPEN:
            raise Conflict("office.change_changed")
        found.state, found.settled_at = WITHDRAWN, clock.current().now()
        found.sealed, found.reason, found.evidence = None, "", []  # nobody needs any more what was asked for
        change_pages.drop_all(session, found.id, app_id)
        events.append(session, application, "change_withdrawn", events.APPLICANT, change=found.id, what=found.kind)
