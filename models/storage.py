"""Encrypted files: photos, rebuilt images, workbooks. Keys are random; a file is bound to what it was stored for.

Local files are written here (temporary file, fsync, rename, fsync of the folder), because `obstore` renames but does
not sync, and a page that was acknowledged must survive a power cut. Everything else goes through `obstore`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

import obstore
from flask import current_app

from models.crypto import KeyRing
from models.errors import NotFound
from models.settings import Settings

_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")


class Files(Protocol):
    """Where encrypted bytes are kept, by key."""

    def write(self, key: str, data: bytes) -> None: ...

    def read(self, key: str) -> bytes:
        """Raises FileNotFoundError."""

    def remove(self, key: str) -> None:
        """Removing what is not there is no error."""

    def keys_before(self, moment: datetime) -> Iterator[str]:
        """Keys of files last written before `moment`, by the clock of the machine that wrote them."""

    def remove_before(self, key: str, moment: datetime) -> bool:
        """Remove the file if it still is as old as that; whether it was."""

    def remove_temporary(self, moment: datetime) -> int:
        """Remove half-written files from before `moment`; how many."""


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
        return (self.root / key).read_bytes()

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


class ObjectFiles:
    """An object store (S3 and the like), given as an `obstore` store."""

    def __init__(self, store: Any) -> None:
        self.store = store

    @classmethod
    def from_url(cls, url: str) -> ObjectFiles:
        """`url` such as ``s3://bucket/prefix``; credentials come from the environment, as `obstore` reads them."""
        return cls(obstore.store.from_url(url))

    def write(self, key: str, data: bytes) -> None:
        obstore.put(self.store, key, data)

    def read(self, key: str) -> bytes:
        return bytes(obstore.get(self.store, key).bytes())

    def remove(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError):  # removed by an earlier try
            obstore.delete(self.store, key)

    def keys_before(self, moment: datetime) -> Iterator[str]:
        for batch in obstore.list(self.store):
            yield from (entry["path"] for entry in batch if entry["last_modified"] < moment)

    def remove_before(self, key: str, moment: datetime) -> bool:
        try:
            old = bool(obstore.head(self.store, key)["last_modified"] < moment)
        except FileNotFoundError:
            return False
        if old:
            self.remove(key)
        return old

    def remove_temporary(self, moment: datetime) -> int:
        return 0  # an object appears whole or not at all


class Storage:
    """Encrypts on the way in, decrypts on the way out."""

    def __init__(self, files: Files, keys: KeyRing) -> None:
        self.files = files
        self.keys = keys

    def put(self, data: bytes, bound_to: str, key: str | None = None) -> str:
        """Store durably before returning; gives the key. With `key` (see `key_for`) what is there is replaced."""
        key = key or _as_key(uuid.uuid4().hex)
        _check(key)
        self.files.write(key, self.keys.seal(data, f"file:{key}:{bound_to}"))
        return key

    def get(self, key: str, bound_to: str) -> bytes:
        """Raises NotFound where there is no such file, crypto.Damaged where it does not open for `bound_to`."""
        _check(key)
        try:
            sealed = self.files.read(key)
        except FileNotFoundError as exc:
            raise NotFound("error.not_found") from exc
        return self.keys.open(sealed, f"file:{key}:{bound_to}")

    def sweep(self, moment: datetime, named: Callable[[], Iterable[str | None]]) -> int:
        """Remove what was last written before `moment` and belongs to nothing: half-written files, and files whose
        key is not among those that `named` gives. How many."""
        removed = self.files.remove_temporary(moment)
        old = {key for key in self.files.keys_before(moment) if _KEY.fullmatch(key)}
        if old:
            # Asked only after the listing: what a record names by now stays, and what is written anew is young again.
            old.difference_update(key for key in named() if key)
        return removed + sum(self.files.remove_before(key, moment) for key in old)

    def delete(self, key: str) -> None:
        """Remove; a file that is gone already is no error."""
        _check(key)
        self.files.remove(key)


def _written_before(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:  # removed meanwhile
        return False


def key_for(record_id: str, part: str) -> str:
    """The key of one part of a record with a random id: work that was killed half-way and begins again replaces its
    own files instead of leaving orphans."""
    return _as_key(hashlib.sha256(f"{record_id}:{part}".encode()).hexdigest()[:32])


def _as_key(name: str) -> str:
    return f"{name[:2]}/{name}"


def _check(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise ValueError("not a storage key")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_storage(settings: Settings, keys: KeyRing) -> Storage:
    """The storage that the settings name: an object store, or `files/` in the data folder."""
    if settings.storage_url:
        return Storage(ObjectFiles.from_url(settings.storage_url), keys)
    return Storage(LocalFiles(settings.data / "files"), keys)


def current() -> Storage:
    """The storage of the running app."""
    return cast(Storage, current_app.extensions["bole"].storage)


def put(data: bytes, bound_to: str, key: str | None = None) -> str:
    """`Storage.put` of the running app."""
    return current().put(data, bound_to, key)


def get(key: str, bound_to: str) -> bytes:
    """`Storage.get` of the running app."""
    return current().get(key, bound_to)


def delete(key: str) -> None:
    """`Storage.delete` of the running app."""
    current().delete(key)
