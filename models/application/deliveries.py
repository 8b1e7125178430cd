"""Each message sent to a platform, by its own key: sending → sent | queued | delivered | failed | deferred | uncertain.

The row is written before the platform is called, so that a process that dies in between leaves a row that says so: it
is `uncertain` and is not sent again, unless the platform itself drops what comes twice under one key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import IntegrityError

from models.application.channel_tables import Delivery
from models.application.tables import Conversation, new_id
from models.extensions import db

LEASE = timedelta(seconds=90)  # longer than any call to a platform takes
MAX_SENDS = 6  # attempts of one message, then it has failed
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
SENDING, SENT, QUEUED, DELIVERED, FAILED, DEFERRED, UNCERTAIN = (
    "sending",
    "sent",
    "queued",
    "delivered",
    "failed",
    "deferred",
    "uncertain",
)
OUT = (SENT, QUEUED, DELIVERED)  # the platform has it
OVER = (*OUT, FAILED, UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Claim:
    """Whether a message may be sent now. `until`: not before then (it waits, or somebody else is sending it)."""

    go: bool
    until: datetime | None = None


def claim(effect: str, about: dict[str, Any], now: datetime, *, repeatable: bool = False) -> Claim:
    """Take the message of this key for sending, in a transaction of its own.

    `about`: the row's channel, purpose and ids (see `Delivery`). `repeatable`: the platform drops a second message of
    the same key, so that an uncertain one is simply sent again.
    """
    values = {
        "id": new_id(),
        "effect": effect,
        "state": SENDING,
        "attempts": 1,
        "lease_until": now + LEASE,
        "created_at": now,
        "updated_at": now,
        **about,
    }
    try:
        with db.engine.begin() as connection:
            connection.execute(insert(Delivery).values(**values))
        return Claim(go=True)
    except IntegrityError:
        return _again(effect, now, repeatable)


def _again(effect: str, now: datetime, repeatable: bool) -> Claim:
    with db.engine.begin() as connection:
        columns = (Delivery.state, Delivery.attempts, Delivery.lease_until, Delivery.not_before)
        found = connection.execute(select(*columns).where(Delivery.effect == effect).with_for_update()).one_or_none()
        if found is None or found.state in OVER:  # gone with its application, or done
            return Claim(go=False)
        if found.state == SENDING and found.lease_until is not None and found.lease_until > now:
            return Claim(False, found.lease_until)
        if found.state == DEFERRED and found.not_before is not None and found.not_before > now:
            return Claim(False, found.not_before)
        died = found.state == SENDING
        over = UNCERTAIN if died and not repeatable else FAILED if found.attempts >= MAX_SENDS else None
        change = (
            {"state": over, "lease_until": None}
            if over is not None
            else {"state": SENDING, "attempts": found.attempts + 1, "lease_until": now + LEASE}
        )
        connection.execute(update(Delivery).where(Delivery.effect == effect).values(updated_at=now, **change))
        return Claim(over is None)


def settle(
    effect: str,
    now: datetime,
    state: str,
    *,
    error: str = "",
    detail: str = "",
    external_id: str = "",
    retry_after: float | None = None,
    pushed_to: str | None = None,
) -> datetime | None:
    """Write down how a send ended. Deferred: when to try again is returned; after `MAX_SENDS` it has failed.

    `pushed_to`: the conversation whose window it used; its count, or that the person has blocked us, is kept with it.
    """
    with db.engine.begin() as connection:
        attempts = connection.scalar(select(Delivery.attempts).where(Delivery.effect == effect)) or 0
        again = None
        if state == DEFERRED and attempts < MAX_SENDS:
            wait = min(FIRST_WAIT * 4 ** max(attempts - 1, 0), LONGEST_WAIT)
            again = now + max(wait, timedelta(seconds=retry_after or 0))
        connection.execute(
            update(Delivery)
            .where(Delivery.effect == effect)
            .values(
                state=FAILED if state == DEFERRED and again is None else state,
                error=error[:20],
                detail=detail[:80],
                external_id=external_id[:120],
                not_before=again,
                lease_until=None,
                updated_at=now,
            )
        )
        if pushed_to is not None:
            _count(connection, pushed_to, state, error, now)
        return again


def _count(connection: Connection, conversation_id: str, state: str, error: str, now: datetime) -> None:
    change: dict[str, Any] = {}
    if state in OUT:
        change["pushes"] = Conversation.pushes + 1
    elif error == "blocked":
        change["blocked_at"] = now
    if change:
        connection.execute(update(Conversation).where(Conversation.id == conversation_id).values(**change))


def again(notice_id: str, now: datetime) -> int:
    """Let what has failed of a notice be tried from the start, within the caller's transaction; how much that is."""
    failed = (Delivery.notice_id == notice_id, Delivery.state == FAILED)
    fresh = {"state": DEFERRED, "attempts": 0, "error": "", "detail": "", "not_before": now, "updated_at": now}
    result = db.session.execute(update(Delivery).where(*failed).values(**fresh))
    return cast(CursorResult[Any], result).rowcount
