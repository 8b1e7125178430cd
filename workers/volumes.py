"""Bound volumes: made when asked for, and written to a folder by the console.

The job reads and builds without a lock, then keeps the volume in one short transaction; what has changed meanwhile
makes it out of date, which staff see, and what has ended meanwhile gets none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from models import clock, storage
from models.application import queries, record
from models.application.pages import bound_to as page_place
from models.application.queries import ApplicationView
from models.application.tables import Application, DocumentPage, Round
from models.errors import NotFound
from models.extensions import db
from models.office import scope, volumes
from models.office.tables import UnitRow, Volume
from models.office.workbook_data import Record, safe_name
from models.office.workbook_records import one
from models.unit_of_work import after_commit
from workers.runtime import run_prepared
from workers.sheets.portrait import photo_mm, shrink
from workers.volume.bind import Bound, Papers, Whose, bind


@dataclass(frozen=True, slots=True)
class Made:
    """A volume that is kept but not yet recorded; None where there is none to make."""

    fingerprint: str
    storage_key: str
    pages: int
    read_at: datetime


def bind_volume(outbox_id: str) -> None:
    """Job: make the volume of one application."""
    run_prepared(outbox_id, make, keep)


def make(application_id: str) -> Made | None:
    """Build and store the volume; nothing is written to the database."""
    try:
        view = queries.view(application_id)
    except NotFound:
        return None
    if view.application.status not in scope.VISIBLE or not volumes.wanted(view.pack):
        return None
    read_at = clock.current().now()
    print_ = volumes.fingerprint(db.session(), view.application)
    key = storage.key_for(application_id, f"volume:{print_}")
    bound = build(view)
    storage.put(bound.data, volumes.bound_to(application_id), key)
    return Made(print_, key, bound.pages, read_at)


def build(view: ApplicationView) -> Bound:
    """The volume of an application, as of today."""
    person, whose, papers = gathered(view)
    return bind(view.pack, person, whose, papers)


def gathered(view: ApplicationView) -> tuple[Record, Whose, list[Papers]]:
    """What is bound of an application: its form and its papers, whose pictures are read when it is their turn."""
    application = view.application
    session = db.session()
    person = one(session, view.pack, application)
    unit = session.get(UnitRow, application.unit_id) if application.unit_id else None
    intake = session.get_one(Round, application.round_id)
    asked = [ask for ask in view.plan.documents if not ask.portrait]
    names = {ask.key.partition(":")[2]: ask.label.zh for ask in asked}
    found = volumes.papers(session, application.id, list(names))
    papers = [Papers(names[name], [_picture(page) for page in pages]) for name, pages in found.items()]
    portrait = _portrait(person.portrait, photo_mm(view.pack))
    whose = Whose(unit.name if unit else "", intake.name, clock.current().today(), portrait)
    session.rollback()  # binding takes a while: keep no transaction open meanwhile
    return person, whose, papers


def _picture(page: DocumentPage) -> Callable[[], bytes]:
    return partial(storage.get, page.image_key or "", page_place(page.id))


def _portrait(place: tuple[str, str] | None, mm: tuple[int, int]) -> bytes | None:
    return shrink(storage.get(*place), mm) if place is not None else None


def keep(application_id: str, session: Session, made: Made | None) -> None:
    """Record the volume; the file that it replaces goes after the commit, and so does one that came too late."""
    if made is None:
        return
    files = storage.current()
    try:
        application = record.locked(session, application_id)
    except NotFound:
        application = None
    row = session.get(Volume, application_id, with_for_update=True)
    too_late = row is not None and row.built_at > made.read_at
    if application is None or application.status not in scope.VISIBLE or too_late:
        if row is None or row.storage_key != made.storage_key:
            after_commit(lambda: files.delete(made.storage_key))
        return
    if row is None:
        row = Volume(application_id=application_id)
        session.add(row)
    elif row.storage_key != made.storage_key:
        old = row.storage_key
        after_commit(lambda: files.delete(old))
    row.fingerprint, row.storage_key, row.pages, row.built_at = (
        made.fingerprint,
        made.storage_key,
        made.pages,
        made.read_at,
    )
    session.flush()


def write(application_id: str, folder: Path) -> Path:
    """Write the volume of one application into a folder, for the console."""
    view = queries.view(application_id)
    application: Application = view.application
    name = volumes.file_name(application)
    unit = db.session.get(UnitRow, application.unit_id) if application.unit_id else None
    path = folder / f"{safe_name(unit.name if unit else '')}_{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(build(view).data)
    return path
