"""Files that no record names: a process was killed between storing a file and the commit that names it, or between the
commit that lets it go and the removal. They are photos and workbooks, so they must not lie about for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from models import sealed, storage
from models.clock import SystemClock
from models.extensions import db, reading

AGE = timedelta(days=1)  # nothing that is still under way is this old


def sweep() -> int:
    """Remove files older than `AGE` that no record names; how many. Needs an app context.

    A file's age is told by the machine's own clock, which stamped it, not by the app's, which may replay another day.
    """
    return storage.current().sweep(SystemClock().now() - AGE, named)


def named() -> Iterator[str]:
    """Every key that a record names now."""
    with reading(), db.engine.connect() as connection:
        yield from (file.key for file in sealed.files(connection))
