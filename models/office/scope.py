"""Which records a member of staff reaches: the only door from a staff route to data.

A reviewer reaches the applications of the own unit and of the units that report through it, but decides the own
unit's only: whoever collects reviews, whoever stands above puts together. The programme office reaches, and decides,
those of every unit of its programme.
Answerers reach questions, not applications; administrators accounts and rounds, not people. Whatever is outside
looks as if it did not exist (`NotFound`), so an id tells nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from models import clock
from models.application import packs
from models.application.tables import Application, DocumentPage, Notice, Outbox, PackVersion, Round
from models.errors import NotFound
from models.extensions import db
from models.office.tables import ApprovedAnswer, Audit, Enquiry, FileFault, OfficialTemplate, Staff, UnitRow, Workbook
from models.office.units import within

OVERDUE = timedelta(minutes=30)  # the sweep hands work over every few seconds; half an hour means that no worker can

REVIEWER, OFFICE, ANSWERER, ADMIN = "reviewer", "office", "answerer", "admin"
ROLES = (REVIEWER, OFFICE, ANSWERER, ADMIN)
# An administrator of a unit that is not the programme office: keeps the accounts of that unit and of those below it,
# and nothing of the programme. No role of its own: `roles` names an administrator so by where they belong.
UNIT_ADMIN = "unit_admin"
EVERYBODY = (*ROLES, UNIT_ADMIN)

# A draft is the person's own; what was withdrawn is no longer ours to look at.
VISIBLE = ("submitted", "returned", "approved", "reported", "admitted", "removed", "declined")

T = TypeVar("T")


def roles(staff: Staff) -> frozenset[str]:
    """The names of the roles that `staff` has, `UNIT_ADMIN` for an administrator outside the programme office; none for
    a deactivated account."""
    held = frozenset(role.name for role in staff.roles) if staff.active else frozenset[str]()
    if ADMIN in held and not (staff.unit and staff.unit.office):
        return held - {ADMIN} | {UNIT_ADMIN}
    return held


def programme(staff: Staff) -> str:
    """The slug of the programme that `staff` works for; empty without a unit, and then nothing is in reach."""
    return staff.unit.programme if staff.unit else ""


def applications(staff: Staff) -> Select[Application]:
    """Applications in reach. Add filters with `.where`; never begin another select on the table."""
    return select(Application).where(_applications_in_reach(staff))


def _applications_in_reach(staff: Staff) -> ColumnElement[bool]:
    held = roles(staff)
    visible = Application.status.in_(VISIBLE)
    if OFFICE in held and staff.unit:
        return visible & (Application.programme == staff.unit.programme)
    if REVIEWER in held and staff.unit_id:
        return visible & Application.unit_id.in_(within(staff.unit_id))
    return false()


def decidable(staff: Staff) -> Select[Application]:
    """Those of the applications in reach that `staff` may return, approve, decline or hand on."""
    query = applications(staff)
    return query if OFFICE in roles(staff) else query.where(Application.unit_id == staff.unit_id)


def get_decidable(staff: Staff, application_id: str) -> Application:
    """The application, if `staff` may decide it. Raises NotFound otherwise."""
    return one(decidable(staff).where(Application.id == application_id))


def get_application(staff: Staff, application_id: str) -> Application:
    """The application, if it is in reach. Raises NotFound otherwise."""
    return one(applications(staff).where(Application.id == application_id))


def ids(staff: Staff, among: Sequence[str]) -> Select[str]:
    """Which of these applications are in reach."""
    return select(Application.id).where(Application.id.in_(among), _applications_in_reach(staff))


def page(staff: Staff, page_id: str) -> DocumentPage:
    """A photographed page of an application in reach, not removed. Raises NotFound otherwise."""
    return one(
        select(DocumentPage)
        .join(Application, Application.id == DocumentPage.application_id)
        .where(DocumentPage.id == page_id, DocumentPage.removed_at.is_(None), _applications_in_reach(staff))
    )


def notices(staff: Staff) -> Select[Notice]:
    """What was told to the people whose applications are in reach, joined with these."""
    query = select(Notice).join(Application, Application.id == Notice.application_id)
    return query.where(_applications_in_reach(staff))


def get_notice(staff: Staff, notice_id: str) -> Notice:
    """The notice, if it is in reach. Raises NotFound otherwise."""
    return one(notices(staff).where(Notice.id == notice_id))


def enquiries(staff: Staff) -> Select[Enquiry]:
    """Questions in reach: the whole programme for its office, the own unit's for others; none for administrators."""
    held = roles(staff)
    unit = staff.unit
    if unit is None or not held & {REVIEWER, OFFICE, ANSWERER}:
        return select(Enquiry).where(false())
    own = Enquiry.programme == unit.programme
    if OFFICE in held or (ANSWERER in held and unit.office):
        return select(Enquiry).where(own)
    return select(Enquiry).where(own, Enquiry.unit_id == unit.id)


def get_enquiry(staff: Staff, enquiry_id: str) -> Enquiry:
    """The question, if it is in reach. Raises NotFound otherwise."""
    return one(enquiries(staff).where(Enquiry.id == enquiry_id))


def approved(staff: Staff) -> Select[ApprovedAnswer]:
    """Answers given to everybody who asks in the own programme; for its office."""
    query = select(ApprovedAnswer)
    if staff.unit and OFFICE in roles(staff):
        return query.where(ApprovedAnswer.programme == staff.unit.programme)
    return query.where(false())


def get_approved(staff: Staff, answer_id: str) -> ApprovedAnswer:
    """The approved answer, if it is in reach. Raises NotFound otherwise."""
    return one(approved(staff).where(ApprovedAnswer.id == answer_id))


def units(staff: Staff) -> Select[UnitRow]:
    """Units whose people `staff` reaches: all of the programme for office and administrators, else the own one and
    those that report through it."""
    held = roles(staff)
    if staff.unit and held & {OFFICE, ADMIN}:
        return select(UnitRow).where(UnitRow.programme == staff.unit.programme)
    if staff.unit_id and held & {REVIEWER, UNIT_ADMIN}:
        return select(UnitRow).where(UnitRow.id.in_(within(staff.unit_id)))
    return select(UnitRow).where(false())


def reroute_targets(staff: Staff) -> Select[UnitRow]:
    """Units that `staff` may hand an application to: the office assigns to any open one, a unit gives back to it."""
    held = roles(staff)
    if not staff.unit or not held & {OFFICE, REVIEWER}:
        return select(UnitRow).where(false())
    query = select(UnitRow).where(UnitRow.programme == staff.unit.programme, UnitRow.closed_at.is_(None))
    return query if OFFICE in held else query.where(UnitRow.office.is_(True))


def get_reroute_target(staff: Staff, unit_id: str) -> UnitRow:
    """The unit, if `staff` may hand an application to it. Raises NotFound otherwise."""
    return one(reroute_targets(staff).where(UnitRow.id == unit_id))


def workbooks(staff: Staff) -> Select[Workbook]:
    """Workbooks in reach: those of the units in reach, every unit's for the office. They hold people, so not
    administrators'. One that was called back because somebody left is not there until it is built again."""
    held = roles(staff)
    query = select(Workbook).join(UnitRow, UnitRow.id == Workbook.unit_id).where(Workbook.storage_key != "")
    if OFFICE in held and staff.unit:
        return query.where(UnitRow.programme == staff.unit.programme)
    if REVIEWER in held and staff.unit_id:
        return query.where(Workbook.unit_id.in_(within(staff.unit_id)))
    return query.where(false())


def get_workbook(staff: Staff, workbook_id: str) -> Workbook:
    """The workbook, if it is in reach. Raises NotFound otherwise."""
    return one(workbooks(staff).where(Workbook.id == workbook_id))


def templates(staff: Staff) -> Select[OfficialTemplate]:
    """Uploaded tables of the own programme; for the office and administrators."""
    query = select(OfficialTemplate)
    if staff.unit and roles(staff) & {OFFICE, ADMIN}:
        return query.where(OfficialTemplate.programme == staff.unit.programme)
    return query.where(false())


def get_template(staff: Staff, template_id: str) -> OfficialTemplate:
    """The uploaded table, if it is in reach. Raises NotFound otherwise."""
    return one(templates(staff).where(OfficialTemplate.id == template_id))


def get_unit(staff: Staff, unit_id: str) -> UnitRow:
    """The unit, if its people are in reach. Raises NotFound otherwise."""
    return one(units(staff).where(UnitRow.id == unit_id))


def rounds(staff: Staff) -> Select[Round]:
    """Rounds of the own programme."""
    return select(Round).where(Round.programme == programme(staff))


def get_round(staff: Staff, round_id: str) -> Round:
    """A round of the own programme. Raises NotFound otherwise."""
    return one(rounds(staff).where(Round.id == round_id))


def versions(staff: Staff) -> Select[PackVersion]:
    """Published versions of the own programme's pack, the one in force first; for the office and administrators."""
    query = packs.versions(programme(staff))
    return query if roles(staff) & {OFFICE, ADMIN} else query.where(false())


def get_version(staff: Staff, version: str) -> PackVersion:
    """A published version of the own programme. Raises NotFound otherwise."""
    return one(versions(staff).where(PackVersion.version == version))


def members(staff: Staff) -> Select[Staff]:
    """Staff accounts that an administrator keeps: those of the own programme's units; for a unit's, those of that unit
    and below, but nobody's who may do more than a unit does."""
    held, query = roles(staff), select(Staff).join(UnitRow, UnitRow.id == Staff.unit_id)
    if ADMIN in held:
        return query.where(UnitRow.programme == programme(staff))
    if UNIT_ADMIN in held and staff.unit_id:
        return query.where(Staff.unit_id.in_(within(staff.unit_id)), ~UnitRow.office, ~Staff.roles.any(name=OFFICE))
    return query.where(false())


def get_member(staff: Staff, member_id: int) -> Staff:
    """The account, if `staff` keeps it. Raises NotFound otherwise."""
    return one(members(staff).where(Staff.id == member_id))


def failed_work(staff: Staff) -> Select[Outbox]:
    """Promised work whose attempts are used up, or that no worker has taken long after it was due (a worker that
    cannot even load its job never counts an attempt); for administrators. It names ids, no people."""
    overdue = clock.current().now() - OVERDUE
    query = select(Outbox).where(
        or_(
            Outbox.state == "failed", and_(Outbox.state == "pending", Outbox.attempts == 0, Outbox.not_before < overdue)
        )
    )
    return query if ADMIN in roles(staff) else query.where(false())


def get_failed_work(staff: Staff, outbox_id: str) -> Outbox:
    """A failed piece of work. Raises NotFound when it is not there, not failed or not in reach."""
    return one(failed_work(staff).where(Outbox.id == outbox_id))


def file_faults(staff: Staff) -> Select[FileFault]:
    """Files of the own programme that are missing or do not open; for the office and administrators."""
    query = select(FileFault).where(FileFault.programme == programme(staff), FileFault.programme != "")
    return query if roles(staff) & {OFFICE, ADMIN} else query.where(false())


def get_file_fault(staff: Staff, fault_id: str) -> FileFault:
    """The fault, if it is in reach. Raises NotFound otherwise."""
    return one(file_faults(staff).where(FileFault.id == fault_id))


def audit(staff: Staff) -> Select[Audit]:
    """What staff of the own programme saw and did, for the office and administrators; what those whose accounts a
    unit's administrator keeps did, for that one."""
    if UNIT_ADMIN in roles(staff) and OFFICE not in roles(staff):
        kept = members(staff).with_only_columns(Staff.id)
        return select(Audit).where(or_(Audit.staff_id.in_(kept), Audit.staff_id == staff.id))
    if not roles(staff) & {OFFICE, ADMIN}:
        return select(Audit).where(false())
    by_console = Audit.staff_id.is_(None) & Audit.subject.in_(
        select("unit:" + UnitRow.id).where(UnitRow.programme == programme(staff))
    )
    own = select(Staff.id).join(UnitRow, UnitRow.id == Staff.unit_id).where(UnitRow.programme == programme(staff))
    return select(Audit).where(or_(Audit.staff_id.in_(own), Audit.staff_id == staff.id, by_console))


def held(query: Select[T]) -> T:
    """The one record of a query that is scoped, held until the caller's transaction ends and read anew: whoever comes
    second sees what the first one did. Raises NotFound where there is none in reach."""
    return one(query.with_for_update().execution_options(populate_existing=True))


def one(query: Select[T]) -> T:
    """The one record of a query that is scoped. Raises NotFound where there is none in reach."""
    found: Any = db.session.scalar(query)
    if found is None:
        raise NotFound("office.not_found")
    record: T = found
    return record
