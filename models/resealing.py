"""Sealing everything again under the first key of the ring, so that an older key is needed for nothing any more.

Safe while the system runs: a row or file is replaced only if it still is what was read, and both keys open what is
read meanwhile. Killed at any moment it goes on where it was, because what the first key has sealed is passed over.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, literal, select, tuple_, update
from sqlalchemy.engine import CursorResult

from models import sealed
from models.crypto import Damaged, KeyRing, head_of, sealed_by
from models.errors import NotFound
from models.extensions import reading, writing
from models.sealed import Place, StoredFile
from models.storage import Storage

BATCH = 200  # rows a transaction
Tell = Callable[[str], object]


@dataclass(slots=True)
class Counts:
    """How much each key of the ring still opens, by key id; `other`: what no key of the ring has sealed."""

    records: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)
    missing: int = 0  # files that a record names and that are not there

    def opens(self, key_id: str) -> int:
        """Records and files."""
        return self.records[key_id] + self.files[key_id]


@dataclass(slots=True)
class Outcome:
    """What one run did. `trouble` names, by table and id, what did not open or is missing: never what it says."""

    records: int = 0
    files: int = 0
    overtaken: int = 0  # changed by somebody else meanwhile
    trouble: list[str] = field(default_factory=list)


def counts(connection: Connection, storage: Storage) -> Counts:
    """Look through everything, opening nothing."""
    found = record_counts(connection, storage.keys)
    for file in sealed.files(connection):
        try:
            found.files[storage.sealed_by(file.key)] += 1
        except NotFound:
            found.missing += 1
    return found


def record_counts(connection: Connection, ring: KeyRing) -> Counts:
    """Look through the records alone, opening nothing."""
    found = Counts()
    for place in sealed.COLUMNS:
        total = connection.scalar(select(func.count(place.column))) or 0
        for key_id in ring.ids:
            held = (
                connection.scalar(select(func.count(place.column)).where(_begins(place.column, head_of(key_id)))) or 0
            )
            found.records[key_id] += held
            total -= held
        found.records["other"] += total
    for place in sealed.TEXTS:
        for (value,) in connection.execute(select(place.column), execution_options={"yield_per": 500}):
            found.records.update(sealed_by(envelope) for envelope in _envelopes(value))
    return found


def reseal(engine: Engine, storage: Storage, tell: Tell) -> Outcome:
    """Seal again whatever another key than the first has sealed; `tell` gets lines on how far it is."""
    outcome = Outcome()
    reseal_records(engine, storage.keys, outcome, tell)
    _seal_files(engine, storage, outcome, tell)
    return outcome


def reseal_records(engine: Engine, ring: KeyRing, outcome: Outcome, tell: Tell) -> None:
    """The records alone. What `tell` raises between two batches ends it: the next call goes on from there."""
    for place in sealed.COLUMNS:
        before = outcome.records
        for rows in _remaining(engine, place, ring):
            _seal_rows(engine, place, ring, rows, outcome)
            tell(f"{place.name}: {outcome.records - before} sealed again")
    for place in sealed.TEXTS:
        before = outcome.records
        _seal_texts(engine, place, ring, outcome)
        if outcome.records > before:
            tell(f"{place.name}: {outcome.records - before} sealed again")


def _begins(column: Any, head: bytes) -> ColumnElement[bool]:
    return func.substr(column, 1, len(head)) == literal(head)


def _remaining(engine: Engine, place: Place, ring: KeyRing) -> Iterator[Sequence[Row[Any]]]:
    """Rows of another key, in batches, each passed once: (envelope, the primary key's values…, those of `of`…)."""
    keys = list(place.table.primary_key.columns)
    query = (
        select(place.column, *keys, *place.of)
        .where(place.column.is_not(None), ~_begins(place.column, ring.head))
        .order_by(*keys)
        .limit(BATCH)
    )
    after: tuple[Any, ...] | None = None
    while True:
        page = query if after is None else query.where(tuple_(*keys) > tuple_(*(literal(value) for value in after)))
        with reading(), engine.connect() as connection:
            rows = connection.execute(page).all()
        if not rows:
            return
        after = tuple(rows[-1][1 : 1 + len(keys)])
        yield rows


def _seal_rows(engine: Engine, place: Place, ring: KeyRing, rows: Sequence[Row[Any]], outcome: Outcome) -> None:
    keys, column = list(place.table.primary_key.columns), place.table.c[place.column.key]
    ready = []
    for row in rows:
        before, own, of = row[0], row[1 : 1 + len(keys)], row[1 + len(keys) :]
        bound_to = place.bound_to(*of)
        try:
            ready.append((before, own, ring.seal(ring.open(before, bound_to), bound_to)))
        except Damaged:
            outcome.trouble.append(f"{place.name} {'/'.join(map(str, own))}: does not open")
    with writing(), engine.begin() as connection:
        for before, own, after in ready:
            same = [key == value for key, value in zip(keys, own, strict=True)]
            _count(
                connection.execute(update(place.table).where(*same, column == before).values({column: after})), outcome
            )


def _count(result: Any, outcome: Outcome) -> None:
    if cast(CursorResult[Any], result).rowcount == 1:
        outcome.records += 1
    else:
        outcome.overtaken += 1


def _seal_texts(engine: Engine, place: Place, ring: KeyRing, outcome: Outcome) -> None:
    """A conversation's state is replaced only at the version that was read. The version stays, so that a turn under way
    is not refused: it writes what it has read, under the older key, and the next run finds it."""
    keys, own = [*place.table.primary_key.columns, place.table.c.version], place.table.c[place.column.key]
    with reading(), engine.connect() as connection:
        query = select(own, *place.of, *keys)
        rows = [row for row in connection.execute(query) if _older(row[0], ring)]
    for value, *rest in rows:
        of, there = rest[: len(place.of)], rest[len(place.of) :]
        try:
            after = _sealed_again(value, ring, place.bound_to(*of))
        except Damaged:
            outcome.trouble.append(f"{place.name} {'/'.join(map(str, there[:-1]))}: does not open")
            continue
        same = [key == value for key, value in zip(keys, there, strict=True)]
        with writing(), engine.begin() as connection:
            _count(connection.execute(update(place.table).where(*same).values({own: after})), outcome)


def _older(value: Any, ring: KeyRing) -> bool:
    return any(sealed_by(envelope) != ring.ids[0] for envelope in _envelopes(value))


def _envelopes(value: Any) -> Iterator[bytes]:
    """The envelopes among the texts of a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _envelopes(item)
    elif isinstance(value, str) and (envelope := _decoded(value)) is not None:
        yield envelope


def _sealed_again(value: Any, ring: KeyRing, bound_to: str) -> Any:
    if isinstance(value, dict):
        return {name: _sealed_again(item, ring, bound_to) for name, item in value.items()}
    if isinstance(value, list):
        return [_sealed_again(item, ring, bound_to) for item in value]
    envelope = _decoded(value) if isinstance(value, str) else None
    if envelope is None:
        return value
    return base64.b64encode(ring.seal(ring.open(envelope, bound_to), bound_to)).decode()


def _decoded(text: str) -> bytes | None:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if len(data) > 40 and sealed_by(data) else None


def _seal_files(engine: Engine, storage: Storage, outcome: Outcome, tell: Tell) -> None:
    with reading(), engine.connect() as connection:
        named = list(sealed.files(connection))
    for file in named:
        try:
            if storage.sealed_by(file.key) == storage.keys.ids[0]:
                continue
            done = storage.reseal(file.key, file.bound_to)
        except NotFound:
            outcome.trouble.append(_missing(file))
        except Damaged:
            outcome.trouble.append(f"{file.named_by} {'/'.join(file.of)}: the file does not open")
        else:
            outcome.files += done
            outcome.overtaken += not done
            if outcome.files % BATCH == 0:
                tell(f"files: {outcome.files} sealed again, of {len(named)}")
    if outcome.files:
        tell(f"files: {outcome.files} sealed again, of {len(named)}")


def _missing(file: StoredFile) -> str:
    return f"{file.named_by} {'/'.join(file.of)}: the file is missing"
