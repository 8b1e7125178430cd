"""Records whose file is missing or does not open: the other way round of `leftovers`. Found, kept for staff to see, and
never mended by a machine: whether a person is asked for a photo again is for people to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import clock, sealed
from models.application.tables import Application, DocumentPage, Upload, new_id
from models.clock import SystemClock
from models.crypto import Damaged
from models.errors import NotFound
from models.extensions import db, reading
from models.office.batch_tables import Batch
from models.office.chain_tables import ReportPart, UnitReport
from models.office.edition_tables import WorkbookReturn
from models.office.review_tables import ExportRequest
from models.office.tables import FileFault, OfficialTemplate, UnitRow, Volume, Workbook
from models.sealed import StoredFile
from models.storage import Storage
from models.unit_of_work import unit_of_work

MISSING, DAMAGED = "missing", "damaged"


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that a record names, and what is wrong with it."""

    file: StoredFile
    kind: str


def look(storage: Storage, deep: bool = False, tell: Callable[[int], object] = lambda _count: None) -> list[Fault]:
    """Faults by now, of every file that is named. `deep` opens each; else it is asked only whether it is there, which
    takes one listing. `tell` hears how many have been looked at. Raises StorageAway: then nothing is known."""
    there = set() if deep else set(storage.keys_before(SystemClock().now() + timedelta(days=1)))
    found = []
    for count, file in enumerate(_named(), start=1):
        if file.key not in there and (kind := _wrong(storage, file, deep)):
            found.append(Fault(file, kind))
        tell(count)
    if found:  # what was taken out or replaced while we looked is named no more
        named = set(_named())
        found = [fault for fault in found if fault.file in named]
    return found


def refresh(session: Session, found: Iterable[Fault], deep: bool = False) -> int:
    """Keep these as what is known to be wrong, and forget what is not wrong any more; how many there are. After a look
    that opened nothing, what was known to be damaged stays known while it is named."""
    wrong = {(fault.file.key, fault.file.named_by): fault for fault in found}
    with unit_of_work() as session:
        known = {(row.key, row.named_by): row for row in session.scalars(select(FileFault))}
        named = {(file.key, file.named_by) for file in _named()} if known else set()
        for place, row in known.items():
            if place not in wrong and (deep or row.kind == MISSING or place not in named):
                session.execute(delete(FileFault).where(FileFault.id == row.id))
        for place, fault in wrong.items():
            if place not in known:
                session.add(_row(session, fault))
        session.flush()
        return len(session.scalars(select(FileFault.id)).all())


def _named() -> list[StoredFile]:
    with reading(), db.engine.connect() as connection:
        return list(sealed.files(connection))


def _wrong(storage: Storage, file: StoredFile, deep: bool) -> str:
    try:
        if deep:
            storage.get(file.key, file.bound_to)
        else:
            storage.sealed_by(file.key)
    except NotFound:
        return MISSING
    except Damaged:
        return DAMAGED
    return ""


def _row(session: Session, fault: Fault) -> FileFault:
    application_id, programme = _whose(session, fault.file)
    return FileFault(
        id=new_id(),
        key=fault.file.key,
        named_by=fault.file.named_by,
        record="/".join(fault.file.of)[:120],
        kind=fault.kind,
        programme=programme,
        application_id=application_id,
        found_at=clock.current().now(),
    )


# Files of a unit, by the table that names them, and the table that says which unit.
_OF_A_UNIT: dict[str, Any] = {
    Batch.__tablename__: Batch,
    ReportPart.__tablename__: UnitReport,
    WorkbookReturn.__tablename__: WorkbookReturn,
}


def _whose(session: Session, file: StoredFile) -> tuple[str | None, str]:
    """The application and the programme that a file belongs to."""
    table, ident = file.named_by.partition(".")[0], file.of[0]
    if table == Workbook.__tablename__:
        unit = session.get(UnitRow, file.of[1])
        return None, unit.programme if unit else ""
    if table == OfficialTemplate.__tablename__:
        template = session.get(OfficialTemplate, ident)
        return None, template.programme if template else ""
    if table in _OF_A_UNIT:
        of_unit = session.get(_OF_A_UNIT[table], ident)
        unit = session.get(UnitRow, of_unit.unit_id) if of_unit else None
        return None, unit.programme if unit else ""
    if table == ExportRequest.__tablename__:
        export = session.get(ExportRequest, ident)
        return None, export.programme if export else ""
    app_id: str | None = ident
    if table != Volume.__tablename__:
        owner = DocumentPage if table == DocumentPage.__tablename__ else Upload
        app_id = session.scalar(select(owner.application_id).where(owner.id == ident))
    application = session.get(Application, app_id) if app_id else None
    return app_id, application.programme if application else ""
