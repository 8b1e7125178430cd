"""Who has been greeted on coming in, for which programme, and has not written yet: their first message already
answers the greeting.

Kept as keyed digests in one place, which only the process that pulls writes.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from bot_adapter.channels.kefu.account import NAME, Account
from models.application import channel_state
from models.crypto import ring

HOLDS = timedelta(hours=48)  # then the platform lets us greet again
MOST = 2000  # people


def add(account: Account, sender: str, slug: str, now: datetime) -> None:
    """Remember that somebody was greeted."""
    known = {one: seen for one, seen in _known(account, now).items() if seen[0] > (now - HOLDS).timestamp()}
    kept = dict(list(known.items())[-MOST + 1 :]) | {_digest(sender): (now.timestamp(), slug)}
    channel_state.put(_key(account), json.dumps(kept), now, now + HOLDS)


def answered(account: Account, sender: str, now: datetime) -> None:
    """They have written: what they write next answers no greeting."""
    known = _known(account, now)
    known.pop(_digest(sender), None)
    channel_state.put(_key(account), json.dumps(known), now, now + HOLDS)


def greeted_for(account: Account, sender: str, now: datetime) -> str | None:
    """The programme for which somebody was greeted in the last two days; None where they were not."""
    at, slug = _known(account, now).get(_digest(sender), (0.0, ""))
    return slug if at > (now - HOLDS).timestamp() and slug else None


def _known(account: Account, now: datetime) -> dict[str, tuple[float, str]]:
    kept = channel_state.get(_key(account), now)
    found = json.loads(kept) if kept is not None else {}
    # a time alone was written by an earlier version: to them the greeting comes once more
    return {one: (seen[0], seen[1]) for one, seen in found.items() if isinstance(seen, list)}


def _digest(sender: str) -> str:
    return ring().blind_index(sender, "welcomed")[:32]


def _key(account: Account) -> channel_state.Key:
    return NAME, account.open_kfid, "welcomed"
