"""`bole files check`: open every file that a record names."""

from __future__ import annotations

from collections.abc import Callable

from models import faults, storage
from models.extensions import db

Say = Callable[[str], object]
EVERY = 500  # files between two lines of progress


def check(say: Say) -> int:
    """Inside an app context. A line for each file that is missing or does not open, which staff then see too; 1 where
    there is one. Raises StorageAway where the files cannot be reached."""
    looked = 0

    def tell(count: int) -> None:
        nonlocal looked
        looked = count
        if count % EVERY == 0:
            say(f"{count} files opened …")

    found = faults.look(storage.current(), deep=True, tell=tell)
    faults.refresh(db.session(), found, deep=True)
    for fault in found:
        say(f"BAD {fault.file.named_by} {'/'.join(fault.file.of)}: {fault.kind} (files/{fault.file.key})")
    say(f"{looked} files named, {len(found)} missing or damaged")
    if found:
        say("restore them from the backup; staff see them under 缺失的文件 and may ask people for a lost photo again")
    return 1 if found else 0
