"""Whether a channel works, asked for by an administrator and found out by a worker: where messages are sent from, so
that the address which the platform sees is the right one. The last result of each channel is kept with the channel's
own state; it holds codes and kinds, nothing secret and nothing of a person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models import clock, outbox
from models.application import channel_state
from models.errors import NotFound
from models.extensions import db
from models.office import audit, scope
from models.office.tables import Staff
from models.unit_of_work import unit_of_work

JOB = "test_channel"
TESTED = ("wechat", "kefu", "telegram", "email")
RIGHT = "wechat.right_"  # how findings about an account's rights begin; their value is "code:field"
WAITING = "waiting"  # asked for, and no worker has answered yet
PATIENCE = timedelta(minutes=1)  # for which a second press asks nobody
KINDS = (
    *("ok", "not_set", "key", "ip", "confirm", "frozen", "limit", "network", "silent", "odd", "refused"),
    *("certificate", "encryption", "sender"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing more that was found out: a name of wording, whether it is as it should be, and what fills it."""

    name: str
    good: bool | None  # None: nobody can tell, or it does not matter
    value: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """How a test ended (`kind` of `KINDS`, or `WAITING`). `code`: the platform's, or the kind of the failure."""

    kind: str
    code: str = ""
    findings: tuple[Finding, ...] = ()
    at: datetime | None = None


def ask(staff: Staff, channel: str) -> None:
    """Promise a test, unless one was asked for a moment ago. Raises NotFound for a channel that has none, and for
    whoever is no administrator."""
    if channel not in TESTED or scope.ADMIN not in scope.roles(staff):
        raise NotFound("office.not_found")
    staff_id, now = staff.id, clock.current().now()
    db.session.rollback()  # only read so far; what is kept has a connection of its own
    last = latest(channel)
    if last is not None and last.kind == WAITING and last.at is not None and now - last.at < PATIENCE:
        return
    keep(channel, Result(WAITING))
    with unit_of_work() as session:
        outbox.promise(session, JOB, channel, f"{JOB}:{channel}:{now.isoformat()}")
        audit.write(session, staff_id, audit.TEST_CHANNEL, f"channel:{channel}")


def keep(channel: str, result: Result) -> None:
    """Put the result in the place of the last one, in a transaction of its own."""
    now = clock.current().now()
    found = [[one.name, one.good, one.value] for one in result.findings]
    said = {"kind": result.kind, "code": result.code, "findings": found, "at": now.isoformat()}
    channel_state.put(_key(channel), json.dumps(said), now)


def latest(channel: str) -> Result | None:
    """How the last test ended, or that one is waited for; None where nobody has asked yet."""
    kept = channel_state.told(_key(channel), clock.current().now())
    if kept is None:
        return None
    said = json.loads(kept)
    found: Sequence[tuple[str, bool | None, str]] = said["findings"]
    findings = tuple(Finding(name, good, value) for name, good, value in found)
    return Result(said["kind"], said["code"], findings, datetime.fromisoformat(said["at"]))


def _key(channel: str) -> channel_state.Key:
    return channel, "office", "test"
