"""Where an assembled workbook is kept, and under which name a clerk downloads it."""

from __future__ import annotations

from datetime import timedelta, timezone

from models import storage
from models.office.tables import Workbook
from models.office.workbook_data import FORMS_PER_FILE, file_name

_CHINA = timezone(timedelta(hours=8))
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"


def bound_to(round_id: str, unit_id: str, kind: str) -> str:
    """What the encrypted file is bound to: it opens only as this unit's workbook of this round."""
    return f"workbook:{round_id}:{unit_id}:{kind}"


def read(row: Workbook) -> bytes:
    """The workbook's bytes. Raises NotFound when the file is gone, crypto.Damaged when it is not this row's."""
    return storage.get(row.storage_key, bound_to(row.round_id, row.unit_id, row.kind))


def download_name(row: Workbook, unit_name: str, programme_name: str) -> str:
    """``单位_项目_汇总表_YYYYMMDD.xlsx`` with the day of assembly in China."""
    day = row.built_at.astimezone(_CHINA).date()
    return file_name(unit_name, programme_name, row.kind, day, rows=row.rows)


def media_type(row: Workbook) -> str:
    """.xlsx, or .zip where the collection forms fill more than one file."""
    return ZIP if row.kind == "forms" and row.rows > FORMS_PER_FILE else XLSX
