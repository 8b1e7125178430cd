"""Digests of what is short: OpenSSL takes twice as long to find the algorithm as to digest it, so it is found once."""

from __future__ import annotations

import hashlib

_SHA256 = hashlib.sha256()  # of nothing: copied, never fed


def sha256(data: bytes) -> str:
    """In hexadecimal digits, as ``hashlib.sha256(data).hexdigest()``."""
    digest = _SHA256.copy()
    digest.update(data)
    return digest.hexdigest()
