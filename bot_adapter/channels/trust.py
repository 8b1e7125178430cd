"""Whom a call over TLS believes: the public authorities, read once a process."""

from __future__ import annotations

from functools import cache
from ssl import SSLContext

import httpx


@cache
def trust() -> SSLContext:
    """Made when it is first needed, and the same for every client: reading the list takes longer than a call. It keeps
    nothing of whom was called, so that clients may share it, in threads and after a fork."""
    return httpx.create_ssl_context(trust_env=False)
