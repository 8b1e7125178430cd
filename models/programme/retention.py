"""How long personal data are kept, by how an application ended; the notice's own periods, or ours where it has none."""

from __future__ import annotations

import calendar
from datetime import date

from pydantic import Field

from models.programme.basics import ClauseRef, Model

# How an application may have come to rest; what waits for people (handed in, returned) is kept until it is decided.
# Who has been admitted is kept for as long as they are in the registry.
ENDINGS = ("approved", "declined", "withdrawn", "draft", "removed")


class Retention(Model):
    """Months after the decision, the withdrawal, the exit or, for a draft, the later of its last change and the end
    of its round.

    The defaults are ours, the shortest time that serves the purpose (PIPL art. 19): a year of questions about a
    refusal, two years of proof of an approval. `clause` says where the notice sets them; empty, the office decides.
    """

    clause: ClauseRef = ""
    approved: int = Field(default=24, ge=1, le=1200)
    declined: int = Field(default=12, ge=1, le=1200)
    withdrawn: int = Field(default=3, ge=1, le=1200)
    draft: int = Field(default=6, ge=1, le=1200)
    removed: int = Field(default=24, ge=1, le=1200)

    def months(self, ending: str) -> int:
        """The period of one of `ENDINGS`."""
        months: int = getattr(self, ending)
        return months

    def ends(self, ending: str, day: date) -> date:
        """The day on which the data go, if what the period runs from was on `day`."""
        return add_months(day, self.months(ending))


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
