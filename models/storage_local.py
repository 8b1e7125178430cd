"""Encrypted files in a folder on this machine: the default.

They are written here (temporary file, fsync, rename, fsync of the folder), because `obstore` renames but does not sync,
and a page that was acknowledged must survive a power cut.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

HEAD = 64  # bytes: holds any key's id


class LocalFiles:
    """A folder on this machine; the default."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, key: str, data: bytes) -> None:
        path = self.root / key
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _beside(path, data) as temporary, _folder_to_itself(path.parent):
            temporary.replace(path)

    def swap(self, key: str, before: bytes, after: bytes) -> bool:
        path = self.root / key
        with _beside(path, after) as temporary, _folder_to_itself(path.parent):
            if not path.exists() or path.read_bytes() != before:
                return False
            temporary.replace(path)
        return True

    def head(self, key: str) -> bytes:
        try:
            with (self.root / key).open("rb") as file:
                return file.read(HEAD)
        except FileNotFoundError as exc:
            raise self._missing() from exc

    def read(self, key: str) -> bytes:
        try:
            return (self.root / key).read_bytes()
        except FileNotFoundError as exc:
            raise self._missing() from exc

    def _missing(self) -> OSError:
        """A folder that is not there (not mounted, say) is trouble, not a missing file."""
        if self.root.is_dir():
            return FileNotFoundError("no such file")
        return OSError("the folder of the files is not there")

    def remove(self, key: str) -> None:
        path = self.root / key
        if path.exists():
            with _folder_to_itself(path.parent):  # so that nothing that is being swapped comes back
                path.unlink(missing_ok=True)

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


@contextmanager
def _beside(path: Path, data: bytes) -> Iterator[Path]:
    """`data` in a temporary file in the folder of `path`, on the disk for good; gone at the end if it is left there."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _folder_to_itself(folder: Path) -> Iterator[None]:
    """Nobody else renames or removes in `folder` meanwhile, in whatever process; its entries are on the disk after."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
