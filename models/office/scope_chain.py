"""What of the chain a member of staff reaches, built on `scope`: reports, the registry, changes asked for."""

from __future__ import annotations

from sqlalchemy import Select, and_, false, or_, select

from models.application.tables import Application
from models.errors import NotFound
from models.extensions import db
from models.office import chain, scope
from models.office.chain_tables import RegistryChange, RegistryEntry, UnitReport
from models.office.change_states import ASKED, DRAFT, OFFICE, UNIT
from models.office.tables import Staff, UnitRow
from models.office.units import within
from models.programme.loader import load_pack


def reports(staff: Staff) -> Select[UnitReport]:
    """Reports that the own unit made or is to take in, and those of the units below; all of them for the office."""
    query = select(UnitReport).join(UnitRow, UnitRow.id == UnitReport.unit_id)
    held = scope.roles(staff)
    if staff.unit and scope.OFFICE in held:
        return query.where(UnitRow.programme == staff.unit.programme)
    if staff.unit_id and scope.REVIEWER in held:
        return query.where(UnitReport.unit_id.in_(within(staff.unit_id)))
    return query.where(false())


def incoming(staff: Staff) -> Select[UnitReport]:
    """Reports addressed to the own unit."""
    return reports(staff).where(UnitReport.to_unit_id == (staff.unit_id or ""))


def to_take_in(staff: Staff) -> Select[str]:
    """Ids of the reports that the own unit has still to take in or send back."""
    return incoming(staff).where(UnitReport.state == chain.SENT).with_only_columns(UnitReport.id)


def get_report(staff: Staff, report_id: str) -> UnitReport:
    """The report, if it is in reach. Raises NotFound otherwise."""
    return _report(reports(staff).where(UnitReport.id == report_id))


def get_incoming(staff: Staff, report_id: str) -> UnitReport:
    """The report, if the own unit is to settle it. Raises NotFound otherwise."""
    return _report(incoming(staff).where(UnitReport.id == report_id))


def reportable(staff: Staff) -> Select[Application]:
    """Whom the own unit may hand upward now."""
    unit = staff.unit
    if unit is None or unit.office or not chain.reports(load_pack(unit.programme)):
        return select(Application).where(false())
    return scope.applications(staff).where(chain.reportable(unit.id))


def admissible(staff: Staff) -> Select[Application]:
    """Who waits for the office to admit them."""
    unit = staff.unit
    if unit is None or scope.OFFICE not in scope.roles(staff):
        return select(Application).where(false())
    pack = load_pack(unit.programme)
    if not chain.admits(pack):
        return select(Application).where(false())
    return scope.applications(staff).where(chain.before_office(pack, office_id(staff)))


def office_id(staff: Staff) -> str:
    """The programme office's unit."""
    query = select(UnitRow.id).where(UnitRow.programme == scope.programme(staff), UnitRow.office.is_(True))
    return db.session.scalar(query) or ""


def registry(staff: Staff) -> Select[RegistryEntry, Application]:
    """Rows of the registry with the applications, of people in reach. Rows of people who left are numbers alone and
    stand in no list."""
    mine = scope.applications(staff).with_only_columns(Application.id)
    query = select(RegistryEntry, Application).join(Application, Application.id == RegistryEntry.application_id)
    return query.where(Application.id.in_(mine))


def changes(staff: Staff) -> Select[RegistryChange, Application]:
    """Changes asked for, with the applications, of people in reach; what somebody is still writing is their own."""
    mine = scope.applications(staff).with_only_columns(Application.id)
    query = select(RegistryChange, Application).join(Application, Application.id == RegistryChange.application_id)
    return query.where(Application.id.in_(mine), RegistryChange.state != DRAFT)


def changes_for(staff: Staff) -> Select[str]:
    """Ids of the changes that wait for the own unit: its opinion, or the office's decision."""
    turn = OFFICE if scope.OFFICE in scope.roles(staff) else UNIT
    query = changes(staff).where(RegistryChange.state == turn).with_only_columns(RegistryChange.id)
    if turn == UNIT:
        query = query.where(RegistryChange.unit_id == staff.unit_id)
    return query


def to_write(staff: Staff, change_id: str) -> RegistryChange:
    """A change that this clerk is writing, or that came back to their unit for more. Raises NotFound otherwise."""
    mine = scope.decidable(staff).with_only_columns(Application.id)
    query = select(RegistryChange).where(RegistryChange.id == change_id, RegistryChange.application_id.in_(mine))
    own = and_(RegistryChange.state == DRAFT, RegistryChange.asked_by == staff.id)
    back = and_(RegistryChange.state == ASKED, RegistryChange.asked_by.is_not(None))
    return scope.one(query.where(or_(own, back)))


def get_change(staff: Staff, change_id: str) -> RegistryChange:
    """The change, if it is in reach. Raises NotFound otherwise."""
    mine = scope.applications(staff).with_only_columns(Application.id)
    query = select(RegistryChange).where(RegistryChange.id == change_id, RegistryChange.application_id.in_(mine))
    return scope.one(query.where(RegistryChange.state != DRAFT))


def get_entry(staff: Staff, entry_id: str) -> RegistryEntry:
    """The registry's row, if its person is in reach. Raises NotFound otherwise."""
    found = db.session.scalar(registry(staff).with_only_columns(RegistryEntry).where(RegistryEntry.id == entry_id))
    if found is None:
        raise NotFound("office.not_found")
    return found


def _report(query: Select[UnitReport]) -> UnitReport:
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("office.not_found")
    return found
