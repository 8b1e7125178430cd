"""Sealing again, and counting what each key still opens, in pieces of some seconds: for a job that lets others in
between. How far it is lies in one record; a piece that is done twice, or broken off, does nothing wrong.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine, Row, literal, select, tuple_

from models import clock, resealing, sealed
from models.application import channel_state
from models.crypto import Damaged
from models.errors import NotFound
from models.extensions import reading
from models.resealing import BATCH, Outcome
from models.sealed import Place, StoredFile
from models.storage import Storage

JOB = "seal_again"
COUNT, SEAL = "count", "seal"
RECORDS, FILES, DONE, STALE = "records", "files", "done", "stale"
_PLACES = (*sealed.FILES, sealed.PARTS)
_KEY: channel_state.Key = ("keys", "office", "sealing")
Over = Callable[[], bool]  # whether the time of a piece is up


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `work`: seal, then count, or count alone; `stage`: records, then files, then done, or stale:
    whoever works does not know the key that stood in front when it began (`first`). `place` and `after` say which files
    have been passed. `records`, `files`: how many each key id still opens, as counted; `counted_at`: when that was."""

    run: str
    work: str
    first: str
    at: str
    stage: str = RECORDS
    pieces: int = 0
    place: int = 0
    after: tuple[Any, ...] = ()
    records: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)
    missing: int = 0
    sealed_records: int = 0
    sealed_files: int = 0
    overtaken: int = 0
    trouble: int = 0
    counted_at: str = ""

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to do in this run."""
        return self.stage in (DONE, STALE)

    @property
    def moment(self) -> datetime:
        """When it was last written down."""
        return datetime.fromisoformat(self.at)


class _Enough(Exception):
    """The time of this piece is up."""


def keep(progress: Progress) -> None:
    """Write down how far it is, in a transaction of its own."""
    now = clock.current().now()
    channel_state.put(_KEY, json.dumps(asdict(replace(progress, at=now.isoformat()))), now)


def latest() -> Progress | None:
    """How far the last run is; None where there was none."""
    kept = channel_state.told(_KEY, clock.current().now())
    if kept is None:
        return None
    said = json.loads(kept)
    return Progress(**{**said, "after": tuple(said["after"])})


def piece(engine: Engine, storage: Storage, progress: Progress, over: Over) -> Progress:
    """Do the next piece, until `over`. Raises StorageAway: the piece is not written down, and is done again."""
    progress = replace(progress, pieces=progress.pieces + 1)
    begun = progress.stage
    if begun == RECORDS:
        progress = _records(engine, storage, progress, over)
    if progress.stage == FILES and (begun == FILES or not over()):  # every piece gets on by something
        progress = _files(engine, storage, progress, over)
    if progress.stage == DONE and progress.work == SEAL:  # what is left is worth knowing
        return replace(progress, work=COUNT, stage=RECORDS, place=0, after=(), records={}, files={}, missing=0)
    if progress.stage == DONE:
        return replace(progress, counted_at=clock.current().now().isoformat())
    return progress


def _records(engine: Engine, storage: Storage, progress: Progress, over: Over) -> Progress:
    if progress.work == COUNT:
        with reading(), engine.connect() as connection:
            found = resealing.record_counts(connection, storage.keys)
        return replace(progress, stage=FILES, records=dict(found.records))

    def tell(_line: str) -> None:
        if over():
            raise _Enough

    outcome, whole = Outcome(), True
    try:
        resealing.reseal_records(engine, storage.keys, outcome, tell)
    except _Enough:
        whole = False
    done = replace(
        progress,
        sealed_records=progress.sealed_records + outcome.records,
        overtaken=progress.overtaken + outcome.overtaken,
    )
    # What does not open is met again by each piece: the one that comes to the end has met all of it.
    return replace(done, stage=FILES, trouble=len(outcome.trouble)) if whole else done


def _files(engine: Engine, storage: Storage, progress: Progress, over: Over) -> Progress:
    files, missing = Counter(progress.files), progress.missing
    sealed_files, overtaken, trouble = progress.sealed_files, progress.overtaken, progress.trouble
    first = storage.keys.ids[0]
    place, after, stage = progress.place, progress.after, DONE
    for page in _walk(engine, progress.place, progress.after):
        place, after = page.number, page.after
        for file in page.files:
            try:
                by = storage.sealed_by(file.key)
                if progress.work == COUNT:
                    files[by] += 1
                elif by != first:
                    done = storage.reseal(file.key, file.bound_to)
                    sealed_files += done
                    overtaken += not done
            except NotFound:
                gone = file.key in page.named_now()  # a photo may have been looked at or taken away meanwhile
                missing += gone
                trouble += gone and progress.work == SEAL
            except Damaged:
                trouble += 1
        if over():
            stage = FILES
            break
    return replace(
        progress,
        stage=stage,
        place=place,
        after=after,
        files=dict(files),
        missing=missing,
        sealed_files=sealed_files,
        overtaken=overtaken,
        trouble=trouble,
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """Some files that the records of one place name, up to the record `after`."""

    number: int
    after: tuple[Any, ...]
    files: list[StoredFile]
    named_now: Callable[[], set[str]]  # what these records name if they are asked again


def _walk(engine: Engine, begin: int, after: tuple[Any, ...]) -> Iterator[_Page]:
    """Files that records name, from behind `after` of the place `begin` on, some at a time."""
    for number, place in enumerate(_PLACES):
        if number < begin:
            continue
        at: tuple[Any, ...] = after if number == begin else ()
        keys = len(place.table.primary_key.columns)
        while rows := _rows(engine, place, at):
            before, at = at, tuple(rows[-1][1 : 1 + keys])
            yield _Page(number, at, _files_of(place, rows), partial(_keys_now, engine, place, before))


def _keys_now(engine: Engine, place: Place, after: tuple[Any, ...]) -> set[str]:
    return {file.key for file in _files_of(place, _rows(engine, place, after))}


def _rows(engine: Engine, place: Place, after: tuple[Any, ...]) -> Sequence[Row[Any]]:
    with reading(), engine.connect() as connection:
        return connection.execute(_page(place, after)).all()


def _files_of(place: Place, rows: Sequence[Row[Any]]) -> list[StoredFile]:
    keys = len(place.table.primary_key.columns)
    return [file for row in rows for file in _named(place, row[0], row[1 + keys :])]


def _page(place: Place, after: tuple[Any, ...]) -> Any:
    keys = list(place.table.primary_key.columns)
    query = select(place.column, *keys, *place.of).where(place.column.is_not(None)).order_by(*keys).limit(BATCH)
    return query.where(tuple_(*keys) > tuple_(*(literal(value) for value in after))) if after else query


def _named(place: Place, value: Any, of: Any) -> Iterator[StoredFile]:
    if place is not sealed.PARTS:
        if value:
            yield StoredFile(value, place.bound_to(*of), place.name, tuple(of))
        return
    for part in value:
        yield StoredFile(part["key"], place.bound_to(*of, part), place.name, tuple(of))
