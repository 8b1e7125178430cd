"""What a queue shows: which applications, in which order, and the same as the query string of a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, false, select

from models import clock
from models.application import ways
from models.application.tables import Answer, Application, Finding
from models.clock import CHINA
from models.office import scope
from models.office.review_tables import Assignment
from models.office.tables import Staff
from models.programme.loader import load_pack

WAITS = (3, 7, 14, 30)  # days
ME, NOBODY = "me", "none"


@dataclass(frozen=True, slots=True)
class Filter:
    """What the queue shows. Empty parts do not filter; `page` counts from 1.

    who: ``me``, ``none`` or the id of a member of staff. waiting: days, at least. way: the id of a way in (channel).
    order: empty (who has waited longest first) or ``newest``.
    """

    status: str = "submitted"
    category: str = ""
    unit_id: str = ""
    who: str = ""
    findings: bool = False
    missing: bool = False  # a document that the notice asks for
    waiting: int = 0
    way: str = ""
    unfilled: bool = False  # only people about whom the unit has still to fill something in
    order: str = ""
    page: int = 1

    def query(self, **change: Any) -> dict[str, Any]:
        """The filter, changed, as the query string of a link; a change of filter begins at the first page."""
        other = replace(self, **{"page": 1, **change})
        plain: dict[str, Any] = {name: getattr(other, field) for name, field in _NAMES.items()}
        plain |= {name: int(value) for name, value in plain.items() if isinstance(value, bool)}
        kept = {name: value for name, value in plain.items() if value and not (name == "page" and value == 1)}
        return kept if other.status else {"status": "any", **kept}

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filter:
        """The filter that a query string says; what makes no sense there does not filter."""
        status = query.get("status", "submitted")
        if status != "any" and status not in scope.VISIBLE:
            status = "submitted" if status else "any"
        waiting, page = query.get("waiting", ""), query.get("page", "")
        return cls(
            status="" if status == "any" else status,
            category=query.get("category", "")[:64],
            unit_id=query.get("unit", "")[:32],
            who=query.get("who", "")[:12],
            findings=query.get("findings") == "1",
            missing=query.get("missing") == "1",
            waiting=int(waiting) if waiting.isdecimal() and len(waiting) < 5 else 0,
            way=query.get("way", "")[:64],
            unfilled=query.get("unfilled") == "1",
            order="newest" if query.get("order") == "newest" else "",
            page=int(page) if page.isdecimal() and len(page) < 7 else 1,
        )


_NAMES = {
    **{"status": "status", "category": "category", "unit": "unit_id", "who": "who", "findings": "findings"},
    **{"missing": "missing", "waiting": "waiting", "way": "way", "unfilled": "unfilled", "order": "order"},
    "page": "page",
}


def parts(staff: Staff, wanted: Filter) -> dict[str, ColumnElement[bool]]:
    """The conditions of the filter by the name of its part; whether a unit has still to fill something in, which no
    condition says, is missing."""
    found: dict[str, ColumnElement[bool]] = {}
    if wanted.status:
        found["status"] = Application.status == wanted.status
    if wanted.category:  # a JSON list, as text the same on both databases
        found["category"] = cast(Application.categories, String).contains(f'"{wanted.category}"', autoescape=True)
    if wanted.unit_id:
        found["unit"] = Application.unit_id == wanted.unit_id
    if wanted.who:
        found["who"] = held_by(staff, wanted.who)
    if wanted.findings:
        found["findings"] = HAS_FINDINGS
    if wanted.missing:
        found["missing"] = LACKS_DOCUMENTS
    if wanted.waiting:
        found["waiting"] = waited(wanted.waiting)
    if wanted.way:
        found["way"] = _came_by(staff, wanted.way)
    return found


HAS_FINDINGS = exists(select(Finding.id).where(Finding.application_id == Application.id))
LACKS_DOCUMENTS = exists(
    select(Finding.id).where(Finding.application_id == Application.id, Finding.code == "finding.missing_document")
)


def held_by(staff: Staff, who: str) -> ColumnElement[bool]:
    """Whether somebody has the case now: the person asking, nobody, or who has this id."""
    live = and_(Assignment.application_id == Application.id, Assignment.until > clock.current().now())
    if who == NOBODY:
        return ~exists(select(Assignment.staff_id).where(live))
    wanted = staff.id if who == ME else int(who) if who.isdecimal() else None
    if wanted is None:
        return false()
    return exists(select(Assignment.staff_id).where(live, Assignment.staff_id == wanted))


def waited(days: int) -> ColumnElement[bool]:
    """Handed in at least so many days ago, days being China's."""
    midnight = datetime.combine(clock.current().today() - timedelta(days=min(days, 36500) - 1), time(), CHINA)
    return Application.submitted_at < midnight


def way_key(staff: Staff) -> str:
    """The answer that says how a person comes; empty where the programme does not ask."""
    slug = scope.programme(staff)
    return ways.fact_key(load_pack(slug)) if slug else ""


def _came_by(staff: Staff, way: str) -> ColumnElement[bool]:
    key = way_key(staff)
    said = cast(Answer.value, String) == f'"{way}"'
    return exists(select(Answer.key).where(Answer.application_id == Application.id, Answer.key == key, said))
