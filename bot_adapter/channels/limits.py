"""How many messages one sender, and one address, may send: far more than a person types, far less than a machine.

Many people share an address (a town's mobile network), so that limit is wide. What is refused is not lost: the page
keeps it and sends it again. A platform calls from a few addresses for everybody who writes to us: behind one, only the
sender counts.
"""

from __future__ import annotations

from flask import g, has_request_context
from flask_limiter import RateLimitExceeded
from flask_limiter.util import get_remote_address

from models.crypto import ring
from models.extensions import limiter

BY_SENDER = "60 per minute; 1200 per hour"
BY_ADDRESS = "400 per minute"
PULLED = "60 per 10 minutes"  # of one minute in which they were sent
CODES_BY_SENDER = "5 per 15 minutes"
CODES_BY_ADDRESS = "40 per 15 minutes"  # a town's mobile network is one
CODES_BY_ALL = "300 per 15 minutes"  # of one channel
OPEN_TO_ALL = "webchat"


def too_fast(sender: str, *, relayed: bool = False, once: str = "") -> bool:
    """Count one message; whether it is one too many. The sender is counted under a keyed digest. `relayed`: a platform
    that has proven itself brings it, so the address is nobody's in particular; then no request is needed. `once`: what
    the platform's repeats of this message have in common; they are let through with it."""
    own = ring().blind_index(sender, "limit")
    if relayed:
        return not limiter.allows(BY_SENDER, "sender", own, once=once)
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


def too_many_codes(channel: str, sender: str) -> bool:
    """Count one try of a one-time code; whether it is one too many: eight digits are safe only as long as nobody may
    guess often.

    A sender whom a platform vouches for is counted, and all of its channel together. On the web anybody is as many
    senders as they like, so their address is counted as well, and what is guessed there keeps nobody on a platform
    from binding.
    """
    own = ring().blind_index(f"{channel}:{sender}", "limit")
    here = [limiter.allows(CODES_BY_SENDER, "code", own)]
    if channel == OPEN_TO_ALL and has_request_context():
        address = ring().blind_index(get_remote_address(), "limit")
        here.append(limiter.allows(CODES_BY_ADDRESS, "code-from", address))
    if not all(here):
        return True  # what is refused already does not use up what the others have
    return not limiter.allows(CODES_BY_ALL, "code", channel)


def _sender() -> str:
    return str(g.chat_sender)


@limiter.limit(BY_ADDRESS)
@limiter.limit(BY_SENDER, key_func=_sender)
def _count() -> None:
    """Raises RateLimitExceeded."""
