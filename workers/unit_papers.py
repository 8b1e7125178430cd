"""Bind a unit's papers, part by part: no more than one part is held in memory.

Read and bound without a lock, recorded in one short transaction, which throws everything away where somebody has left
meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock, storage
from models.application import queries
from models.application.lifecycle import COUNTED
from models.application.tables import Application, Round, new_id
from models.errors import NotFound
from models.extensions import db
from models.office import unit_papers
from models.office.tables import UnitRow, Workbook
from models.office.workbook_files import bound_to
from models.programme.loader import load_pack
from models.unit_of_work import after_commit
from workers.runtime import run_prepared
from workers.volume.unit_bind import Cover, Person, bind_part, length
from workers.volumes import gathered

PART_PAGES = 150  # what a folder holds, and a worker holds in memory
_ID = 32


@dataclass(frozen=True, slots=True)
class Part:
    """A part as bound and kept."""

    number: int
    storage_key: str
    pages: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """All parts, and what they show."""

    fingerprint: str
    read_at: datetime
    parts: tuple[Part, ...]


def bind_unit(outbox_id: str) -> None:
    """Job: bind the papers of one unit and round. Subject: round id and unit id, 64 characters."""
    run_prepared(outbox_id, make, keep)


def make(subject: str) -> Made:
    """Bind and store; nothing is written to the database. Raises NotFound for a stale subject."""
    intake, unit = db.session.get(Round, subject[:_ID]), db.session.get(UnitRow, subject[_ID:])
    if intake is None or unit is None:
        raise NotFound("error.not_found")
    round_id, unit_id, unit_name, round_name = intake.id, unit.id, unit.name, intake.name
    pack, read_at = load_pack(unit.programme), clock.current().now()
    print_ = unit_papers.fingerprint(db.session(), round_id, unit_id)
    ids = unit_papers.people(db.session(), round_id, unit_id)
    db.session.rollback()
    shares = list(divided([(one, length(_person(one), unit_name)) for one in ids], PART_PAGES))
    made = []
    for number, share in enumerate(shares, start=1):
        cover = Cover(pack, unit_papers.LABEL, unit_name, round_name, clock.current().today(), number, len(shares))
        bound = bind_part(cover, [_person(one) for one in share])
        kind = f"{unit_papers.PREFIX}{number}"
        key = storage.key_for(subject, f"{kind}:{print_}")
        storage.put(bound.data, bound_to(round_id, unit_id, kind), key)
        made.append(Part(number, key, bound.pages, tuple(share)))
    return Made(print_, read_at, tuple(made))


def divided(sizes: Sequence[tuple[str, int]], most: int) -> Iterator[list[str]]:
    """The people part by part, in their order: nobody is parted from their own papers, however many these are."""
    share: list[str] = []
    used = 0
    for one, pages in sizes:
        if share and used + pages > most:
            yield share
            share, used = [], 0
        share.append(one)
        used += pages
    if share:
        yield share


def _person(application_id: str) -> Person:
    view = queries.view(application_id)
    record, whose, papers = gathered(view)
    return Person(view.pack, record, whose.portrait, papers)


def keep(subject: str, session: Session, made: Made) -> None:
    """Record the parts; files that they replace go after the commit, and all of them if somebody has left meanwhile."""
    round_id, unit_id = subject[:_ID], subject[_ID:]
    ids = [one for part in made.parts for one in part.people]
    held = select(Application.id).where(
        Application.id.in_(ids), Application.unit_id == unit_id, Application.status.in_(COUNTED)
    )
    # Held against whoever leaves until the commit: their leaving then finds the parts and calls them back.
    still = set(session.scalars(held.order_by(Application.id).with_for_update()))
    of = select(Workbook).where(
        Workbook.round_id == round_id, Workbook.unit_id == unit_id, Workbook.kind.startswith(unit_papers.PREFIX)
    )
    rows = {row.kind: row for row in session.scalars(of.with_for_update())}
    named = {row.storage_key for row in rows.values()}
    if still != set(ids) or any(row.built_at > made.read_at and row.storage_key for row in rows.values()):
        _delete([part.storage_key for part in made.parts if part.storage_key not in named])
        return
    _delete([key for key in named - {part.storage_key for part in made.parts} if key])
    for part in made.parts:
        kind = f"{unit_papers.PREFIX}{part.number}"
        row = rows.pop(kind, None)
        if row is None:
            row = Workbook(id=new_id(), round_id=round_id, unit_id=unit_id, kind=kind)
            session.add(row)
        row.content_hash, row.storage_key, row.rows = made.fingerprint, part.storage_key, part.pages
        row.excluded, row.built_at = [{"application": one} for one in part.people], made.read_at
    for row in rows.values():
        session.delete(row)
    session.flush()


def _delete(keys: Sequence[str]) -> None:
    files = storage.current()
    for key in keys:
        after_commit(lambda key=key: files.delete(key))  # type: ignore[misc]
