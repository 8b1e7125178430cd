"""How many messages one sender, and one address, may send: far more than a person types, far less than a machine.

Many people share an address (a town's mobile network), so that limit is wide. What is refused is not lost: the page
keeps it and sends it again.
"""

from __future__ import annotations

from flask import g
from flask_limiter import RateLimitExceeded

from models.crypto import ring
from models.extensions import limiter

BY_SENDER = "60 per minute; 1200 per hour"
BY_ADDRESS = "400 per minute"


def too_fast(sender: str) -> bool:
    """Count one message; whether it is one too many. The sender is counted under a keyed digest."""
    g.chat_sender = ring().blind_index(sender, "limit")
    try:
        _count()
    except RateLimitExceeded:
        return True
    return False


@limiter.limit(BY_ADDRESS)
@limiter.limit(BY_SENDER, key_func=lambda: str(g.chat_sender))
def _count() -> None:
    """Raises RateLimitExceeded."""
