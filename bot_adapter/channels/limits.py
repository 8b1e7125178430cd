"""How many messages one sender, and one address, may send: far more than a person types, far less than a machine.

Many people share an address (a town's mobile network), so that limit is wide. What is refused is not lost: the page
keeps it and sends it again. A platform calls from a few addresses for everybody who writes to us: behind one, only the
sender counts.
"""

from __future__ import annotations

from flask import g
from flask_limiter import RateLimitExceeded

from models.crypto import ring
from models.extensions import limiter

BY_SENDER = "60 per minute; 1200 per hour"
BY_ADDRESS = "400 per minute"


def too_fast(sender: str, *, relayed: bool = False) -> bool:
    """Count one message; whether it is one too many. The sender is counted under a keyed digest. `relayed`: a platform
    that has proven itself brings it, so the address is nobody's in particular."""
    g.chat_sender = ring().blind_index(sender, "limit")
    try:
        (_count_relayed if relayed else _count)()
    except RateLimitExceeded:
        return True
    return False


def _sender() -> str:
    return str(g.chat_sender)


@limiter.limit(BY_ADDRESS)
@limiter.limit(BY_SENDER, key_func=_sender)
def _count() -> None:
    """Raises RateLimitExceeded."""


@limiter.limit(BY_SENDER, key_func=_sender)
def _count_relayed() -> None:
    """Raises RateLimitExceeded."""
