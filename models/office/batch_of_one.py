"""One person typed into a form: a list of one row, judged and entered by the rules of every list, without its waiting
for a worker. Nothing is kept of what cannot be entered: the form still holds it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import crypto
from models.extensions import db
from models.office import audit, batches, scope, scope_entry, unit_entering
from models.office.batch_rows import Content, Problem
from models.office.batch_tables import Batch, BatchRow
from models.office.tables import Staff
from models.programme.entry_columns import entry_columns
from models.programme.loader import load_pack
from models.unit_of_work import unit_of_work

_ID: Final = 32  # characters of a batch's id


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: the new application's id, or (empty id) what is wrong with which answer."""

    application_id: str
    problems: tuple[Problem, ...] = ()


def enter(staff: Staff, form: str, texts: Mapping[str, str]) -> Outcome:
    """Enter the person whose answers are `texts` (by key, as a cell of a list holds them). `form` tells this form from
    every other one: the same texts sent twice by it, by a second press, are one person. Raises NotOpen, InvalidAnswer
    where the unit is closed."""
    try:
        with unit_of_work() as session:
            return _enter(session, staff, form, texts)
    except IntegrityError:  # the same press was faster in another request
        known = _entered(staff, _batch_id(form, _cells(staff, texts)[1]))
        if not known:
            raise
        return Outcome(known)


def _enter(session: Session, staff: Staff, form: str, texts: Mapping[str, str]) -> Outcome:
    columns, cells = _cells(staff, texts)
    batch = batches.begun(staff, "")
    batch.id = _batch_id(form, cells)
    known = _entered(staff, batch.id)
    if known:
        return Outcome(known)
    content = Content(cells, typed=frozenset(range(len(cells))))
    pack = load_pack(scope.programme(staff))
    (judged,) = batches.judged(session, pack, batch, columns, [content], stays=False)
    if judged.content.faulty:
        return Outcome("", judged.content.problems)
    batch.columns, batch.state = [key for key, cell in zip(columns, cells, strict=True) if cell], batches.ENTERED
    session.add(batch)
    session.flush()
    application = unit_entering.begin(session, pack.slug, batch.unit_id, staff.id, judged.values)
    row = BatchRow(batch_id=batch.id, position=1, state=batches.ENTERED, problems=[], application_id=application.id)
    session.add(row)
    audit.write(session, staff.id, audit.START_BATCH, f"batch:{batch.id}", "1")
    audit.write(session, staff.id, audit.ENTER_BATCH, f"batch:{batch.id}", "1")
    return Outcome(application.id)


def _cells(staff: Staff, texts: Mapping[str, str]) -> tuple[list[str], tuple[str, ...]]:
    """The columns of a list that holds everything, and its one row."""
    columns = [one.key for one in entry_columns(load_pack(scope.programme(staff)))]
    return columns, tuple(texts.get(key, "").strip() for key in columns)


def _batch_id(form: str, cells: tuple[str, ...]) -> str:
    return crypto.ring().blind_index(json.dumps([form, *cells]), "batch of one")[:_ID]


def _entered(staff: Staff, batch_id: str) -> str:
    """Whom this batch has entered; empty where there is no such batch of the own unit."""
    query = scope_entry.batches(staff).join(BatchRow, BatchRow.batch_id == Batch.id).where(Batch.id == batch_id)
    return db.session.scalar(query.with_only_columns(BatchRow.application_id)) or ""
