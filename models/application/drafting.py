"""The applicant's changes: start, record, forget."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, insert, select, update
from sqlalchemy.orm import Session

from models import clock, detached
from models.application import answers, events, lifecycle, receipt, record, rounds, snapshots, ways
from models.application.snapshots import Snapshot
from models.application.tables import Application, ConsentRecord, new_id
from models.errors import InvalidAnswer
from models.frozen import dataclass
from models.interview import engine
from models.interview.steps import Plan, ShowVerdict
from models.programme.loader import load_pack
from models.statements import Statement
from models.unit_of_work import joined, unit_of_work

NAME = "field:name"  # by convention the person's name, shown in staff lists


@dataclass(frozen=True, slots=True)
class Started:
    """A new application, which belongs to no session. The token opens it from another device; only its hash is kept,
    so it is told once."""

    application: Application
    resume_token: str


def resume_hash(token: str) -> str:
    """How a resume token is found again."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(slug: str, door: str, language: str, actor: str = events.APPLICANT, by_unit: str | None = None) -> Started:
    """Begin an application in the round that is open today; raises NotOpen. `actor` and `by_unit`: who of staff enters
    somebody, and for which unit."""
    pack = load_pack(slug)
    now = clock.current().now()
    with joined() as session:
        token = secrets.token_urlsafe(24)
        values: dict[str, Any] = {  # written once, as what it is after its first event
            "id": new_id(),
            "programme": slug,
            "pack_version": pack.programme.version,
            "round_id": rounds.open_id(slug, clock.current().today()),
            "status": lifecycle.step(lifecycle.NEW, "started"),
            "version": 1,
            "language": language,
            "receipt": _free_receipt(session),
            "resume_hash": resume_hash(token),
            "created_at": now,
            "updated_at": now,
            **dict.fromkeys(("unit_id", "person_index", "name", "submitted_at")),
            **{name: [] for name in ("categories", "returned_keys", "corrected_keys")},
        }
        application = detached.made(Application, values)
        (row,) = _START.rows(session, values)
        said = {"door": door} | ({"by_unit": by_unit} if by_unit else {})
        first = events.write(session, application.id, 1, "started", actor, now, said)
        snapshots.begun(session, row, application, pack, first)
    return Started(application, token)


def _free_receipt(session: Session) -> str:
    while True:
        code = receipt.make()
        if not _RECEIPT.rows(session, {"code": code}):
            return code


_START = Statement(
    insert(Application.__table__)  # type: ignore[arg-type]
    .values({column.name: bindparam(column.name) for column in snapshots.COLUMNS})
    .returning(*snapshots.COLUMNS)
)
_RECEIPT = Statement(
    select(Application.id).where(Application.receipt == bindparam("code", type_=Application.receipt.type))
)


def record_answers(app_id: str, values: Mapping[str, Any], door: str) -> Application:
    """Save these answers, all or none; raises the first InvalidAnswer."""
    with joined() as session:
        return record_in(session, record.for_answers(session, app_id), values, door).application


def record_in(session: Session, subject: record.Draft, values: Mapping[str, Any], door: str) -> Kept:
    """The same on what was read before, in the caller's transaction. Raises InvalidAnswer before anything is written,
    StaleDataError where somebody else has changed it since."""
    accepted, refused = _accept(subject, values)
    for refusal in refused.values():
        raise refusal
    return keep(session, subject, accepted, door)


def save_partial(app_id: str, values: Mapping[str, Any], door: str) -> dict[str, InvalidAnswer]:
    """Save what is valid and give back what is not, by key; the door keeps the person's input beside it."""
    with joined() as session:
        subject = record.for_answers(session, app_id)
        accepted, refused = _accept(subject, values)
        keep(session, subject, accepted, door)
        return refused


def forget(app_id: str, keys: Iterable[str], door: str) -> None:
    """Drop answers, so that they are asked again. Pages of a document stay (see `remove_page`)."""
    wanted = list(keys)
    with unit_of_work() as session:
        subject = record.draft(session, app_id)
        for key in wanted:
            record.require_reopened(subject, key)
        answers.drop(session, app_id, wanted)
        for key in wanted:
            if key.startswith("consent:"):
                _end_consent(session, app_id, key.partition(":")[2])
        name = None if NAME in wanted else subject.application.name
        record.touch(session, subject, name, ())


def change_way(app_id: str, way: str, door: str) -> Application:
    """Come by another way in (a channel): one answer. Where the verdict was read and only the collecting unit is
    another now, it stands. Raises InvalidAnswer."""
    with unit_of_work() as session:
        subject = record.draft(session, app_id)
        key, before = ways.fact_key(subject.pack), subject.plan()
        accepted, refused = _accept(subject, {key: way})
        for refusal in refused.values():
            raise refusal
        keep(session, subject, accepted, door)
        subject = record.loaded(session, subject.application)
        after = subject.plan()
        if "verdict" in before.answered and isinstance(after.step, ShowVerdict) and _same(before, after):
            keep(session, subject, _accept(subject, {"verdict": True})[0], door)
        return subject.application


def _same(before: Plan, after: Plan) -> bool:
    """Whether two verdicts differ in the collecting unit alone."""
    one, other = before.assessment, after.assessment
    return one.outcome is other.outcome and one.categories == other.categories


def _accept(subject: record.Draft, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, InvalidAnswer]]:
    """Validate one after the other, each against the plan that the ones before it make.

    A form may send a field before the one that brings it up, so what is not asked is tried once more at the end.
    """
    accepted: dict[str, Any] = {}
    refused = _accept_each(subject, values, accepted)
    if refused and accepted:
        early = {key: values[key] for key, refusal in refused.items() if refusal.key == "error.not_asked"}
        for key in early:
            del refused[key]
        refused |= _accept_each(subject, early, accepted)
    return accepted, refused


def _accept_each(
    subject: record.Draft, values: Mapping[str, Any], accepted: dict[str, Any]
) -> dict[str, InvalidAnswer]:
    today = clock.current().today()
    present, now, refused = subject.held.answers, None if accepted else subject.plan(today), {}
    for key, raw in values.items():
        if now is None:
            present = {**subject.held.answers, **accepted}
            now = engine.plan(subject.pack, present, today)
        try:
            record.require_reopened(subject, key)
            accepted[key] = engine.accept(subject.pack, present, key, raw, today, now)
            now = None
        except InvalidAnswer as refusal:
            refused[key] = refusal
    return refused


class Kept(NamedTuple):
    """The application after a write; `snapshot` where it follows from the one before."""

    application: Application
    snapshot: Snapshot | None = None


def keep(session: Session, subject: record.Draft, accepted: Mapping[str, Any], door: str) -> Kept:
    """Write accepted answers, with the consents among them, inside the caller's transaction. Raises StaleDataError."""
    application, pack = subject.application, subject.pack
    if not accepted:
        return Kept(application, subject.snapshot)
    name = str(accepted[NAME])[:100] if NAME in accepted else application.name
    moved = record.touch(session, subject, name, accepted)
    answers.save(session, application.id, pack, accepted, door)
    moot = ways.moot_consents(pack, accepted)
    for consent in moot:
        answers.drop(session, application.id, [f"consent:{consent}"])
        _end_consent(session, application.id, consent)
    for key, value in accepted.items():
        if key.startswith("consent:"):
            _record_consent(session, subject, key.partition(":")[2], value, door)
    if moved is None:
        session.flush()
        return Kept(session.get_one(Application, application.id))
    if subject.snapshot is None:
        return Kept(moved.application)
    after = snapshots.moved(session, subject.snapshot, *moved, accepted, [f"consent:{consent}" for consent in moot])
    return Kept(after.application, after)


def _record_consent(session: Session, subject: record.Draft, consent_id: str, value: Any, door: str) -> None:
    version = next((c.version for c in subject.pack.programme.consents if c.id == consent_id), None)
    if value is not True or version is None:
        _end_consent(session, subject.application.id, consent_id)
        return
    given = {"app_id": subject.application.id, "name": consent_id, "version": version, "door": door}
    _GIVE_CONSENT.run(session, {**given, "given_at": clock.current().now(), "ident": new_id()})


def _end_consent(session: Session, app_id: str, consent_id: str) -> None:
    _END_CONSENTS.run(session, {"app_id": app_id, "name": consent_id, "now": clock.current().now()})


_LIVE = (
    ConsentRecord.application_id == bindparam("app_id", type_=ConsentRecord.application_id.type),
    ConsentRecord.consent == bindparam("name", type_=ConsentRecord.consent.type),
    ConsentRecord.withdrawn_at.is_(None),
)
_END_CONSENTS = Statement(update(ConsentRecord).where(*_LIVE).values(withdrawn_at=bindparam("now")))
_TO_TEXT = bindparam("version", type_=ConsentRecord.version.type)
_GIVEN = {
    "id": bindparam("ident", type_=ConsentRecord.id.type),
    "application_id": bindparam("app_id", type_=ConsentRecord.application_id.type),
    "consent": bindparam("name", type_=ConsentRecord.consent.type),
    "version": _TO_TEXT,
    "door": bindparam("door", type_=ConsentRecord.door.type),
    "given_at": bindparam("given_at", type_=ConsentRecord.given_at.type),
}
_GIVE_CONSENT = Statement(  # a consent to this text that stands is not given once more
    insert(ConsentRecord).from_select(
        list(_GIVEN),
        select(*_GIVEN.values()).where(~exists().where(*_LIVE, ConsentRecord.version == _TO_TEXT)),
        include_defaults=False,
    )
)
