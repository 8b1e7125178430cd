"""Whom the figures count; built on `scope` alone.

Who reaches people sees the figures of just these, to the last one. Administrators reach nobody: they see how many there
are in the programme, without the small numbers (`models.office.small_numbers`) and without filters to narrow them.
"""

from __future__ import annotations

from sqlalchemy import Select, false, select

from models.application.lifecycle import DRAFT
from models.application.tables import Application
from models.office import scope
from models.office.tables import Staff


def sees_small(staff: Staff) -> bool:
    """Whether the person reaches those who are counted, and so may see small numbers."""
    return bool(scope.roles(staff) & {scope.REVIEWER, scope.OFFICE}) and staff.unit is not None


def counted(staff: Staff) -> Select[Application]:
    """Applications that the figures count: never to be shown one by one to who does not `sees_small`."""
    if sees_small(staff):
        return scope.applications(staff)
    return _of_programme(staff).where(Application.status.in_(scope.VISIBLE))


def drafts(staff: Staff) -> Select[Application]:
    """Applications that are being filled in, only ever to be counted: a draft is the person's own, and has no unit yet.
    For the programme office and administrators."""
    if scope.OFFICE in scope.roles(staff) or not sees_small(staff):
        return _of_programme(staff).where(Application.status == DRAFT)
    return select(Application).where(false())


def _of_programme(staff: Staff) -> Select[Application]:
    query = select(Application)
    if staff.unit and scope.roles(staff) & {scope.OFFICE, scope.ADMIN}:
        return query.where(Application.programme == staff.unit.programme)
    return query.where(false())
