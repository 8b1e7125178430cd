"""Pings: what the callback leaves behind for the job that pulls. The ping's token is kept in the channel's state, not
with the job: it opens a page of messages, and the queue is no place for it."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot_adapter.channels.kefu.account import NAME, Account
from bot_adapter.channels.kefu.channel import Ping
from models import clock, outbox
from models.application import channel_state
from models.application.tables import Outbox
from models.unit_of_work import unit_of_work

JOB = "pull_kefu"
HOLDS = timedelta(minutes=9)  # of the ten that the platform gives
EVERY = timedelta(minutes=5)  # a pull without a ping: one may have been lost


def take(account: Account, ping: Ping) -> None:
    """Keep a ping's token and promise a pull that begins after it. Many pings at once are one pull."""
    now = clock.current().now()
    channel_state.put(_key(account), ping.token, now, now + HOLDS)
    which = hashlib.sha256(f"{ping.sent}\n{ping.token}".encode()).hexdigest()[:32]
    with unit_of_work() as session:
        if not _waits(session, account, now):
            outbox.promise(session, JOB, account.open_kfid, f"{JOB}:{account.open_kfid}:{which}")


def remind(account: Account) -> None:
    """Promise the pull of this stretch of time, once, however many ask for it."""
    stretch = int(clock.current().now().timestamp() // EVERY.total_seconds())
    with unit_of_work() as session:
        outbox.promise(session, JOB, account.open_kfid, f"{JOB}:{account.open_kfid}:at:{stretch}")


def token(account: Account, now: datetime) -> str:
    """The last ping's token, as long as it holds; empty: none."""
    return channel_state.get(_key(account), now) or ""


def _waits(session: Session, account: Account, now: datetime) -> bool:
    """Whether a pull is promised that has not begun: it will see what this ping is about."""
    begins = (Outbox.state == "pending", Outbox.not_before <= now, Outbox.lease_until.is_(None))
    query = select(Outbox.id).where(Outbox.job == JOB, Outbox.subject_id == account.open_kfid, *begins)
    return session.scalar(query.limit(1)) is not None


def _key(account: Account) -> channel_state.Key:
    return NAME, account.open_kfid, "ping"
