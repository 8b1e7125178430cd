"""Encryption at rest, blind indexes and signed tokens, all from one key ring.

An envelope is: version byte, length and text of the key id, 12 random bytes, AES-256-GCM ciphertext and tag. What it
was sealed for (`bound_to`: table, row, column) is authenticated with it, so an envelope that is moved to another row
does not open. The first key of the ring seals; every key opens, so a new key is put in front and old rows stay
readable. Blind indexes are keyed from the *last* key, so that they survive putting a new key in front; dropping the
last key means indexing anew. A process that meets an envelope of a key that it does not know looks once more where the
ring is kept: a key may be put in front while the system runs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, URLSafeTimedSerializer

from models import running
from models.errors import SettingsError

_VERSION = 1
_NONCE = 12
_KEY = 32


class Damaged(Exception):
    """The envelope or token is damaged, was sealed for something else, or its key is not in the ring."""


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=b"bole/" + purpose.encode()).derive(key)


@dataclass(frozen=True)
class KeyRing:
    """Keys by id, in order: the first seals and signs. Never printed."""

    keys: tuple[tuple[str, bytes], ...] = field(repr=False)
    kept: Callable[[], str] | None = field(default=None, repr=False, compare=False)  # the ring's text as it is now
    _ciphers: dict[str, AESGCM] = field(init=False, repr=False, compare=False)
    _sealing: tuple[bytes, AESGCM] = field(init=False, repr=False, compare=False)  # of the first key, with its head
    _index_key: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.keys:
            raise SettingsError("the key ring is empty: give BOLE_KEY_RING as id:base64")
        index_key = _derive(self.keys[-1][1], "blind-index")
        ciphers = {key_id: AESGCM(_derive(key, "seal")) for key_id, key in self.keys}
        first = self.keys[0][0]
        object.__setattr__(self, "_ciphers", ciphers)
        object.__setattr__(self, "_sealing", (head_of(first), ciphers[first]))
        object.__setattr__(self, "_index_key", index_key)

    @classmethod
    def from_text(cls, text: str, kept: Callable[[], str] | None = None) -> KeyRing:
        """Read ``id:base64,id:base64``; raises SettingsError that names the faulty key's place, never the key. `kept`
        gives the text as it is by now, where it may change while the process runs."""
        keys: list[tuple[str, bytes]] = []
        for place, part in enumerate((p.strip() for p in text.split(",") if p.strip()), start=1):
            key_id, colon, encoded = part.partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                key = b""
            if not colon or not 1 <= len(key_id) <= 32 or not key_id.isascii() or len(key) != _KEY:
                raise SettingsError(f"key {place} of the key ring is not id:base64 of {_KEY} bytes")
            keys.append((key_id, key))
        if len({key_id for key_id, _ in keys}) != len(keys):
            raise SettingsError("two keys of the key ring have the same id")
        return cls(tuple(keys), kept)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys, the one that seals first, the one of the blind indexes last."""
        return tuple(key_id for key_id, _ in self.keys)

    @property
    def head(self) -> bytes:
        """What every envelope of the first key begins with."""
        return head_of(self.keys[0][0])

    @staticmethod
    def generate(key_id: str = "k1") -> str:
        """A new one-key ring as text, to be kept where only the service reads it."""
        return f"{key_id}:{base64.b64encode(secrets.token_bytes(_KEY)).decode()}"

    def seal(self, data: bytes, bound_to: str) -> bytes:
        """Encrypt `data` for the place named by `bound_to`."""
        nonce = os.urandom(_NONCE)
        head, cipher = self._sealing
        return head + nonce + cipher.encrypt(nonce, data, head + bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """Decrypt; raises Damaged where anything does not fit, and does not say what."""
        try:
            version, length = sealed[0], sealed[1]
            head, rest = sealed[: 2 + length], sealed[2 + length :]
            if version != _VERSION:
                raise Damaged("unknown envelope version")
            cipher = self._cipher(head[2:].decode("ascii"))
            return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], head + bound_to.encode())
        except (IndexError, KeyError, InvalidTag, ValueError) as exc:
            raise Damaged("the envelope does not open") from exc

    def blind_index(self, text: str, purpose: str) -> str:
        """A keyed digest (64 hex digits) to find an encrypted value again; different for each `purpose`."""
        message = len(purpose).to_bytes(4, "big") + purpose.encode() + text.encode()
        return hmac.new(self._index_key, message, hashlib.sha256).hexdigest()

    def sign(self, purpose: str, payload: Mapping[str, Any]) -> str:
        """A URL-safe token that only this ring can have made, and only for `purpose`. Signed, not encrypted."""
        return _text(self._serializer(purpose).dumps(dict(payload)))

    def unsign(self, purpose: str, token: str, max_age: timedelta | int | None = None) -> dict[str, Any]:
        """The payload of a token; raises Damaged where it is forged, for another purpose, or older than `max_age`."""
        seconds = int(max_age.total_seconds()) if isinstance(max_age, timedelta) else max_age
        try:
            payload = self._serializer(purpose).loads(token, max_age=seconds)
        except (BadData, UnicodeError) as exc:
            raise Damaged("the token does not hold") from exc
        return cast(dict[str, Any], payload)

    def _cipher(self, key_id: str) -> AESGCM:
        ciphers = self._ciphers
        if key_id not in ciphers and self.kept is not None:
            newer = KeyRing.from_text(self.kept())
            ciphers.update({name: newer._cipher(name) for name in newer.ids if name not in ciphers})
        return ciphers[key_id]

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        # itsdangerous signs with the last secret and accepts all of them.
        secrets_ = [_derive(key, "sign") for _, key in reversed(self.keys)]
        return URLSafeTimedSerializer(secrets_, salt=f"bole/{purpose}")


def head_of(key_id: str) -> bytes:
    """What an envelope that this key sealed begins with."""
    name = key_id.encode()
    return bytes((_VERSION, len(name))) + name


def sealed_by(envelope: bytes) -> str:
    """The id of the key that sealed it, told from its first bytes; empty for what is no envelope."""
    if len(envelope) < 2 or envelope[0] != _VERSION or len(envelope) < 2 + envelope[1]:
        return ""
    return envelope[2 : 2 + envelope[1]].decode("ascii", "replace")


def _text(token: str | bytes) -> str:
    return token if isinstance(token, str) else token.decode("ascii")


def ring() -> KeyRing:
    """The key ring of the running app."""
    found: KeyRing = running.services().ring
    return found
