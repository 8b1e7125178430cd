"""Where an assembled workbook is kept, and under which name a clerk downloads it."""

from __future__ import annotations

import zipfile
from datetime import timedelta, timezone
from io import BytesIO

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import clock, storage
from models.application.tables import new_id
from models.office import units
from models.office.tables import UnitRow, Workbook
from models.office.workbook_data import file_name
from models.programme.loader import load_pack
from models.programme.official import FORMS
from models.programme.pack import Pack
from models.unit_of_work import after_commit

_CHINA = timezone(timedelta(hours=8))
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"


def bound_to(round_id: str, unit_id: str, kind: str) -> str:
    """What the encrypted file is bound to: it opens only as this unit's workbook of this round."""
    return f"workbook:{round_id}:{unit_id}:{kind}"


def read(row: Workbook) -> bytes:
    """The workbook's bytes. Raises NotFound when the file is gone, crypto.Damaged when it is not this row's."""
    return storage.get(row.storage_key, bound_to(row.round_id, row.unit_id, row.kind))


def download_name(row: Workbook, data: bytes, unit_name: str, pack: Pack) -> str:
    """``单位_项目_汇总表_YYYYMMDD.xlsx`` with the day of assembly in China; `data` is the file."""
    day = row.built_at.astimezone(_CHINA).date()
    label = pack.workbooks.label(row.kind)
    return file_name(unit_name, pack.programme.short.zh, label, day, suffix=suffix_of(row.kind, data))


def media_type(kind: str, data: bytes) -> str:
    """Of an .xlsx, or of a .zip."""
    return ZIP if suffix_of(kind, data) == "zip" else XLSX


def suffix_of(kind: str, data: bytes) -> str:
    """``xlsx``, or ``zip`` of several files: forms that fill more than one workbook, or a document a person. Asked of
    the file itself, which is our own: what is in use today may not be what it was built with."""
    if kind != FORMS:
        return "xlsx"
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return "xlsx" if "[Content_Types].xml" in archive.namelist() else "zip"


def call_back(session: Session, round_id: str, unit_id: str) -> None:
    """Somebody of this unit's workbooks has left, and so of those of the units through which it reports: nobody may
    download them any more, and their files go with the commit.

    Each kind keeps a row without a file until it is built again. Its fingerprint is new each time, so that a build
    which read the people before this commit finds that it came too late (`is_called_back`).
    """
    for reached in units.upwards(session, [unit_id]):
        _call_back(session, round_id, reached)


def _call_back(session: Session, round_id: str, unit_id: str) -> None:
    insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(Workbook)
    empty = {"round_id": round_id, "unit_id": unit_id, "content_hash": "", "storage_key": "", "rows": 0}
    kinds = load_pack(session.get_one(UnitRow, unit_id).programme).workbooks.people_kinds()
    now = clock.current().now()
    rows = [{**empty, "id": new_id(), "kind": kind, "excluded": [], "built_at": now} for kind in kinds]
    session.execute(insert.on_conflict_do_nothing(index_elements=["round_id", "unit_id", "kind"]), rows)
    held = select(Workbook).where(Workbook.round_id == round_id, Workbook.unit_id == unit_id).with_for_update()
    files = storage.current()
    for row in session.scalars(held.execution_options(populate_existing=True)):
        if row.storage_key:
            after_commit(lambda key=row.storage_key: files.delete(key))  # type: ignore[misc]
        row.storage_key, row.content_hash, row.rows, row.excluded = "", f"left:{new_id()}", 0, []
    session.flush()


def is_called_back(row: Workbook) -> bool:
    """Whether the row waits to be built again, without a file."""
    return not row.storage_key
