"""Who has been greeted on coming in and has not written yet: their first message already answers the greeting.

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


def add(account: Account, sender: str, now: datetime) -> None:
    """Remember that somebody was greeted."""
    known = {one: at for one, at in _known(account, now).items() if at > (now - HOLDS).timestamp()}
    kept = dict(list(known.items())[-MOST + 1 :]) | {_digest(sender): now.timestamp()}
    channel_state.put(_key(account), json.dumps(kept), now, now + HOLDS)


def has(account: Account, sender: str, now: datetime) -> bool:
    """Whether somebody was greeted, in the last two days."""
    return _known(account, now).get(_digest(sender), 0.0) > (now - HOLDS).timestamp()


def _known(account: Account, now: datetime) -> dict[str, float]:
    kept = channel_state.get(_key(account), now)
    return dict(json.loads(kept)) if kept is not None else {}


def _digest(sender: str) -> str:
    return ring().blind_index(sender, "welcomed")[:32]


def _key(account: Account) -> channel_state.Key:
    return NAME, account.open_kfid, "welcomed"
