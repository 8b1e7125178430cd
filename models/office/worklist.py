"""The queue of applications that a member of staff works through: filtered, oldest first, in pages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, or_

from models import clock
from models.application.tables import Answer, Application
from models.extensions import db
from models.office import counting, queue_filter, scope, unit_entries
from models.office.queue_filter import Filter
from models.office.review_tables import Assignment
from models.office.tables import Staff
from models.programme.loader import load_pack

__all__ = ["Filter", "Worklist", "neighbours", "unfilled", "waiting", "worklist"]

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Facets:
    """How many there would be beside each link: by status, category, unit, way and who has them (`who` by id of staff;
    None: nobody), and with each of the flags; always under the same other filters."""

    category: dict[str, int] = field(default_factory=dict)
    unit: dict[str | None, int] = field(default_factory=dict)
    who: dict[int | None, int] = field(default_factory=dict)
    way: dict[str, int] = field(default_factory=dict)
    waiting: dict[int, int] = field(default_factory=dict)
    findings: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of the queue. `counts` has the number in each status under the same other filters; `lacking` how many
    fields the unit has still to fill in about each person in reach (None where it fills in nothing)."""

    filter: Filter
    rows: tuple[Application, ...]
    counts: dict[str, int]
    total: int
    pages: int
    lacking: dict[str, int] | None = None
    facets: Facets = field(default_factory=Facets)


def worklist(staff: Staff, wanted: Filter) -> Worklist:
    """The page of the queue that `wanted` asks for; a page beyond the last shows the last."""
    lacking = unfilled(staff)
    conditions = queue_filter.parts(staff, wanted)
    reach = scope.applications(staff)
    if wanted.unfilled:
        reach = reach.where(Application.id.in_(lacking or ()))
    counts: dict[str, int] = _grouped(_but(reach, conditions, "status"), Application.status)
    total = counts.get(wanted.status, 0) if wanted.status else sum(counts.values())
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, wanted.page), pages)
    query = _ordered(_but(reach, conditions), wanted)
    rows = db.session.scalars(query.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    facets = _facets(staff, reach, conditions)
    return Worklist(replace(wanted, page=page), tuple(rows), counts, total, pages, lacking, facets)


def ids(staff: Staff, wanted: Filter, limit: int) -> list[tuple[str, int]]:
    """Everything that the filter shows, on whatever page: ids with their versions, in the queue's order."""
    query = _ordered(_but(scope.applications(staff), queue_filter.parts(staff, wanted)), wanted)
    if wanted.unfilled:
        query = query.where(Application.id.in_(unfilled(staff) or ()))
    rows = db.session.execute(query.with_only_columns(Application.id, Application.version).limit(limit))
    return [(row[0], row[1]) for row in rows]


def _but(query: Select[Any], conditions: Mapping[str, ColumnElement[bool]], left_out: str = "") -> Select[Any]:
    return query.where(*(condition for name, condition in conditions.items() if name != left_out))


def _ordered(query: Select[Any], wanted: Filter) -> Select[Any]:
    if wanted.order == "newest":
        return query.order_by(Application.submitted_at.desc(), Application.id.desc())
    return query.order_by(Application.submitted_at, Application.id)


def _grouped(query: Select[Any], column: Any) -> dict[Any, int]:
    rows = db.session.execute(
        query.with_only_columns(column, func.count(), maintain_column_froms=True).group_by(column)
    )
    return {row[0]: row[1] for row in rows}


def _facets(staff: Staff, reach: Select[Any], conditions: Mapping[str, ColumnElement[bool]]) -> Facets:
    categories: Counter[str] = Counter()
    listed = cast(Application.categories, String)
    for names, number in _grouped(_but(reach, conditions, "category"), listed).items():
        categories.update(dict.fromkeys(json.loads(names or "[]"), number))
    live = and_(Assignment.application_id == Application.id, Assignment.until > clock.current().now())
    holders = _but(reach, conditions, "who").outerjoin(Assignment, live)
    waits = _having(_but(reach, conditions, "waiting"), [queue_filter.waited(days) for days in queue_filter.WAITS])
    findings, missing = _having(_but(reach, conditions), [queue_filter.HAS_FINDINGS, queue_filter.LACKS_DOCUMENTS])
    return Facets(
        dict(categories),
        _grouped(_but(reach, conditions, "unit"), Application.unit_id),
        _grouped(holders, Assignment.staff_id),
        _ways(staff, _but(reach, conditions, "way")),
        dict(zip(queue_filter.WAITS, waits, strict=True)),
        findings,
        missing,
    )


def _having(query: Select[Any], flags: Sequence[ColumnElement[bool]]) -> list[int]:
    """How many of the query's applications have each of the flags."""
    counted = [func.coalesce(func.sum(case((flag, 1), else_=0)), 0) for flag in flags]
    row = db.session.execute(query.with_only_columns(*counted, maintain_column_froms=True)).one()
    return [int(number) for number in row]


def _ways(staff: Staff, query: Select[Any]) -> dict[str, int]:
    key = queue_filter.way_key(staff)
    if not key:
        return {}
    said = query.join(Answer, and_(Answer.application_id == Application.id, Answer.key == key))
    return {json.loads(way): number for way, number in _grouped(said, cast(Answer.value, String)).items() if way}


def unfilled(staff: Staff, among: Sequence[str] | None = None) -> dict[str, int] | None:
    """How many fields the unit has still to fill in about each person in reach (or about those `among` them); None
    where it fills in nothing."""
    slug = scope.programme(staff)
    pack = load_pack(slug) if slug else None
    if pack is None or not pack.form.unit_fields:
        return None
    reach = scope.applications(staff)
    if among is not None:
        reach = reach.where(Application.id.in_(among))
    found = unit_entries.missing(db.session(), slug, reach)
    return {application_id: len(fields) for application_id, fields in found.items()}


def neighbours(staff: Staff, application: Application, wanted: Filter | None = None) -> tuple[str | None, str | None]:
    """Ids of the previous and next application in the queue that the filter shows, whether or not this one is still in
    it; without a filter among those in the same status."""
    at, own = application.submitted_at, application.id
    if at is None:
        return None, None
    wanted = wanted or Filter(status=application.status)
    among = _but(scope.applications(staff), queue_filter.parts(staff, wanted)).with_only_columns(Application.id)
    if wanted.unfilled:
        among = among.where(Application.id.in_(unfilled(staff) or ()))
    earlier = or_(Application.submitted_at < at, (Application.submitted_at == at) & (Application.id < own))
    later = or_(Application.submitted_at > at, (Application.submitted_at == at) & (Application.id > own))
    up, down = (Application.submitted_at, Application.id), (Application.submitted_at.desc(), Application.id.desc())
    before = db.session.scalar(among.where(earlier).order_by(*down).limit(1))
    after = db.session.scalar(among.where(later).order_by(*up).limit(1))
    return (after, before) if wanted.order == "newest" else (before, after)


def to_decide(staff: Staff) -> Select[str]:
    """Ids of the applications that wait for a decision of this person."""
    return scope.decidable(staff).where(Application.status == "submitted").with_only_columns(Application.id)


def waiting(staff: Staff) -> int:
    """How many these are."""
    return counting.number(db.session(), to_decide(staff))
