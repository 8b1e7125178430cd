"""Files that no record names: a process was killed between storing a file and the commit that names it, or between the
commit that lets it go and the removal. They are photos and workbooks, so they must not lie about for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from models import storage
from models.application.tables import DocumentPage, Upload
from models.clock import SystemClock
from models.extensions import db, reading
from models.office.tables import OfficialTemplate, Volume, Workbook

AGE = timedelta(days=1)  # nothing that is still under way is this old
_NAMES = (
    *(DocumentPage.upload_key, DocumentPage.image_key, DocumentPage.thumb_key, DocumentPage.crop_key),
    *(OfficialTemplate.storage_key, OfficialTemplate.trial_key, Volume.storage_key, Workbook.storage_key),
)


def sweep() -> int:
    """Remove files older than `AGE` that no record names; how many. Needs an app context.

    A file's age is told by the machine's own clock, which stamped it, not by the app's, which may replay another day.
    """
    return storage.current().sweep(SystemClock().now() - AGE, named)


def named() -> Iterator[str | None]:
    """Every key that a record names now."""
    with reading(), db.engine.connect() as connection:
        for column in _NAMES:
            yield from connection.scalars(select(column), execution_options={"yield_per": 5000})
        for parts in connection.scalars(select(Upload.parts), execution_options={"yield_per": 500}):
            yield from (part["key"] for part in parts)
