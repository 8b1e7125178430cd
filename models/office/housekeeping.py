"""When the clockwork last looked for what is to be deleted, and what it deleted: numbers for the office to see."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock
from models.application import channel_state
from models.application.tables import Application, Event
from models.clock import CHINA

PURGE, UPLOADS, PAGES, RETURNS, BATCHES = "purge", "uploads", "pages", "returns", "batches"
LETTERS, FILES = "letters", "files"
TASKS = (PURGE, UPLOADS, PAGES, RETURNS, BATCHES, LETTERS, FILES)
LATE = timedelta(hours=3)  # it looks every hour at least
MONTHS = 12
_GONE = ("purged", "deleted", "consent_withdrawn")  # events behind which personal data are erased


@dataclass(frozen=True, slots=True)
class Note:
    """How the last look at one kind of thing went. `did`: when something was last deleted, and how much then."""

    at: datetime
    count: int
    did: datetime | None
    did_count: int

    def late(self, now: datetime) -> bool:
        """Whether the next look should have been long ago."""
        return now - self.at > LATE


@dataclass(frozen=True, slots=True)
class Erased:
    """How many applications of a programme lost their data in one month, by event; `month` is its first day."""

    month: date
    purged: int = 0
    deleted: int = 0
    consent_withdrawn: int = 0


def note(task: str, count: int) -> None:
    """Write down that `task` of `TASKS` was looked at just now, in a transaction of its own. Needs an app context."""
    now = clock.current().now()
    before = latest(task)
    did, did_count = (now, count) if count else (before.did, before.did_count) if before else (None, 0)
    said = {"at": now.isoformat(), "count": count, "did": did.isoformat() if did else "", "did_count": did_count}
    channel_state.put(_key(task), json.dumps(said), now)


def latest(task: str) -> Note | None:
    """How the last look went; None before the first."""
    kept = channel_state.told(_key(task), clock.current().now())
    if kept is None:
        return None
    said = json.loads(kept)
    did = datetime.fromisoformat(said["did"]) if said["did"] else None
    return Note(datetime.fromisoformat(said["at"]), said["count"], did, said["did_count"])


def erased(session: Session, programme: str) -> list[Erased]:
    """The last twelve months in which something was erased in this programme, the newest first."""
    since = clock.current().now() - timedelta(days=31 * MONTHS)
    query = (
        select(Event.type, Event.at)
        .join(Application, Application.id == Event.application_id)
        .where(Application.programme == programme)
        .where(Event.type.in_(_GONE), Event.at >= since)
    )
    months: dict[date, dict[str, int]] = {}
    for kind, at in session.execute(query):
        counts = months.setdefault(at.astimezone(CHINA).date().replace(day=1), {})
        counts[kind] = counts.get(kind, 0) + 1
    return [Erased(month, **counts) for month, counts in sorted(months.items(), reverse=True)][:MONTHS]


def _key(task: str) -> channel_state.Key:
    return "housekeeping", "office", task
