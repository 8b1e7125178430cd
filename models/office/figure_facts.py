"""Coding what people are counted by: with handing in, and by the clockwork for whoever was missed or has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import clock, crypto
from models.application import answers, lifecycle, packs, record
from models.application.tables import Application
from models.extensions import db, reading
from models.office.figure_tables import FigureFact
from models.programme import figuring
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work

AT_ONCE = 2000  # people in one look of the clockwork


def keep(session: Session, app_id: str, pack: Pack, given: Mapping[str, Any]) -> None:
    """Code the answers of somebody whose application `session` holds; over the codes before."""
    row = session.get(FigureFact, app_id)
    if row is None:
        row = FigureFact(application_id=app_id)
        session.add(row)
    row.codes, row.at = figuring.coded(pack, given), clock.current().now()


def catch_up(limit: int = AT_ONCE) -> int:
    """Code the answers of people without codes, and of those whose application has moved since; how many."""
    with reading():
        found = list(db.session.scalars(_behind(limit)))
        db.session.rollback()
    return sum(_code(app_id) for app_id in found)


def _behind(limit: int) -> Any:
    behind = or_(FigureFact.application_id.is_(None), FigureFact.at < Application.updated_at)
    query = select(Application.id).outerjoin(FigureFact, FigureFact.application_id == Application.id)
    return query.where(Application.status.in_(lifecycle.LIVE), behind).order_by(Application.id).limit(limit)


def _code(app_id: str) -> bool:
    with unit_of_work() as session:
        application = record.locked(session, app_id)
        if application.status not in lifecycle.LIVE:
            return False  # has left meanwhile
        pack = packs.pack_of(application)
        try:
            given = answers.load(session, app_id, pack).answers
        except crypto.Damaged:  # counted as not filled in; the look for what does not open tells of it
            given = {}
        keep(session, app_id, pack, given)
        return True
