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
PULLED = "60 per 10 minutes"  # of one minute in which they were sent
CODES_BY_SENDER = "5 per 15 minutes"
CODES_BY_ALL = "300 per 15 minutes"


def too_fast(sender: str, *, relayed: bool = False) -> bool:
    """Count one message; whether it is one too many. The sender is counted under a keyed digest. `relayed`: a platform
    that has proven itself brings it, so the address is nobody's in particular; then no request is needed."""
    own = ring().blind_index(sender, "limit")
    if relayed:
        return not limiter.allows(BY_SENDER, "sender", own)
    g.chat_sender = own
    try:
        _count()
    except RateLimitExceeded:
        return True
    return False


def too_many(sender: str, minute: int) -> bool:
    """Count one message that was pulled later, by the minute in which it was sent: who wrote much while we were away
    is no machine."""
    return not limiter.allows(PULLED, "pulled", ring().blind_index(sender, "limit"), str(minute))


def too_many_codes(sender: str) -> bool:
    """Count one try of a one-time code; whether it is one too many, of this sender or of all together: eight digits
    are safe only as long as nobody may guess often."""
    own = ring().blind_index(sender, "limit")
    return not all([limiter.allows(CODES_BY_SENDER, "code", own), limiter.allows(CODES_BY_ALL, "code")])


def _sender() -> str:
    return str(g.chat_sender)


@limiter.limit(BY_ADDRESS)
@limiter.limit(BY_SENDER, key_func=_sender)
def _count() -> None:
    """Raises RateLimitExceeded."""
