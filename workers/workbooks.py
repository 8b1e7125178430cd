"""A unit's official workbooks: assembled when applications change, and written to a folder on request.

The job reads and builds without a lock, then records both workbooks in one short transaction. What has not changed is
not built again. Two builds of one unit at once: the one that read later stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from flask import Flask
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models import clock, crypto, storage
from models.application import rounds
from models.application.tables import Application, Round, new_id
from models.errors import NotFound
from models.extensions import db, reading
from models.office import audit, editions, templates, unit_papers, units
from models.office.editions import Made
from models.office.tables import UnitRow, Workbook
from models.office.template_layout import Uploaded
from models.office.workbook_data import Record, UnitRecords, content_hash, file_name
from models.office.workbook_files import bound_to, is_called_back, suffix_of
from models.office.workbook_records import load
from models.programme.loader import load_pack
from models.programme.official import FORMS
from models.programme.pack import Pack
from models.unit_of_work import after_commit
from workers import volumes
from workers.runtime import run_prepared
from workers.sheets.books import build as build_kind
from workers.sheets.books import rows_of
from workers.sheets.portrait import ONE_INCH, photo_mm, shrink
from workers.sheets.row_texts import row_texts

log = structlog.get_logger(__name__)

_ID = 32  # hex digits of an id; a subject is the round's and the unit's


@dataclass(frozen=True, slots=True)
class Built:
    """One workbook as built; `replaces` is the fingerprint that stood there when the records were read."""

    kind: str
    fingerprint: str
    replaces: str | None
    storage_key: str
    rows: int
    excluded: list[dict[str, str]]
    edition: Made | None  # None of people's forms


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a job found to write: `read_at` is when it looked at the records."""

    read_at: datetime
    built: tuple[Built, ...]


def assemble_workbook(outbox_id: str) -> None:
    """Job: bring the workbooks of one unit and round up to date. Subject: round id and unit id, 64 characters."""
    run_prepared(outbox_id, assemble, record)


def assemble(subject: str) -> Assembly:
    """Build and store what has changed; nothing is written to the database. Raises NotFound for a stale subject."""
    intake, unit = _subject(subject)
    pack = load_pack(unit.programme)
    read_at = clock.current().now()
    held = load(db.session(), pack, intake, unit)
    known = {row.kind: row.content_hash for row in db.session.scalars(_rows(intake.id, unit.id))}
    used = uploaded(pack.slug)
    db.session.rollback()  # building takes a while: keep no transaction open meanwhile
    built = []
    for kind in pack.workbooks.kinds():
        share = _share(held, kind)
        mark = used[kind].stamp if kind in used else ""
        fingerprint = crypto.ring().blind_index(content_hash(share, pack.programme.version, kind, mark), "workbook")
        if known.get(kind) != fingerprint:
            built.append(_store(pack, share, kind, fingerprint, known.get(kind), used))
    return Assembly(read_at, tuple(built))


def _share(held: UnitRecords, kind: str) -> UnitRecords:
    """What a workbook of this kind holds: a table also the rows of the units below, the people's forms only the own
    ones (those below are made, and stamped, there)."""
    return held.own() if kind == FORMS else held


def _subject(subject: str) -> tuple[Round, UnitRow]:
    intake = db.session.get(Round, subject[:_ID])
    unit = db.session.get(UnitRow, subject[_ID:])
    if intake is None or unit is None:
        raise NotFound("error.not_found")
    return intake, unit


def _store(
    pack: Pack, held: UnitRecords, kind: str, fingerprint: str, replaces: str | None, used: Mapping[str, Uploaded]
) -> Built:
    """Build one workbook and keep it encrypted. Its key comes from its content: a second try replaces its own file."""
    key = storage.key_for(f"{held.round_id}{held.unit_id}", f"workbook:{kind}:{fingerprint}")
    edition = None if kind == FORMS else _edition(pack, held, kind, fingerprint)
    data = build(pack, held, kind, used, edition.id if edition else "")
    storage.put(data, bound_to(held.round_id, held.unit_id, kind), key)
    excluded = [each.to_json() for each in held.exclusions]
    return Built(kind, fingerprint, replaces, key, rows_of(pack, held, kind), excluded, edition)


def _edition(pack: Pack, held: UnitRecords, kind: str, fingerprint: str) -> Made:
    texts = row_texts(pack, held, kind)
    return Made(held.round_id, held.unit_id, kind, fingerprint, pack.programme.version, texts)


def uploaded(programme: str) -> dict[str, Uploaded]:
    """The office's own tables in use, by kind, as they are now."""
    return {kind: templates.as_used(row) for kind, row in templates.in_use(db.session(), programme).items()}


def build(pack: Pack, held: UnitRecords, kind: str, used: Mapping[str, Uploaded], edition: str = "") -> bytes:
    """The workbook of `kind` for today, as bytes; filled into the office's own table where there is one. With the id
    of its `edition` it can come back."""
    mm = photo_mm(pack)
    template = templates.load(used[kind]) if kind in used else None
    today = clock.current().today()
    return build_kind(pack, held, kind, today, lambda record: portrait_of(record, mm), template, edition)


def portrait_of(record: Record, mm: tuple[int, int] = ONE_INCH) -> bytes | None:
    """A person's photo, small enough for the form; None where there is none, or its file is gone (logged)."""
    if record.portrait is None:
        return None
    key, place = record.portrait
    try:
        return shrink(storage.get(key, place), mm)
    except NotFound:
        log.error("portrait_missing", application=record.application_id)
        return None


def record(subject: str, session: Session, assembly: Assembly) -> None:
    """Write what was built; the file that it replaces is deleted after the commit."""
    round_id, unit_id = subject[:_ID], subject[_ID:]
    present = {row.kind: row for row in session.scalars(_rows(round_id, unit_id).with_for_update())}
    for built in assembly.built:
        row = present.get(built.kind)
        if row is None:
            row = Workbook(id=new_id(), round_id=round_id, unit_id=unit_id, kind=built.kind)
            session.add(row)
        elif _too_late(row, built, assembly):
            if row.storage_key != built.storage_key:
                _delete_after_commit(built.storage_key)
            continue
        elif row.storage_key not in ("", built.storage_key):
            _delete_after_commit(row.storage_key)
        row.content_hash, row.storage_key = built.fingerprint, built.storage_key
        row.rows, row.excluded = built.rows, built.excluded
        row.built_at = assembly.read_at
        if built.edition is not None:
            editions.record(session, built.edition, assembly.read_at)
    unit_papers.drop_stale(session, round_id, unit_id)
    session.flush()


def _too_late(row: Workbook, built: Built, assembly: Assembly) -> bool:
    """Somebody read later than we did, or a person has left since we read: their build, promised with it, counts."""
    left_since = is_called_back(row) and row.content_hash != built.replaces
    return left_since or row.built_at > assembly.read_at


def _delete_after_commit(key: str) -> None:
    files = storage.current()
    after_commit(lambda: files.delete(key))


def _rows(round_id: str, unit_id: str) -> Select[Workbook]:
    return select(Workbook).where(Workbook.round_id == round_id, Workbook.unit_id == unit_id)


@dataclass(frozen=True, slots=True)
class Report:
    """One unit's workbooks written to a folder. records_in = rows_out + len(exclusions), with those of the units below,
    which stand in their own unit's workbook as well; `own_in` and `own_rows` count without them."""

    unit_id: str
    unit_code: str
    unit_name: str
    records_in: int
    rows_out: int
    own_in: int
    own_rows: int
    exclusions: tuple[tuple[str, str], ...] = ()
    files: tuple[Path, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        left_out = "".join(f"\n    {receipt}  {reason}" for receipt, reason in self.exclusions)
        return (
            f"{self.unit_code}  {self.unit_name}: {self.records_in} in = "
            f"{self.rows_out} rows + {len(self.exclusions)} left out{self._from_below()}{left_out}"
        )

    def _from_below(self) -> str:
        below = self.records_in - self.own_in
        return f" ({self.own_in} of its own, {below} of the units that report through it)" if below else ""


def write_all(app: Flask, slug: str, unit_code: str | None, out_dir: Path) -> list[Report]:
    """Write the workbooks of every unit (or of one) of the present round, else of the last, into `out_dir`.

    Every unit gets its summary, an empty one too, in the folder itself: one workbook a unit. The collection forms of
    its people stand beside, in a folder of their own. Raises NotFound for an unknown unit or a programme without any
    round.
    """
    with app.app_context(), reading():
        pack = load_pack(slug)
        intake = rounds.current(slug, clock.current().today()) or rounds.last(slug)
        if intake is None:
            raise NotFound("error.no_round")
        out_dir.mkdir(parents=True, exist_ok=True)
        wanted = _units(slug, unit_code)
        reports = [_export(pack, load(db.session(), pack, intake, unit), out_dir) for unit in wanted]
        if unit_code is None:
            _check_sum(intake, reports)
        return reports


def _units(slug: str, unit_code: str | None) -> Sequence[UnitRow]:
    if unit_code is not None:
        unit = units.by_code(db.session(), slug, unit_code)
        if unit is None:
            raise NotFound("error.not_found")
        return [unit]
    return db.session.scalars(select(UnitRow).where(UnitRow.programme == slug).order_by(UnitRow.code)).all()


def _export(pack: Pack, held: UnitRecords, out_dir: Path) -> Report:
    """Audited before anybody's data leave."""
    if held.records:
        audit.write_now(None, audit.EXPORT, f"unit:{held.unit_id}", f"bole workbooks {len(held.records)}")
    return _write(pack, held, out_dir)


def _write(pack: Pack, held: UnitRecords, out_dir: Path) -> Report:
    today = clock.current().today()
    files = []
    used = uploaded(pack.slug)
    books = pack.workbooks
    own = held.own()
    for kind in books.kinds() if held.records else (books.summary.id,):
        if kind == FORMS and not own.records:
            continue
        data = build(pack, _share(held, kind), kind, used)
        name = file_name(
            held.unit_name, pack.programme.short.zh, books.label(kind), today, suffix=suffix_of(kind, data)
        )
        path = (out_dir / books.label(kind) if kind == FORMS else out_dir) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        files.append(path)
    if books.volume is not None:
        files += [volumes.write(record.application_id, out_dir / books.volume.label) for record in own.records]
    return Report(
        held.unit_id,
        held.unit_code,
        held.unit_name,
        held.records_in,
        len(held.records),
        own.records_in,
        len(own.records),
        tuple((e.receipt, e.reason) for e in held.exclusions),
        tuple(files),
    )


def _check_sum(intake: Round, reports: Sequence[Report]) -> None:
    """Nobody may fall between two units, and nobody may stand twice in one workbook: what the units collected
    themselves is together what the round has sent to units; and what a unit's workbook holds is what it, and the units
    that report through it, collected themselves."""
    sent = db.session.scalar(
        select(func.count()).where(Application.round_id == intake.id, Application.unit_id.is_not(None))
    )
    collected = {report.unit_id: report.own_in for report in reports}
    received = sum(collected.values())
    if sent != received:
        raise ArithmeticError(f"units have {received} applications, the round sent them {sent}")
    for report in reports:
        wanted = sum(collected[one] for one in db.session.scalars(units.within(report.unit_id)))
        if report.records_in != wanted:
            raise ArithmeticError(f"{report.unit_code} holds {report.records_in} applications instead of {wanted}")
