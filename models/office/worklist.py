"""The queue of applications that a member of staff works through: filtered, oldest first, in pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_, select

from models.application.tables import Application
from models.extensions import db
from models.office import scope, unit_entries
from models.office.tables import Staff
from models.programme.loader import load_pack

PAGE_SIZE = 50
SEARCH_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """What the queue shows. Empty parts do not filter; `page` counts from 1."""

    status: str = "submitted"
    category: str = ""
    unit_id: str = ""
    unfilled: bool = False  # only people about whom the unit has still to fill something in
    page: int = 1

    def query(self, **change: Any) -> dict[str, Any]:
        """The filter, changed, as the query string of a link; a change of filter begins at the first page."""
        other = replace(self, **{"page": 1, **change})
        plain: dict[str, Any] = {"status": other.status, "category": other.category, "unit": other.unit_id}
        plain |= {"unfilled": int(other.unfilled), "page": other.page}
        return {key: value for key, value in plain.items() if value and not (key == "page" and value == 1)}


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


def worklist(staff: Staff, wanted: Filter) -> Worklist:
    """The page of the queue that `wanted` asks for; a page beyond the last shows the last."""
    lacking = unfilled(staff)
    beside = scope.applications(staff).where(*_conditions(wanted))
    if wanted.unfilled:
        beside = beside.where(Application.id.in_(lacking or ()))
    grouped = beside.with_only_columns(Application.status, func.count()).group_by(Application.status)
    counts = {row[0]: row[1] for row in db.session.execute(grouped)}
    total = counts.get(wanted.status, 0) if wanted.status else sum(counts.values())
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, wanted.page), pages)
    query = beside.order_by(Application.submitted_at, Application.id)
    if wanted.status:
        query = query.where(Application.status == wanted.status)
    rows = db.session.scalars(query.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    return Worklist(replace(wanted, page=page), tuple(rows), counts, total, pages, lacking)


def unfilled(staff: Staff) -> dict[str, int] | None:
    """How many fields the unit has still to fill in about each person in reach; None where it fills in nothing."""
    slug = scope.programme(staff)
    pack = load_pack(slug) if slug else None
    if pack is None or not pack.form.unit_fields:
        return None
    found = unit_entries.missing(db.session(), slug, scope.applications(staff))
    return {application_id: len(fields) for application_id, fields in found.items()}


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.category:  # a JSON list, as text the same on both databases
        conditions.append(cast(Application.categories, String).contains(f'"{wanted.category}"', autoescape=True))
    if wanted.unit_id:
        conditions.append(Application.unit_id == wanted.unit_id)
    return conditions


def search(staff: Staff, text: str, person_indexes: Sequence[str] = ()) -> tuple[Application, ...]:
    """Applications in reach whose receipt or name holds `text`, or whose person has one of these blind indexes."""
    text = text.strip()
    if not text:
        return ()
    query = scope.applications(staff).where(
        or_(
            Application.person_index.in_(person_indexes),
            Application.receipt.contains(text.upper(), autoescape=True),
            Application.name.contains(text, autoescape=True),
        )
    )
    return tuple(db.session.scalars(query.order_by(Application.submitted_at).limit(SEARCH_LIMIT)))


def neighbours(staff: Staff, application: Application) -> tuple[str | None, str | None]:
    """Ids of the previous and next application in the same status, in the queue's order."""
    same = scope.applications(staff).where(Application.status == application.status)
    at, own = application.submitted_at, application.id
    if at is None:
        return None, None
    before = or_(Application.submitted_at < at, (Application.submitted_at == at) & (Application.id < own))
    after = or_(Application.submitted_at > at, (Application.submitted_at == at) & (Application.id > own))
    ids = same.with_only_columns(Application.id)
    previous = ids.where(before).order_by(Application.submitted_at.desc(), Application.id.desc()).limit(1)
    following = ids.where(after).order_by(Application.submitted_at, Application.id).limit(1)
    return db.session.scalar(previous), db.session.scalar(following)


def waiting(staff: Staff) -> int:
    """How many applications wait for a decision of this person."""
    query = select(func.count()).select_from(
        scope.decidable(staff).where(Application.status == "submitted").with_only_columns(Application.id).subquery()
    )
    return db.session.scalar(query) or 0
