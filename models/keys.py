"""The two secrets: Flask's signing key and the key ring that encrypts data at rest.

They come from the environment (BOLE_SECRET_KEY, BOLE_KEY_RING) or from `keys/` in the data folder, where a first
start generates them, readable by the owner only. A data folder that holds a database but no keys is refused: new
keys would make every encrypted answer and photo unreadable.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.crypto import KeyRing
from models.errors import SettingsError
from models.settings import Settings

_WEAK = ("change", "secret", "default", "dev", "test", "password", "example")
MIN_SECRET = 32


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """`ring` is ``id:base64[,id:base64…]``, the first encrypts; see `models.crypto.KeyRing.from_text`."""

    secret: str
    ring: str


def load_keys(settings: Settings) -> Keys:
    """Keys from the environment, else from the data folder, else generated there.

    Raises SettingsError for a weak or default secret, and for a data folder that lost its keys.
    """
    folder = settings.data / "keys"
    return Keys(
        secret=_checked_secret(settings.secret_key or _stored(folder / "secret_key", settings, _new_secret)),
        ring=settings.key_ring or _stored(folder / "key_ring", settings, _new_ring),
    )


def ring_file(settings: Settings) -> Path | None:
    """Where the ring is kept; None where it comes from the environment."""
    return None if settings.key_ring else settings.data / "keys" / "key_ring"


def kept_ring(settings: Settings) -> Callable[[], str] | None:
    """Reads the ring as it is kept by now, for processes that began before a key was put in front."""
    path = ring_file(settings)
    return None if path is None else lambda: path.read_text("utf-8").strip()


def rotate(settings: Settings) -> str:
    """The ring with a new key in front; what was first and last stays behind it. Written where the data folder keeps
    it, whole or not at all; where the environment gives the ring, only told. Raises SettingsError."""
    path = ring_file(settings)
    if path is None:
        return _with_new_key(settings.key_ring)
    if not path.exists():
        raise SettingsError(f"{path} is missing: there is no key ring yet to put a key in front of; run `bole keys`")
    lock = os.open(path.parent, os.O_RDONLY)  # two rotations at once would lose a key
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ring = _with_new_key(path.read_text("utf-8").strip())
        temporary = path.with_name(f".key_ring.{secrets.token_hex(8)}")
        try:
            generate(temporary, lambda: ring)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        os.fsync(lock)
    finally:
        os.close(lock)
    return ring


def _with_new_key(ring: str) -> str:
    numbers = [int(key_id[1:]) for key_id in KeyRing.from_text(ring).ids if re.fullmatch(r"k\d{1,9}", key_id)]
    return f"{KeyRing.generate(f'k{max(numbers, default=0) + 1}')},{ring}"


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


def _new_ring() -> str:
    return KeyRing.generate()


def _checked_secret(secret: str) -> str:
    if len(secret) < MIN_SECRET or secret.lower().startswith(_WEAK) or len(set(secret)) < 10:
        raise SettingsError(
            f"BOLE_SECRET_KEY is a default or too weak: give at least {MIN_SECRET} random characters, "
            "or leave it unset and one is generated into the data folder"
        )
    return secret


def _stored(path: Path, settings: Settings, make: Callable[[], str]) -> str:
    if path.exists():
        return path.read_text("utf-8").strip()
    if (settings.data / "bole.sqlite3").exists() or (settings.database_url and not settings.demo):
        raise SettingsError(
            f"{path} is missing but a database is already there: restore the key from your backup, or set "
            "BOLE_SECRET_KEY and BOLE_KEY_RING; with new keys what is stored could not be read any more. "
            "For a new installation on an empty PostgreSQL database run `bole keys` first"
        )
    return generate(path, make)


def generate(path: Path, make: Callable[[], str] = _new_ring) -> str:
    """Write a new key with mode 0600; an existing file is never overwritten (FileExistsError)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = make()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return text


def generate_all(settings: Settings) -> list[Path]:
    """Generate what is missing (`bole keys`); the paths written."""
    folder = settings.data / "keys"
    written = []
    for name, make in (("secret_key", _new_secret), ("key_ring", _new_ring)):
        if not (folder / name).exists():
            generate(folder / name, make)
            written.append(folder / name)
    return written
