"""Encrypted files in a folder on this machine: the default.

They are written here (temporary file, fsync, rename, fsync of the folder), because `obstore` renames but does not sync,
and a page that was acknowledged must survive a power cut.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path


class LocalFiles:
    """A folder on this machine; the default."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, key: str, data: bytes) -> None:
        path = self.root / key
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)

    def read(self, key: str) -> bytes:
        try:
            return (self.root / key).read_bytes()
        except FileNotFoundError as exc:
            if not self.root.is_dir():  # not mounted, say: that is trouble, not a missing file
                raise OSError("the folder of the files is not there") from exc
            raise

    def remove(self, key: str) -> None:
        (self.root / key).unlink(missing_ok=True)

    def keys_before(self, moment: datetime) -> Iterator[str]:
        for path in self._files("[0-9a-f]*"):
            if _written_before(path, moment):
                yield path.relative_to(self.root).as_posix()

    def remove_before(self, key: str, moment: datetime) -> bool:
        if not _written_before(self.root / key, moment):
            return False
        self.remove(key)
        return True

    def remove_temporary(self, moment: datetime) -> int:
        old = [path for path in self._files(".*") if _written_before(path, moment)]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _files(self, name: str) -> Iterator[Path]:
        return (path for path in self.root.glob(f"[0-9a-f][0-9a-f]/{name}") if path.is_file())


def _written_before(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:  # removed meanwhile
        return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
