"""How far the units are against the deadline (督促检查), with the sums of the tree; the late ones come first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import clock
from models.application import lifecycle
from models.application.tables import Application, Round
from models.office import chain, scope
from models.office.chain_tables import UnitReport
from models.office.tables import Staff, UnitRow
from models.office.units import in_tree
from models.programme.loader import load_pack

STEPS = ("submitted", "returned", "approved", "reported", "admitted")
STALE_DAYS = 7  # without anything happening, while somebody waits


@dataclass(frozen=True, slots=True)
class Line:
    """One unit: its own numbers, and with those below where there are units below. `late`: what it has yet to do."""

    unit: UnitRow
    depth: int
    counts: Mapping[str, int]
    total: Mapping[str, int]
    last: datetime | None
    reported_at: datetime | None
    late: tuple[str, ...] = ()

    @property
    def everybody(self) -> int:
        """All who have handed in here."""
        return sum(self.counts.values())

    @property
    def with_below(self) -> int:
        """The same with those of the units below."""
        return sum(self.total.values())


@dataclass(frozen=True, slots=True)
class Progress:
    """The units in reach, late ones first; `sums` over all of them. `drafts`: begun and not handed in, so with no unit
    yet; None where it is not this person's to see."""

    intake: Round
    days_left: int | None
    lines: tuple[Line, ...]
    sums: Mapping[str, int]
    drafts: int | None
    reports: bool
    admits: bool
    late: int = field(default=0)


def progress(session: Session, staff: Staff, intake: Round) -> Progress:
    """The figures of a round."""
    today = clock.current().today()
    pack = load_pack(intake.programme)
    units = {row.id: row for row in session.scalars(scope.units(staff).order_by(UnitRow.code))}
    counted: dict[str, Counter[str]] = {}
    last: dict[str, datetime] = {}
    numbers = scope.applications(staff).where(Application.round_id == intake.id)
    grouped = numbers.with_only_columns(
        Application.unit_id, Application.status, func.count(), func.max(Application.updated_at)
    ).group_by(Application.unit_id, Application.status)
    for unit_id, status, count, latest in session.execute(grouped):
        counted.setdefault(unit_id or "", Counter())[status] = count
        last[unit_id or ""] = max(latest, last.get(unit_id or "", latest))
    sent_rows = session.execute(
        select(UnitReport.unit_id, func.max(UnitReport.reported_at))
        .where(UnitReport.round_id == intake.id, UnitReport.state != chain.SENT_BACK)
        .group_by(UnitReport.unit_id)
    ).all()
    sent = {row[0]: row[1] for row in sent_rows}
    days_left = (intake.closes - today).days if intake.closes is not None else None
    reports = chain.reports(pack)
    lines = []
    for unit, depth in in_tree(list(units.values())):
        own = counted.get(unit.id, Counter())
        if unit.closed_at is not None and not own:
            continue  # nobody is there, and nobody will come
        total = _below(unit.id, units, counted)
        at = last.get(unit.id)
        late = _late(unit, own, at, today, days_left, reports=reports)
        lines.append(Line(unit, depth, own, total, at, sent.get(unit.id), late))
    lines.sort(key=lambda line: (not line.late, line.depth if line.late else 0))
    sums: Counter[str] = sum(counted.values(), Counter())
    whole = scope.OFFICE in scope.roles(staff)
    return Progress(
        intake,
        days_left,
        tuple(lines),
        sums,
        _drafts(session, intake) if whole else None,
        reports,
        chain.admits(pack),
        sum(bool(line.late) for line in lines),
    )


def _below(unit_id: str, units: Mapping[str, UnitRow], counted: Mapping[str, Counter[str]]) -> Counter[str]:
    total = Counter(counted.get(unit_id, Counter()))
    for other in units.values():
        if other.parent_id == unit_id:
            total += _below(other.id, units, counted)
    return total


def _late(
    unit: UnitRow, own: Mapping[str, int], last: datetime | None, today: date, days_left: int | None, *, reports: bool
) -> tuple[str, ...]:
    """What is overdue, as names of sentences: nobody has come, people wait for review, people wait for the report."""
    late = []
    near = days_left is not None and days_left <= STALE_DAYS
    waits = own.get(lifecycle.SUBMITTED, 0)
    quiet = last is None or (today - last.date()).days >= STALE_DAYS
    if not sum(own.values()) and near and not unit.office:
        late.append("nobody")
    if waits and (near or quiet):
        late.append("review")
    if reports and not unit.office and own.get(lifecycle.APPROVED, 0) and (near or quiet):
        late.append("report")
    return tuple(late)


def _drafts(session: Session, intake: Round) -> int:
    query = select(func.count()).where(Application.round_id == intake.id, Application.status == lifecycle.DRAFT)
    return session.scalar(query) or 0
