"""Saving a workbook so that the same content gives the same bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from io import BytesIO

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the ZIP format's first moment: entries carry no build time

Rewrite = Callable[[str], str]


def to_bytes(workbook: Workbook, on: date, title: str, rewrite: Mapping[str, Rewrite] | None = None) -> bytes:
    """`workbook` as .xlsx bytes; its properties say `on`, so two builds of one day are byte for byte equal.

    `rewrite` changes the XML of a sheet, by its title, on the way (bulk rows).
    """
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
    paths = {sheet.path.lstrip("/"): sheet.title for sheet in workbook.worksheets}
    out = BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            change = (rewrite or {}).get(paths.get(name, ""))
            if change is not None:
                data = change(data.decode("utf-8")).encode("utf-8")
            write_entry(target, name, data)
    return out.getvalue()


def write_entry(target: zipfile.ZipFile, name: str, data: bytes, compression: int = zipfile.ZIP_DEFLATED) -> None:
    """Add an entry without a time stamp or permissions of this machine."""
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    target.writestr(entry, data)
