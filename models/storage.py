"""Encrypted files: photos, rebuilt images, workbooks. Keys are random; a file is bound to what it was stored for.

Where the bytes lie is the matter of `storage_local` (a folder) or `storage_objects` (an object store).
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol, cast

from flask import current_app

from models import crypto
from models.crypto import KeyRing
from models.errors import NotFound, StorageAway
from models.settings import Settings
from models.storage_local import LocalFiles

_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")


class Files(Protocol):
    """Where encrypted bytes are kept, by key. Everything raises OSError where the place does not answer."""

    def write(self, key: str, data: bytes) -> None: ...

    def read(self, key: str) -> bytes:
        """Raises FileNotFoundError."""

    def head(self, key: str) -> bytes:
        """The first bytes of a file, enough to tell which key sealed it. Raises FileNotFoundError."""

    def swap(self, key: str, before: bytes, after: bytes) -> bool:
        """Put `after` in the place of `before`, as durably as `write`; False where it is not `before` any more."""

    def remove(self, key: str) -> None:
        """Removing what is not there is no error."""

    def keys_before(self, moment: datetime) -> Iterator[str]:
        """Keys of files last written before `moment`, by the clock of the machine that wrote them."""

    def remove_before(self, key: str, moment: datetime) -> bool:
        """Remove the file if it still is as old as that; whether it was."""

    def remove_temporary(self, moment: datetime) -> int:
        """Remove half-written files from before `moment`; how many."""


class Storage:
    """Encrypts on the way in, decrypts on the way out. Raises StorageAway where the place does not answer."""

    def __init__(self, files: Files, keys: KeyRing) -> None:
        self.files = files
        self.keys = keys

    def put(self, data: bytes, bound_to: str, key: str | None = None) -> str:
        """Store durably before returning; gives the key. With `key` (see `key_for`) what is there is replaced."""
        key = key or _as_key(uuid.uuid4().hex)
        _check(key)
        sealed = self.keys.seal(data, f"file:{key}:{bound_to}")
        with _away():
            self.files.write(key, sealed)
        return key

    def get(self, key: str, bound_to: str) -> bytes:
        """Raises NotFound where there is no such file, crypto.Damaged where it does not open for `bound_to`."""
        _check(key)
        try:
            with _away():
                sealed = self.files.read(key)
        except FileNotFoundError as exc:
            raise NotFound("error.not_found") from exc
        return self.keys.open(sealed, f"file:{key}:{bound_to}")

    def sealed_by(self, key: str) -> str:
        """The id of the key that sealed a file. Raises NotFound."""
        _check(key)
        try:
            with _away():
                return crypto.sealed_by(self.files.head(key))
        except FileNotFoundError as exc:
            raise NotFound("error.not_found") from exc

    def reseal(self, key: str, bound_to: str) -> bool:
        """Seal a file again with the first key; whoever reads meanwhile reads either. False: it was written anew or
        removed by somebody else. Raises NotFound, crypto.Damaged."""
        _check(key)
        place = f"file:{key}:{bound_to}"
        try:
            with _away():
                before = self.files.read(key)
                return self.files.swap(key, before, self.keys.seal(self.keys.open(before, place), place))
        except FileNotFoundError as exc:
            raise NotFound("error.not_found") from exc

    def keys_before(self, moment: datetime) -> Iterator[str]:
        """Keys of everything last written before `moment`."""
        with _away():
            yield from (key for key in self.files.keys_before(moment) if _KEY.fullmatch(key))

    def sweep(self, moment: datetime, named: Callable[[], Iterable[str | None]]) -> int:
        """Remove what was last written before `moment` and belongs to nothing: half-written files, and files whose
        key is not among those that `named` gives. How many."""
        with _away():
            removed = self.files.remove_temporary(moment)
            old = set(self.keys_before(moment))
        if old:
            # Asked only after the listing: what a record names by now stays, and what is written anew is young again.
            old.difference_update(key for key in named() if key)
        with _away():
            return removed + sum(self.files.remove_before(key, moment) for key in old)

    def delete(self, key: str) -> None:
        """Remove; a file that is gone already is no error."""
        _check(key)
        with _away():
            self.files.remove(key)


@contextmanager
def _away() -> Iterator[None]:
    """A place that does not answer, as the error that doors and jobs know; a missing file stays one."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as exc:
        raise StorageAway("error.storage_away") from exc


def key_for(record_id: str, part: str) -> str:
    """The key of one part of a record with a random id: work that was killed half-way and begins again replaces its
    own files instead of leaving orphans."""
    return _as_key(hashlib.sha256(f"{record_id}:{part}".encode()).hexdigest()[:32])


def _as_key(name: str) -> str:
    return f"{name[:2]}/{name}"


def _check(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise ValueError("not a storage key")


def open_storage(settings: Settings, keys: KeyRing) -> Storage:
    """The storage that the settings name: an object store, or `files/` in the data folder."""
    if settings.storage_url:
        from models.storage_objects import ObjectFiles  # only where it is wanted: a start reads less

        return Storage(ObjectFiles.from_settings(settings), keys)
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
