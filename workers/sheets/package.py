"""Saving a workbook so that the same content gives the same bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from io import BytesIO

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from workers.sheets.sheet_xml import Feed
from workers.sheets.shell import Shell

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the ZIP format's first moment: entries carry no build time


def shell_of(workbook: Workbook, on: date, title: str) -> Shell:
    """`workbook` as a shell; its properties say `on`, so two builds of one day are byte for byte equal."""
    moment = datetime.combine(on, time())
    properties = workbook.properties
    properties.creator = properties.lastModifiedBy = "伯乐 Bole"
    properties.title = title
    properties.created = moment
    properties.modified = moment
    workbook.calculation.fullCalcOnLoad = False  # nothing to calculate: a program need not ask to save on closing
    raw = BytesIO()
    # Not Workbook.save: it would stamp the clock over `modified`.
    ExcelWriter(workbook, zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED)).save()
    return Shell(raw.getvalue())


def to_bytes(workbook: Workbook, on: date, title: str, feeds: Sequence[Feed] = ()) -> bytes:
    """`workbook` as .xlsx bytes, with `feeds` in its sheets."""
    return shell_of(workbook, on, title).to_bytes(feeds)


def write_entry(target: zipfile.ZipFile, name: str, data: bytes, compression: int = zipfile.ZIP_DEFLATED) -> None:
    """Add an entry without a time stamp or permissions of this machine."""
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    target.writestr(entry, data)
