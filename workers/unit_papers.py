"""Bind a unit's papers, a share of time a job: others get in between, and no more than one part is held in memory.

How far it is lies in one record, which goes with the transaction that records the parts. That one is short, and throws
everything away where somebody has left meanwhile.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock, outbox, storage
from models.application import channel_state, queries
from models.application.lifecycle import COUNTED
from models.application.tables import Application, Round, new_id
from models.clock import CHINA
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
SECONDS = 20.0  # for one job; a part that has been begun is finished
_ID = 32

Over = Callable[[], bool]  # whether the time of a job is up


@dataclass(frozen=True, slots=True)
class Part:
    """A part as bound and kept."""

    number: int
    storage_key: str
    pages: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """What has been bound of the `people` who were with the unit at `read_at`, and what it shows. `pages`: how many of
    each of them, so far; only when all are counted is it known how the parts divide them."""

    run: str
    fingerprint: str
    read_at: datetime
    people: tuple[str, ...]
    pages: tuple[int, ...] = ()
    parts: tuple[Part, ...] = ()
    steps: int = 0

    @property
    def whole(self) -> bool:
        """Whether there is nothing more to bind."""
        return sum(len(part.people) for part in self.parts) == len(self.people)


def bind_unit(outbox_id: str) -> None:
    """Job: bind some of the papers of one unit and round, and promise the rest. Subject: round id and unit id, 64
    characters."""
    run_prepared(outbox_id, _share, _go_on)


def _share(subject: str) -> Made:
    """What can be bound in one job's time, on top of what is bound already. Raises NotFound for a stale subject."""
    until = time.monotonic() + SECONDS
    made = make(subject, lambda: time.monotonic() >= until, _kept(subject))
    channel_state.put(unit_papers.progress(subject[:_ID], subject[_ID:]), _written(made), clock.current().now())
    return made


def _go_on(subject: str, session: Session, made: Made) -> None:
    if not made.whole:
        outbox.promise(session, unit_papers.JOB, subject, f"paper:{made.run}:{made.steps}")
        return
    keep(subject, session, made)
    channel_state.drop_within(session, unit_papers.progress(subject[:_ID], subject[_ID:]))


def make(subject: str, over: Over = lambda: False, begun: Made | None = None) -> Made:
    """Count, bind and store until the time is `over`, on top of what was `begun`, and one step at least; no row is
    written. What was begun with somebody who has left is thrown away. Raises NotFound for a stale subject."""
    intake, unit = db.session.get(Round, subject[:_ID]), db.session.get(UnitRow, subject[_ID:])
    if intake is None or unit is None:
        raise NotFound("error.not_found")
    round_id, unit_id, unit_name, round_name = intake.id, unit.id, unit.name, intake.name
    pack = load_pack(unit.programme)
    ids = unit_papers.people(db.session(), round_id, unit_id)
    if begun is None or not set(begun.people) <= set(ids):
        print_ = unit_papers.fingerprint(db.session(), round_id, unit_id)
        _throw_away(round_id, unit_id, begun)
        begun = Made(new_id(), print_, clock.current().now(), tuple(ids))
    db.session.rollback()
    made = replace(begun, steps=begun.steps + 1)
    for one in made.people[len(made.pages) :]:
        made = replace(made, pages=(*made.pages, length(_person(one), unit_name)))
        if over():
            return made
    shares = list(divided(list(zip(made.people, made.pages, strict=True)), PART_PAGES))
    on = made.read_at.astimezone(CHINA).date()
    for number, share in list(enumerate(shares, start=1))[len(made.parts) :]:
        cover = Cover(pack, unit_papers.LABEL, unit_name, round_name, on, number, len(shares))
        bound = bind_part(cover, [_person(one) for one in share])
        kind = f"{unit_papers.PREFIX}{number}"
        key = storage.key_for(subject, f"{kind}:{made.fingerprint}")
        storage.put(bound.data, bound_to(round_id, unit_id, kind), key)
        made = replace(made, parts=(*made.parts, Part(number, key, bound.pages, tuple(share))))
        if over():
            break
    return made


def _throw_away(round_id: str, unit_id: str, begun: Made | None) -> None:
    """Delete what was bound, but for what the unit's parts of today are."""
    if begun is None:
        return
    of = select(Workbook.storage_key).where(Workbook.round_id == round_id, Workbook.unit_id == unit_id)
    named = set(db.session.scalars(of))
    for part in begun.parts:
        if part.storage_key not in named:
            storage.current().delete(part.storage_key)


def _written(made: Made) -> str:
    return json.dumps({**asdict(made), "read_at": made.read_at.isoformat()})


def _kept(subject: str) -> Made | None:
    """How far the binding is that is under way; None where it has not begun."""
    said = channel_state.told(unit_papers.progress(subject[:_ID], subject[_ID:]), clock.current().now())
    if said is None:
        return None
    held = json.loads(said)
    parts = tuple(Part(**{**part, "people": tuple(part["people"])}) for part in held.pop("parts"))
    people, pages, read_at = held.pop("people"), held.pop("pages"), datetime.fromisoformat(held.pop("read_at"))
    return Made(**held, people=tuple(people), pages=tuple(pages), parts=parts, read_at=read_at)


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
