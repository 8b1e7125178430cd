"""What time it is. Nothing else reads the wall clock: a clock is passed in, or taken from the running app.

Instants are UTC and timezone-aware. Whole days (opening and closing dates, ages) are days in China's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from time import time as unix_time
from typing import Protocol

from models import running

CHINA = timezone(timedelta(hours=8), "CST")  # one zone, no daylight saving since 1991
_AHEAD, _DAY = 8 * 3600, 24 * 3600  # seconds: of China's time before UTC, and in a day
_EPOCH = date(1970, 1, 1).toordinal()


class Clock(Protocol):
    """Tells the instant and the day."""

    def now(self) -> datetime:
        """The instant, UTC, timezone-aware."""

    def today(self) -> date:
        """The day in China's time."""


class SystemClock:
    """The machine's clock; with `day`, the machine's time of day on that day, to replay a notice's own dates."""

    def __init__(self, day: date | None = None) -> None:
        self.day = day

    def now(self) -> datetime:
        if self.day is None:
            return datetime.now(UTC)
        return datetime.combine(self.day, datetime.now(CHINA).timetz()).astimezone(UTC)

    def today(self) -> date:
        return self.day or date.fromordinal(_EPOCH + (int(unix_time()) + _AHEAD) // _DAY)


@dataclass
class FixedClock:
    """A clock that stands still until it is moved: for tests and for replaying."""

    instant: datetime

    def __post_init__(self) -> None:
        if self.instant.tzinfo is None:
            raise ValueError("a clock needs a timezone-aware instant")

    def now(self) -> datetime:
        return self.instant.astimezone(UTC)

    def today(self) -> date:
        return self.instant.astimezone(CHINA).date()

    def advance(self, **delta: float) -> None:
        """Move by a `timedelta` given in its keywords: ``clock.advance(days=3)``."""
        self.instant += timedelta(**delta)

    def set_day(self, day: date, at: time = time(9, 0)) -> None:
        """Move to `day` in China's time."""
        self.instant = datetime.combine(day, at, CHINA)


def current() -> Clock:
    """The clock of the running app."""
    clock: Clock = running.services().clock
    return clock
