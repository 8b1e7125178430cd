"""The versions of a programme as its office sees them: since when, who is judged by them, and what a change reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from models import clock
from models.application import lifecycle, packs
from models.application.impact import Impact, impact
from models.application.moving import differences
from models.application.tables import Application, PackVersion
from models.extensions import db
from models.office import scope
from models.office.tables import Staff
from models.programme.diff_words import Area, areas

DECIDED = (*lifecycle.PASSED, lifecycle.REMOVED, lifecycle.DECLINED)


@dataclass(frozen=True, slots=True)
class Edition:
    """A published version and how many applications it judges, by status."""

    version: PackVersion
    in_force: bool
    counts: Mapping[str, int]

    @property
    def decided(self) -> int:
        """Applications that stay with it for good."""
        return sum(self.counts.get(status, 0) for status in DECIDED)


def editions(staff: Staff) -> list[Edition]:
    """The published versions of the own programme, the one in force first. Numbers only: no people."""
    found = db.session.scalars(scope.versions(staff)).all()
    counted: dict[str, dict[str, int]] = {}
    numbers = select(Application.pack_version, Application.status, func.count()).where(
        Application.programme == scope.programme(staff)
    )
    for version, status, count in db.session.execute(numbers.group_by(Application.pack_version, Application.status)):
        counted.setdefault(version, {})[status] = count
    return [Edition(row, place == 0, counted.get(row.version, {})) for place, row in enumerate(found)]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side. `impact` is None where it was not asked for."""

    old: str
    new: str
    areas: tuple[Area, ...]
    impact: Impact | None


def compare(staff: Staff, old: str, new: str, lang: str, *, reached: bool) -> Comparison:
    """What is different between two published versions of the own programme, and (`reached`) which drafts that would
    touch today. Raises NotFound."""
    for version in (old, new):
        scope.get_version(staff, version)
    slug = scope.programme(staff)
    before, after = packs.of_version(slug, old), packs.of_version(slug, new)
    changes = differences(before, after)
    today = clock.current().today()
    looked = impact(db.session(), before, after, changes, today) if reached else None
    return Comparison(old, new, areas(changes, before, after, lang), looked)
