"""Reading and writing the answers of one application; sensitive ones are sealed for exactly their row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from sqlalchemy import BindParameter, Executable, bindparam, delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import clock, crypto
from models.application.tables import Answer, ConsentRecord, DocumentPage
from models.frozen import dataclass
from models.interview.fitting import fitted, read
from models.interview.prepared import prepared
from models.json_text import dumps, loads
from models.programme.pack import Pack
from models.statements import Statement

_ID: BindParameter[str] = bindparam("id", type_=Answer.application_id.type)
# Sent at every step of every door.
_ANSWERS = Statement(select(Answer.key, Answer.value, Answer.sealed).where(Answer.application_id == _ID))
_CONSENTS = Statement(
    select(ConsentRecord.consent, ConsentRecord.version).where(
        ConsentRecord.application_id == _ID, ConsentRecord.withdrawn_at.is_(None)
    )
)
_PAGE_COUNTS = Statement(
    select(DocumentPage.document, func.count())
    .where(
        DocumentPage.application_id == _ID, DocumentPage.removed_at.is_(None), DocumentPage.state != literal("retake")
    )
    .group_by(DocumentPage.document)
)


@dataclass(frozen=True, slots=True)
class Stored:
    """All answers as they are kept: decrypted, consents to an older text left out. Shared: never changed."""

    answers: Mapping[str, Any] = field(repr=False)
    sealed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Held:
    """All answers in the engine's terms, and which of them are kept sealed."""

    answers: dict[str, Any] = field(repr=False)
    sealed: frozenset[str]
    asleep: frozenset[str] = frozenset()  # stored for another version of the pack, not readable by this one


def sensitive_keys(pack: Pack) -> frozenset[str]:
    """Keys of answers that are encrypted at rest and masked for staff."""
    return prepared(pack).sensitive


def place(application_id: str, key: str) -> str:
    """What a sealed answer is bound to."""
    return f"answer:{application_id}:{key}"


def load(session: Session, application_id: str, pack: Pack) -> Held:
    """The answers as the engine reads them: decrypted, pages counted, consents to an older text left out, and what
    this version of the pack cannot read asleep."""
    return held(pack, stored(session, application_id, pack), page_counts(session, application_id))


def page_counts(session: Session, application_id: str) -> dict[str, int]:
    """Pages that count (neither removed nor to be taken again) by document."""
    return dict(_PAGE_COUNTS.rows(session, {"id": application_id}))


def stored(session: Session, application_id: str, pack: Pack) -> Stored:
    """The answers as they are kept."""
    given = {"id": application_id}
    found: dict[str, Any] = {}
    sealed = set()
    for row in _ANSWERS.rows(session, given):
        key, value, envelope = _ANSWERS.converted(session, row)
        if envelope is not None:
            value = unseal(application_id, key, envelope)
            sealed.add(key)
        found[key] = _canonical(key, value)
    _drop_outdated_consents(pack, found, set(_CONSENTS.rows(session, given)))
    return Stored(found, frozenset(sealed))


def held(pack: Pack, kept: Stored, counts: Mapping[str, int]) -> Held:
    """The same in the engine's terms, with so many pages that count in each document."""
    read = fitted(pack, {**kept.answers, **{f"document:{document}": count for document, count in counts.items()}})
    return Held(read.answers, kept.sealed, read.asleep)


def held_after(pack: Pack, before: Held, after: Stored, keys: Iterable[str], gone: Iterable[str] = ()) -> Held:
    """The same after answers to `keys` were saved and those to `gone` dropped: what else there is reads as before."""
    awake, asleep = dict(before.answers), set(before.asleep)
    for key in (*keys, *gone):
        awake.pop(key, None)
        asleep.discard(key)
        if key in after.answers:
            value = read(pack, key, after.answers[key])
            if value is None:
                asleep.add(key)
            else:
                awake[key] = value
    return Held(awake, after.sealed, frozenset(asleep))


def kept_as(pack: Pack, kept: Stored, values: Mapping[str, Any], gone: Iterable[str] = ()) -> Stored:
    """What `stored` will give after `save`, each consent among the values given to its text of today, and `drop`."""
    found = {**kept.answers, **{key: _as_read(key, value) for key, value in values.items()}}
    for key in gone:
        found.pop(key, None)
    sealed = kept.sealed.difference(values, gone) | sensitive_keys(pack) & values.keys()
    return Stored(found, sealed)


def unseal(application_id: str, key: str, envelope: bytes) -> Any:
    """The value of a sealed answer; raises crypto.Damaged."""
    return loads(crypto.ring().open(envelope, place(application_id, key)))


def save(session: Session, application_id: str, pack: Pack, values: Mapping[str, Any], door: str) -> None:
    """Write answers, each over the one before it."""
    sealed_keys = sensitive_keys(pack)
    now = clock.current().now()
    for key, value in values.items():
        row: dict[str, Any] = {"application_id": application_id, "key": key, "door": door, "updated_at": now}
        if key in sealed_keys:
            plain = dumps(value).encode()
            row |= {"value": None, "sealed": crypto.ring().seal(plain, place(application_id, key))}
        else:
            row |= {"value": value, "sealed": None}
        _SAVE.run(session, row)


def _upsert(dialect: str) -> Executable:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(Answer)
    replaced = {name: insert.excluded[name] for name in ("value", "sealed", "door", "updated_at")}
    given = insert.values({column.name: bindparam(column.name) for column in Answer.__table__.columns})
    made: Executable = given.on_conflict_do_update(index_elements=["application_id", "key"], set_=replaced)
    return made


_SAVE = Statement(_upsert)


def drop(session: Session, application_id: str, keys: Iterable[str]) -> None:
    """Forget these answers; keys without an answer are no error."""
    for key in keys:
        _DROP.run(session, {"id": application_id, "key": key})


_DROP = Statement(delete(Answer.__table__).where(Answer.application_id == _ID, Answer.key == bindparam("key")))  # type: ignore[arg-type]


def _as_read(key: str, value: Any) -> Any:
    """A value as it comes back from where it was written."""
    return value if isinstance(value, (str, bool, int)) else _canonical(key, loads(dumps(value)))


def _canonical(key: str, value: Any) -> Any:
    """JSON has lists only; claims and facts with several choices are tuples to the rules."""
    if isinstance(value, list) and (key == "claim" or key.startswith("fact:")):
        return tuple(value)
    return value


def _drop_outdated_consents(pack: Pack, answers: dict[str, Any], given: set[tuple[str, int]]) -> None:
    for consent in pack.programme.consents:
        key = f"consent:{consent.id}"
        if answers.get(key) is True and (consent.id, consent.version) not in given:
            del answers[key]  # a new text asks again
