"""The files of a report upward: the unit's workbooks of exactly the people whom it reports, as they are then.

Built without a lock and recorded in one short transaction. Where somebody has left since the records were read, what
was built is thrown away: their leaving has promised the work anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock, crypto, storage
from models.application.tables import Application, Round
from models.errors import NotFound
from models.extensions import db
from models.office import sealing
from models.office.chain_tables import ReportItem, ReportPart, UnitReport
from models.office.tables import UnitRow
from models.office.workbook_data import UnitRecords, content_hash, file_name
from models.office.workbook_files import suffix_of
from models.office.workbook_records import load
from models.programme.loader import load_pack
from models.programme.official import FORMS
from models.programme.pack import Pack
from models.unit_of_work import after_commit
from workers.runtime import run_prepared
from workers.sheets.books import rows_of
from workers.workbooks import build, uploaded


@dataclass(frozen=True, slots=True)
class Made:
    """One file as built."""

    kind: str
    name: str
    storage_key: str
    rows: int


@dataclass(frozen=True, slots=True)
class Package:
    """All files of a report, and of whom they are."""

    people: frozenset[str]
    files: tuple[Made, ...]


def assemble_report(outbox_id: str) -> None:
    """Job: make the files of a report. Subject: its id."""
    run_prepared(outbox_id, assemble, record)


def assemble(report_id: str) -> Package:
    """Build and store; nothing is written to the database. Raises NotFound for a stale subject."""
    session = db.session()
    found = session.get(UnitReport, report_id)
    if found is None:
        raise NotFound("error.not_found")
    intake, unit = session.get_one(Round, found.round_id), session.get_one(UnitRow, found.unit_id)
    pack = load_pack(unit.programme)
    people = _people(session, report_id)
    held = load(session, pack, intake, unit)
    used = uploaded(pack.slug)
    db.session.rollback()  # building takes a while: keep no transaction open meanwhile
    share = replace(held, records=tuple(r for r in held.records if r.application_id in people), exclusions=())
    made = []
    for kind in kinds(pack, share):
        data = build(pack, share, kind, used)
        stamp = used[kind].stamp if kind in used else ""
        mark = crypto.ring().blind_index(content_hash(share, pack.programme.version, kind, stamp), "workbook")
        key = storage.key_for(report_id, f"{kind}:{mark}")
        storage.put(data, sealing.report_part(report_id, kind), key)
        made.append(Made(kind, _name(pack, unit, kind, data), key, rows_of(pack, share, kind)))
    return Package(people, tuple(made))


def kinds(pack: Pack, share: UnitRecords) -> list[str]:
    """The summary and the forms always; further tables where anybody, or anything, stands in them."""
    always = (pack.workbooks.summary.id, FORMS)
    return [kind for kind in pack.workbooks.kinds() if kind in always or rows_of(pack, share, kind)]


def _name(pack: Pack, unit: UnitRow, kind: str, data: bytes) -> str:
    label, today = pack.workbooks.label(kind), clock.current().today()
    return file_name(unit.name, pack.programme.short.zh, label, today, suffix=suffix_of(kind, data))


def _people(session: Session, report_id: str) -> frozenset[str]:
    """Who was reported and has not left since, whatever has become of them."""
    query = select(ReportItem.application_id).join(Application, Application.id == ReportItem.application_id)
    gone = Application.status.in_(("withdrawn", "deleted"))
    return frozenset(session.scalars(query.where(ReportItem.report_id == report_id, ~gone)))


def record(report_id: str, session: Session, package: Package) -> None:
    """Write what was built; a file that it replaces goes after the commit."""
    if session.get(UnitReport, report_id, with_for_update=True) is None:
        raise NotFound("error.not_found")
    present = {part.kind: part for part in _parts(session, report_id)}
    if _people(session, report_id) != package.people:
        named = {part.storage_key for part in present.values()}
        _delete([made.storage_key for made in package.files if made.storage_key not in named])
        return
    for made in package.files:
        part = present.pop(made.kind, None)
        if part is None:
            part = ReportPart(report_id=report_id, kind=made.kind, storage_key="")
            session.add(part)
        elif part.storage_key not in ("", made.storage_key):
            _delete([part.storage_key])
        part.name, part.storage_key, part.rows = made.name, made.storage_key, made.rows
    for part in present.values():
        _delete([part.storage_key] if part.storage_key else [])
        session.delete(part)
    session.flush()


def _parts(session: Session, report_id: str) -> Sequence[ReportPart]:
    return session.scalars(select(ReportPart).where(ReportPart.report_id == report_id).with_for_update()).all()


def _delete(keys: Sequence[str]) -> None:
    files = storage.current()
    for key in keys:
        after_commit(lambda key=key: files.delete(key))  # type: ignore[misc]
