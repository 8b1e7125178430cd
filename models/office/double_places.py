"""Where a person stands in a programme: on a unit's list, in a draft that a unit has entered, or handed in. Looked for
by blind index or by id; what has been entered, mended, dropped or withdrawn since is simply not found any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.application import lifecycle
from models.application.tables import Application, Round
from models.office import identity_numbers
from models.office.batch_rows import unseal
from models.office.batch_tables import Batch, BatchRow, Confirmation
from models.office.batches import ENTERING, FAULTY, NEW, READ, READING, READY
from models.programme.entry_columns import entry_columns
from models.programme.loader import load_pack

ROW, DRAFT, APPLICATION = "row", "draft", "application"


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody at a unit. `kind`: row | draft | application; `state`: of the row, of the consent that the unit waits
    for, or of the application."""

    id: str
    kind: str
    unit_id: str
    index: str = field(repr=False)
    version: int
    at: datetime
    state: str
    name: str = field(default="", repr=False)
    number: str = field(default="", repr=False)  # masked
    receipt: str = ""
    entered: bool = False  # by a unit, not by the person alone
    uploaded: bool = False  # the list came as a file

    @property
    def handed_in(self) -> bool:
        """Whether it is an application; anything else is only what a unit has written down."""
        return self.kind == APPLICATION


def by_index(session: Session, slug: str, indexes: Collection[str]) -> list[Place]:
    """Every place of these people in the programme, without names and numbers."""
    wanted = [list(indexes)] * 3
    columns = (BatchRow.person_index, Confirmation.person_index, Application.person_index)
    return _found(session, slug, columns, wanted)


def by_id(session: Session, slug: str, ids: Collection[str], *, named: bool = False) -> dict[str, Place]:
    """Those of these places that are still there, by id; `named`: with names and masked numbers."""
    columns = (BatchRow.id, Application.id, Application.id)
    return {one.id: one for one in _found(session, slug, columns, [list(ids)] * 3, named=named)}


def of_batch(session: Session, batch_id: str) -> list[Place]:
    """The places that a list holds."""
    return _rows(session, programme_of(session, batch_id), BatchRow.batch_id == batch_id)


def programme_of(session: Session, batch_id: str) -> str:
    """The programme that a list is for; empty where the list is no more."""
    query = select(Round.programme).join(Batch, Batch.round_id == Round.id).where(Batch.id == batch_id)
    return session.scalar(query) or ""


Columns = tuple[InstrumentedAttribute[str | None] | InstrumentedAttribute[str], ...]


def _found(
    session: Session, slug: str, columns: Columns, wanted: list[list[str]], *, named: bool = False
) -> list[Place]:
    row, draft, application = (column.in_(values) for column, values in zip(columns, wanted, strict=True))
    return [
        *_rows(session, slug, row, named=named),
        *_drafts(session, slug, draft, named=named),
        *_applications(session, slug, application, named=named),
    ]


def _rows(session: Session, slug: str, which: ColumnElement[bool], *, named: bool = False) -> list[Place]:
    query = select(BatchRow, Batch).join(Batch, Batch.id == BatchRow.batch_id).join(Round, Round.id == Batch.round_id)
    query = query.where(
        Round.programme == slug,
        BatchRow.person_index.is_not(None),
        BatchRow.state.in_((NEW, READY, FAULTY)),
        Batch.state.in_((READING, READ, ENTERING)),
        which,
    )
    out = []
    for row, batch in session.execute(query):
        name, number = _of_row(slug, row, batch) if named else ("", "")
        head = (row.id, ROW, batch.unit_id, row.person_index or "", row.version, batch.created_at, row.state)
        out.append(Place(*head, name, number, entered=True, uploaded=bool(batch.name)))
    return out


def _drafts(session: Session, slug: str, which: ColumnElement[bool], *, named: bool = False) -> list[Place]:
    query = select(Application, Confirmation).join(Confirmation, Confirmation.application_id == Application.id)
    query = query.where(
        Application.programme == slug,
        Application.status == lifecycle.DRAFT,
        Confirmation.person_index.is_not(None),
        which,
    )
    out = []
    rows = session.execute(query).all()
    numbers = identity_numbers.masked(session, [row[0] for row in rows]) if named else {}
    for found, waiting in rows:
        head = (found.id, DRAFT, waiting.unit_id, waiting.person_index or "", found.version, waiting.created_at)
        more = (waiting.state, found.name or "", numbers.get(found.id, ""), found.receipt)
        out.append(Place(*head, *more, entered=True))
    return out


def _applications(session: Session, slug: str, which: ColumnElement[bool], *, named: bool = False) -> list[Place]:
    query = select(Application, Confirmation.application_id).outerjoin(
        Confirmation, Confirmation.application_id == Application.id
    )
    query = query.where(
        Application.programme == slug,
        Application.person_index.is_not(None),
        Application.status.in_(lifecycle.LIVE),
        Application.unit_id.is_not(None),
        which,
    )
    out = []
    rows = session.execute(query).all()
    numbers = identity_numbers.masked(session, [row[0] for row in rows]) if named else {}
    for found, entered in rows:
        at = found.submitted_at or found.created_at
        head = (found.id, APPLICATION, found.unit_id or "", found.person_index or "", found.version, at, found.status)
        number = numbers.get(found.id, "")
        out.append(Place(*head, found.name or "", number, found.receipt, entered=entered is not None))
    return out


def _of_row(slug: str, row: BatchRow, batch: Batch) -> tuple[str, str]:
    """The name as it stands on the list, and the number masked."""
    known = {one.key: one for one in entry_columns(load_pack(slug))}
    cells = unseal(row.id, row.sealed).cells if row.sealed else ()
    said = {key: cells[at].strip() for at, key in enumerate(batch.columns) if key and at < len(cells)}
    numbers = [said[key] for key, one in known.items() if one.identity and said.get(key)]
    return said.get("field:name", "")[:100], identity_numbers.veil(numbers[0]) if numbers else ""
