"""What an office reaches of people who have applied in another programme as well: that they have, in which round, and
how far it is. Only while both offices compare with each other; nothing else of the other application is ever read."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, exists, false, select
from sqlalchemy.orm import aliased

from models.application.tables import Application, Round
from models.office import scope
from models.office.batch_tables import Comparison, Elsewhere
from models.office.tables import Staff


def both_compare() -> ColumnElement[bool]:
    """Whether the two offices of a row of `Elsewhere` compare with each other now."""
    ours, theirs = aliased(Comparison), aliased(Comparison)
    return and_(
        exists().where(ours.programme == Elsewhere.programme, ours.other == Elsewhere.other),
        exists().where(theirs.programme == Elsewhere.other, theirs.other == Elsewhere.programme),
    )


def rows(staff: Staff) -> Select[Elsewhere]:
    """What the own office is told; nothing for anybody else."""
    query = select(Elsewhere)
    if staff.unit and scope.OFFICE in scope.roles(staff):
        return query.where(Elsewhere.programme == staff.unit.programme, both_compare())
    return query.where(false())


def get_row(staff: Staff, row_id: str) -> Elsewhere:
    """The row, if it is in reach. Raises NotFound otherwise."""
    return scope.one(rows(staff).where(Elsewhere.id == row_id))


def to_settle(staff: Staff, row_id: str) -> Elsewhere:
    """The row, held until the commit. Raises NotFound where it is not in reach."""
    return scope.held(rows(staff).where(Elsewhere.id == row_id))


def cases(staff: Staff) -> Select[Elsewhere, Application, str, str]:
    """Rows with the own application, and of the other one the round's name and the status alone."""
    theirs = aliased(Application)
    query = select(Elsewhere, Application, Round.name, theirs.status)
    query = query.join(Application, Application.id == Elsewhere.application_id)
    query = query.join(theirs, theirs.id == Elsewhere.other_id).join(Round, Round.id == theirs.round_id)
    mine = scope.applications(staff).with_only_columns(Application.id)
    allowed = rows(staff).with_only_columns(Elsewhere.id)
    return query.where(Elsewhere.id.in_(allowed), Application.id.in_(mine))


def comparisons(staff: Staff) -> Select[Comparison]:
    """The switches of the own office, and those that other offices have set about it."""
    query = select(Comparison)
    if staff.unit and scope.OFFICE in scope.roles(staff):
        own = staff.unit.programme
        return query.where((Comparison.programme == own) | (Comparison.other == own))
    return query.where(false())
