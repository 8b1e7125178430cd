"""The audit as the office and administrators read it: who saw and did what, why and when, found by any of these."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from models.errors import InvalidAnswer
from models.extensions import db
from models.office import audit, audit_trail, scope
from models.office.tables import Audit
from webforms import office_subjects
from webforms.office_base import lang, page, sentence, staff, staff_route, status_of

PAGE_SIZE = 100


@staff_route("/audit", scope.ADMIN, scope.OFFICE, scope.UNIT_ADMIN)
def audit_page() -> ResponseReturnValue:
    """Who saw and did what, newest first."""
    number = max(1, request.args.get("page", 1, type=int))
    asked = {name: request.args.get(name, "").strip()[:40] for name in ("action", "who", "receipt", "since", "until")}
    rows: list[Audit] = []
    problem, status = "", 200
    try:
        query = audit_trail.lines(db.session(), staff(), _wanted(asked))
        rows = list(db.session.scalars(query.offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE + 1)))
    except InvalidAnswer as error:
        problem, status = sentence(error), status_of(error)
    people = audit_trail.people(db.session(), staff())
    words: dict[str, Any] = {"people": people, "names": {one.id: one.display_name for one in people}}
    return page(
        "audit.html",
        status,
        rows=rows[:PAGE_SIZE],
        more=len(rows) > PAGE_SIZE,
        number=number,
        subjects=office_subjects.names(rows, lang()),
        asked=asked,
        kept={name: said for name, said in asked.items() if said},
        actions=audit.ACTIONS,
        problem=problem,
        **words,
    )


def _wanted(asked: dict[str, str]) -> audit_trail.Wanted:
    who = asked["who"]
    return audit_trail.Wanted(
        action=asked["action"],
        staff_id=int(who) if who.isdecimal() else None,
        receipt=asked["receipt"],
        since=_day(asked["since"]),
        until=_day(asked["until"]),
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidAnswer("audit.day") from None
