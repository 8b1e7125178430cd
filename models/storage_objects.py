"""Encrypted files in an object store (S3 and what speaks as it does), through `obstore`.

An object appears whole or not at all, and a write has returned only when it is kept. A store that does not answer is an
`OSError`, like a disk that does not: the caller tells people to come again in a moment, and jobs try again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, PreconditionError

from models.settings import Settings
from models.storage_local import HEAD

# Somebody is waiting for their photo to be acknowledged: better to be told soon than to wait for minutes.
_RETRY = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=20),
    "backoff": {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=2), "base": 2},
}
_CLIENT = {"connect_timeout": "5s", "timeout": "60s"}


class ObjectFiles:
    """An object store, given as an `obstore` store."""

    def __init__(self, store: Any) -> None:
        self.store = store

    @classmethod
    def from_settings(cls, settings: Settings) -> ObjectFiles:
        """The store that `storage_url` names, such as ``s3://bucket/prefix``; what the settings leave open (region,
        credentials) `obstore` takes from where S3 programs look: AWS_* variables, the machine's own role."""
        url = settings.storage_url
        if urlsplit(url).scheme not in ("s3", "s3a"):
            return cls(obstore.store.from_url(url))
        options: dict[str, Any] = {
            "config": s3_config(settings),
            "client_options": {**_CLIENT, "allow_http": settings.storage_endpoint.startswith("http://")},
            "retry_config": _RETRY,
        }
        return cls(obstore.store.from_url(url, **options))

    def write(self, key: str, data: bytes) -> None:
        with _as_os_errors():
            obstore.put(self.store, key, data)

    def read(self, key: str) -> bytes:
        with _as_os_errors():
            return bytes(obstore.get(self.store, key).bytes())

    def head(self, key: str) -> bytes:
        with _as_os_errors():
            return bytes(obstore.get_range(self.store, key, start=0, length=HEAD))

    def swap(self, key: str, before: bytes, after: bytes) -> bool:
        """By the store's own condition (If-Match), so that nobody's write is lost and nothing removed comes back."""
        try:
            with _as_os_errors():
                found = obstore.get(self.store, key)
                if bytes(found.bytes()) != before:
                    return False
                obstore.put(self.store, key, after, mode={"e_tag": found.meta["e_tag"]})
        except (FileNotFoundError, PreconditionError):
            return False
        return True

    def remove(self, key: str) -> None:
        try:
            with _as_os_errors():
                obstore.delete(self.store, key)
        except FileNotFoundError:  # removed by an earlier try
            pass

    def keys_before(self, moment: datetime) -> Iterator[str]:
        with _as_os_errors():
            for batch in obstore.list(self.store):
                yield from (entry["path"] for entry in batch if entry["last_modified"] < moment)

    def remove_before(self, key: str, moment: datetime) -> bool:
        try:
            with _as_os_errors():
                old = bool(obstore.head(self.store, key)["last_modified"] < moment)
        except FileNotFoundError:
            return False
        if old:
            self.remove(key)
        return old

    def remove_temporary(self, moment: datetime) -> int:
        return 0  # an object appears whole or not at all


def s3_config(settings: Settings) -> dict[str, str]:
    """What the settings say about the store. An endpoint whose host begins with the bucket's name (as OSS and COS want
    it) is asked by host, every other by path."""
    bucket, host = urlsplit(settings.storage_url).netloc, urlsplit(settings.storage_endpoint).netloc
    given = {
        "endpoint": settings.storage_endpoint.rstrip("/"),
        "region": settings.storage_region,
        "access_key_id": settings.storage_key_id,
        "secret_access_key": settings.storage_secret,
        "virtual_hosted_style_request": "true" if host.startswith(f"{bucket}.") else "",
    }
    return {name: value for name, value in given.items() if value}


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """FileNotFoundError where there is no such object, OSError for all else that goes wrong in between. A bucket that
    is not there is trouble, not a missing file: nobody may be asked for a photo again because of a wrong setting."""
    try:
        yield
    except FileNotFoundError as exc:
        if "NoSuchBucket" in str(exc):
            raise OSError("there is no such bucket") from exc
        raise
    except PreconditionError:
        raise
    except (BaseError, PermissionError) as exc:
        raise OSError(f"the object store failed: {type(exc).__name__}") from exc
