"""What a channel's account keeps between messages (an access token, a cursor), encrypted, shared by all processes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.application.channel_tables import ChannelState
from models.crypto import Damaged, ring
from models.extensions import db, reading, writing

LEASE = timedelta(seconds=30)  # longer than one call to a platform
Key = tuple[str, str, str]  # channel, account, name


def bound_to(channel: str, account: str, name: str) -> str:
    """What the envelope is bound to."""
    return f"channel_state:{channel}:{account}:{name}"


def get(key: Key, now: datetime) -> str | None:
    """What is kept under `key`; None where there is nothing, or it has expired."""
    columns = (ChannelState.sealed, ChannelState.expires_at)
    with reading(), db.engine.connect() as connection:
        found = connection.execute(select(*columns).where(*_is(key))).one_or_none()
    if found is None or found.sealed is None or (found.expires_at is not None and found.expires_at <= now):
        return None
    return ring().open(found.sealed, bound_to(*key)).decode()


def told(key: Key, now: datetime) -> str | None:
    """The same for what can be lost: None also where no key of the ring opens it any more."""
    try:
        return get(key, now)
    except Damaged:
        return None


def put(key: Key, value: str, now: datetime, expires_at: datetime | None = None) -> None:
    """Keep `value`, in a transaction of its own, and let go of the lease."""
    _make(key, now)
    sealed = ring().seal(value.encode(), bound_to(*key))
    _update(key, sealed=sealed, expires_at=expires_at, lease_until=None, updated_at=now)


def forget(key: Key, value: str, now: datetime) -> None:
    """Drop what is kept, if it still is `value`: the platform says that it no longer holds."""
    if get(key, now) == value:
        _update(key, expires_at=now, updated_at=now)


def drop(key: Key, now: datetime) -> None:
    """Keep it no longer, with what of this channel's account and of the same kind (the name up to its colon) has
    expired."""
    channel, account, name = key
    kind = ChannelState.name.startswith(name.partition(":")[0] + ":", autoescape=True)
    old = (ChannelState.channel == channel, ChannelState.account == account, kind)
    with writing(), db.engine.begin() as connection:
        connection.execute(delete(ChannelState).where(*_is(key)))
        connection.execute(delete(ChannelState).where(*old, ChannelState.expires_at <= now))


def drop_within(session: Session, key: Key) -> None:
    """Keep it no longer, within the caller's transaction."""
    session.execute(delete(ChannelState).where(*_is(key)))


def first(key: Key, now: datetime, until: datetime) -> bool:
    """Note that something happened, for as long as it could happen again. False: it had happened before. What has
    expired of this channel's account is dropped."""
    channel, account, name = key
    old = (ChannelState.channel == channel, ChannelState.account == account, ChannelState.expires_at <= now)
    with writing(), db.engine.begin() as connection:
        connection.execute(delete(ChannelState).where(*old, ChannelState.sealed.is_(None)))
    try:
        with writing(), db.engine.begin() as connection:
            row = {"channel": channel, "account": account, "name": name, "expires_at": until, "updated_at": now}
            connection.execute(insert(ChannelState).values(row))
    except IntegrityError:
        return False
    return True


def lease(key: Key, now: datetime) -> bool:
    """Take the right to renew what is kept here, for `LEASE`. False: another process has it."""
    _make(key, now)
    free = or_(ChannelState.lease_until.is_(None), ChannelState.lease_until <= now)
    with writing(), db.engine.begin() as connection:
        result = connection.execute(update(ChannelState).where(*_is(key), free).values(lease_until=now + LEASE))
    return cast(CursorResult[Any], result).rowcount == 1


def release(key: Key) -> None:
    """Give the right to renew back without having renewed."""
    _update(key, lease_until=None)


def renewed(
    key: Key, now: Callable[[], datetime], renew: Callable[[], tuple[str, timedelta]], wait: Callable[[], bool]
) -> str | None:
    """What is kept, renewed by one process where it has expired: the others wait for it.

    `renew` asks the platform (value, and how long it holds); what it raises goes to the caller. `wait` waits a moment
    and says False when it has waited long enough: then None.
    """
    while True:
        known = get(key, now())
        if known is not None:
            return known
        if lease(key, now()):
            known = get(key, now())  # renewed between our look and our lease
            if known is not None:
                release(key)
                return known
            try:
                value, holds = renew()
            except BaseException:
                release(key)
                raise
            put(key, value, now(), now() + holds)
            return value
        if not wait():
            return None


def _is(key: Key) -> tuple[Any, ...]:
    channel, account, name = key
    return (ChannelState.channel == channel, ChannelState.account == account, ChannelState.name == name)


def _make(key: Key, now: datetime) -> None:
    channel, account, name = key
    with reading(), db.engine.connect() as connection:
        if connection.scalar(select(ChannelState.name).where(*_is(key))) is not None:
            return
    try:
        with writing(), db.engine.begin() as connection:
            connection.execute(insert(ChannelState).values(channel=channel, account=account, name=name, updated_at=now))
    except IntegrityError:
        return  # another process was faster


def _update(key: Key, **values: Any) -> None:
    with writing(), db.engine.begin() as connection:
        connection.execute(update(ChannelState).where(*_is(key)).values(**values))
