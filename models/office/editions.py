"""Editions of a unit's workbooks: what each held, row by row, when it was built and taken out.

An edition is written with the workbook's build, so that the file can name it, and becomes one of the counted ones when
somebody takes it out; until then the next build replaces it. The same content is the same edition, whenever it comes
again. Nothing here reads what a unit has filled in but through the sealed rows, which lose whoever leaves.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models import clock, crypto
from models.office import sealing
from models.office.edition_tables import Edition
from models.office.tables import Workbook

Row = Mapping[str, str]  # by column (`official_columns.Slot.id`): the cell's text; a cell that is empty is left out
Rows = Mapping[str, Row]  # by key: an application's id, or that of a row of a unit's table

SEQUENCE: Final = "seq"  # a number that says nothing of the row itself: in no edition


@dataclass(frozen=True, slots=True)
class Made:
    """An edition as a build makes it."""

    round_id: str
    unit_id: str
    kind: str
    content_hash: str
    pack_version: str
    rows: Rows

    @property
    def id(self) -> str:
        """The edition's id: the same for the same content."""
        return edition_id(self.round_id, self.unit_id, self.kind, self.content_hash)


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that is otherwise; an empty text is an empty cell."""

    key: str
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different between two editions, by the rows' keys: in the order of the later one, gone ones at last."""

    added: tuple[str, ...]
    changed: tuple[CellChange, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


def edition_id(round_id: str, unit_id: str, kind: str, content_hash: str) -> str:
    """The id of the edition with this content (`Workbook.content_hash`): known before it is built."""
    return hashlib.sha256(f"edition:{round_id}:{unit_id}:{kind}:{content_hash}".encode()).hexdigest()[:32]


def record(session: Session, made: Made, at: datetime) -> Edition:
    """Write down what has been built, within the transaction that records the build (under its locks)."""
    ident = made.id
    same = (Edition.round_id == made.round_id, Edition.unit_id == made.unit_id, Edition.kind == made.kind)
    session.execute(delete(Edition).where(*same, Edition.taken_at.is_(None), Edition.id != ident))
    found = session.get(Edition, ident, populate_existing=True)
    if found is not None:
        return found
    last = session.scalar(select(func.max(Edition.number)).where(*same)) or 0
    edition = Edition(
        id=ident,
        round_id=made.round_id,
        unit_id=made.unit_id,
        kind=made.kind,
        number=last + 1,
        content_hash=made.content_hash,
        pack_version=made.pack_version,
        rows=len(made.rows),
        people="\n".join(made.rows),
        sealed=sealed(ident, made.rows),
        made_at=at,
    )
    session.add(edition)
    session.flush()
    return edition


def of(session: Session, workbook: Workbook) -> Edition | None:
    """What the workbook holds as it is kept now; None of people's forms, and while it waits to be built."""
    return session.get(Edition, edition_id(workbook.round_id, workbook.unit_id, workbook.kind, workbook.content_hash))


def take(session: Session, workbook: Workbook, staff_id: int | None) -> Edition | None:
    """Note that the workbook is taken out (downloaded, reported), within the caller's transaction: from now on its
    edition stays. None as of `of`."""
    edition = of(session, workbook)
    if edition is not None:
        edition.taken_at, edition.taken_by = clock.current().now(), staff_id
        session.flush()
    return edition


def latest(session: Session, round_id: str, unit_id: str, kind: str) -> Edition | None:
    """The edition that the unit took out last."""
    query = select(Edition).where(
        Edition.round_id == round_id,
        Edition.unit_id == unit_id,
        Edition.kind == kind,
        Edition.taken_at.is_not(None),
    )
    return session.scalar(query.order_by(Edition.taken_at.desc(), Edition.number.desc()).limit(1))


def rows(edition: Edition) -> dict[str, dict[str, str]]:
    """Each row by its key, with its cells. Needs the running app; raises crypto.Damaged."""
    held = json.loads(zlib.decompress(crypto.ring().open(edition.sealed, sealing.edition(edition.id))))
    return {str(key): {str(column): str(text) for column, text in row.items()} for key, row in held.items()}


def left(edition: Edition, held: Rows) -> tuple[str, ...]:
    """The keys of those who stood in it and have left since (withdrawn, erased): of them it holds nothing else.
    `held`: its `rows`."""
    return tuple(key for key in edition.people.split("\n") if key and key not in held)


def changes(old: Rows, new: Rows) -> Changes:
    """What is otherwise in `new`."""
    changed = [
        CellChange(key, column, old[key].get(column, ""), row.get(column, ""))
        for key, row in new.items()
        if key in old
        for column in dict.fromkeys([*old[key], *row])
        if old[key].get(column, "") != row.get(column, "")
    ]
    added = tuple(key for key in new if key not in old)
    return Changes(added, tuple(changed), tuple(key for key in old if key not in new))


def forget(session: Session, keys: Sequence[str]) -> None:
    """Take the rows of whoever leaves out of every edition, within the caller's transaction; the key stays."""
    for key in keys:
        for edition in session.scalars(select(Edition).where(Edition.people.contains(key)).with_for_update()):
            held = rows(edition)
            if held.pop(key, None) is not None:
                edition.sealed = sealed(edition.id, held)
    session.flush()


def sealed(ident: str, held: Rows) -> bytes:
    """`held` as it is kept in the edition `ident`."""
    plain = json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return crypto.ring().seal(zlib.compress(plain), sealing.edition(ident))
