"""Signatures and the safe mode's encryption of an official account (公众号, 服务号).

Source: WeChat's 消息推送 and 消息加解密说明. The signature is SHA-1 over the sorted token, timestamp, nonce (and, in
safe mode, ciphertext); the ciphertext is AES-256-CBC over 16 random bytes, the message's length (four bytes, network
order), the message and the app id, padded to 32 (PKCS #7), under a key of which the first half is the IV as well.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot_adapter.channels.errors import Forged

_KEY = re.compile(r"[A-Za-z0-9]{43}")
_BLOCK = 32  # bytes; larger than AES's own 16
_HEAD = struct.Struct(">16sI")


def signature(*parts: str) -> str:
    """40 hex digits over the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def is_signed(given: str, *parts: str) -> bool:
    """Whether `given` is the signature of the parts; takes the same time for every wrong one."""
    return hmac.compare_digest(given.encode(), signature(*parts).encode())


@dataclass(frozen=True, slots=True)
class AesKey:
    """One EncodingAESKey (43 letters and digits) of the account `app_id`. Raises ValueError for another shape."""

    encoding_key: str = field(repr=False)
    app_id: str

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.encoding_key):
            raise ValueError("an EncodingAESKey is 43 letters and digits")

    def open(self, encrypted: str) -> bytes:
        """The message. Raises Forged where it was not encrypted with this key for this account."""
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as exc:
            raise Forged("not base64") from exc
        if not sealed or len(sealed) % 16:
            raise Forged("not whole blocks")
        decryptor = self._cipher().decryptor()
        return self._message(decryptor.update(sealed) + decryptor.finalize())

    def seal(self, message: bytes, filler: bytes = b"") -> str:
        """Encrypt. `filler`: the 16 bytes in front, random unless a test needs them known."""
        plain = _HEAD.pack(filler or secrets.token_hex(8).encode(), len(message)) + message + self.app_id.encode()
        short = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([short]) * short) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def _message(self, padded: bytes) -> bytes:
        short = padded[-1]
        plain = padded[:-short]
        if not 1 <= short <= _BLOCK or padded[-short:] != bytes([short]) * short or len(plain) < _HEAD.size:
            raise Forged("wrong key or damaged")
        _filler, length = _HEAD.unpack_from(plain)
        message, owner = plain[_HEAD.size : _HEAD.size + length], plain[_HEAD.size + length :]
        if len(message) != length or not hmac.compare_digest(owner, self.app_id.encode()):
            raise Forged("another account's")
        return message

    def _cipher(self) -> Cipher[modes.CBC]:
        key = base64.b64decode(self.encoding_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def open_with(keys: Sequence[AesKey], encrypted: str) -> tuple[bytes, AesKey]:
    """The message and the key that opened it: after a change both keys are in use for a while. Raises Forged."""
    for key in keys:
        try:
            return key.open(encrypted), key
        except Forged:
            continue
    raise Forged("no key opens it")
