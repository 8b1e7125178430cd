"""Searches that a member of staff keeps for themselves. What was typed may be a person's name: it is kept sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from models import clock, crypto
from models.application.tables import new_id
from models.errors import InvalidAnswer
from models.extensions import db
from models.office import scope, sealing
from models.office.review_tables import SavedSearch
from models.office.searching import Wanted
from models.office.tables import Staff
from models.unit_of_work import unit_of_work

LONGEST, MOST = 60, 50


def saved(staff: Staff) -> Select[SavedSearch]:
    """One's own, of the programme that one works for now."""
    own = (SavedSearch.staff_id == staff.id, SavedSearch.programme == scope.programme(staff))
    return select(SavedSearch).where(*own)


def get_saved(staff: Staff, search_id: str) -> SavedSearch:
    """The search, if it is one's own. Raises NotFound otherwise."""
    return scope.one(saved(staff).where(SavedSearch.id == search_id))


def listed(staff: Staff) -> list[SavedSearch]:
    """One's own by name."""
    return list(db.session.scalars(saved(staff).order_by(SavedSearch.name, SavedSearch.id)))


def save(staff: Staff, name: str, wanted: Wanted) -> str:
    """Keep it under this name, in place of what had the name; its id. Raises InvalidAnswer (no name, too long, nothing
    asked, too many)."""
    name = " ".join(name.split())
    if not name:
        raise InvalidAnswer("office.search_name")
    if len(name) > LONGEST:
        raise InvalidAnswer("office.too_long", limit=LONGEST)
    if wanted.empty:
        raise InvalidAnswer("office.search_empty")
    staff_id, slug = staff.id, scope.programme(staff)
    with unit_of_work() as session:
        session.get(Staff, staff_id, with_for_update=True)  # two windows of one person at once
        row = session.scalar(saved(staff).where(SavedSearch.name == name))
        if row is None:
            if (session.scalar(select(func.count()).select_from(saved(staff).subquery())) or 0) >= MOST:
                raise InvalidAnswer("office.search_many", limit=MOST)
            row = SavedSearch(id=new_id(), staff_id=staff_id, programme=slug, name=name)
            session.add(row)
        row.created_at = clock.current().now()
        plain = json.dumps(to_plain(wanted), ensure_ascii=False).encode()
        row.sealed = crypto.ring().seal(plain, sealing.search(row.id))
        return row.id


def wanted_of(row: SavedSearch) -> Wanted:
    """What it asks. Raises crypto.Damaged."""
    return from_plain(json.loads(crypto.ring().open(row.sealed, sealing.search(row.id))))


def remove(staff: Staff, search_id: str) -> None:
    """Forget it. Raises NotFound when it is not one's own."""
    with unit_of_work() as session:
        session.delete(get_saved(staff, search_id))


def to_plain(wanted: Wanted) -> dict[str, str]:
    """What is asked, as it is kept: only what is; the page is not."""
    return {name: str(value) for name, value in asdict(wanted).items() if value and name != "page"}


def from_plain(kept: Mapping[str, Any]) -> Wanted:
    """The same again."""
    days = {name: date.fromisoformat(kept[name]) if kept.get(name) else None for name in ("since", "until")}
    texts = {name: kept.get(name, "") for name in ("text", "keyword", "unit_id", "category", "document", "status")}
    return Wanted(**texts, since=days["since"], until=days["until"])
