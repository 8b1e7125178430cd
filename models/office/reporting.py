"""Reporting upward (上报): a unit hands people it has passed to the unit above in one act, with the covering workbooks.

Whether somebody is complete is asked before (`lacking`), the files are made from exactly these people right after the
act (job `assemble_report`), and whoever receives the report takes it in only when all of them are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models import clock, outbox
from models.application import events, notices
from models.application.tables import Application, Round
from models.errors import Conflict, InvalidAnswer, NotFound
from models.interview.wording import text
from models.office import audit, chain, editions, scope_chain, unit_entries, volumes
from models.office.chain_tables import ReportItem, ReportPart, UnitReport
from models.office.tables import Staff, UnitRow, Volume, Workbook
from models.programme.loader import load_pack
from models.programme.pack import Pack, Text, UnitField
from models.unit_of_work import unit_of_work

JOB = "assemble_report"
LONGEST = 300


def lacking(session: Session, pack: Pack, people: Sequence[Application]) -> dict[str, tuple[Text, ...]]:
    """What is missing of the covering workbooks, by application; whoever lacks nothing is left out."""
    if not people:
        return {}
    ids = [one.id for one in people]
    query = select(Application).where(Application.id.in_(ids))
    missing = {one: [field.label for field in fields] for one, fields in _unfilled(session, pack, query).items()}
    if volumes.wanted(pack):
        bound = set(session.scalars(select(Volume.application_id).where(Volume.application_id.in_(ids))))
        for one in people:
            if one.id not in bound:
                label = pack.workbooks.bound_volume().label
                missing.setdefault(one.id, []).append(Text(zh=label, en=text("office.volume").en))
    return {one: tuple(labels) for one, labels in missing.items()}


def _unfilled(session: Session, pack: Pack, query: Select[Application]) -> dict[str, tuple[UnitField, ...]]:
    return unit_entries.missing(session, pack.slug, query) if pack.form.unit_fields else {}


def report(staff: Staff, report_id: str, intake: Round, ids: Iterable[str], note: str) -> UnitReport:
    """Hand these people upward. `report_id` was made for the page: sent twice, it is one report.

    Raises InvalidAnswer (nobody ticked, somebody is incomplete), Conflict where somebody may not be reported any more.
    """
    unit, staff_id, wanted = staff.unit, staff.id, tuple(dict.fromkeys(ids))
    if unit is None:
        raise NotFound("office.not_found")
    pack = load_pack(unit.programme)
    with unit_of_work() as session:
        session.get(UnitRow, unit.id, with_for_update=True)  # one report of a unit after the other: they are numbered
        before = session.get(UnitReport, report_id, populate_existing=True)
        if before is not None:
            return _own(before, unit)
        above = chain.target(session, unit)
        if above is None or not wanted:
            raise InvalidAnswer("office.nobody_ticked")
        people = _people(session, staff, intake, wanted)
        if lacking(session, pack, people):
            raise InvalidAnswer("office.report_incomplete")
        made = UnitReport(id=report_id, round_id=intake.id, unit_id=unit.id, to_unit_id=above.id, state=chain.SENT)
        made.number, made.note = _next_number(session, intake.id, unit.id), note.strip()[:LONGEST]
        made.reported_by, made.reported_at = staff_id, clock.current().now()
        session.add(made)
        session.flush()
        for position, one in enumerate(people, start=1):
            _hand_up(session, made, one, position, staff_id)
        books = select(Workbook).where(Workbook.round_id == intake.id, Workbook.unit_id == unit.id)
        for book in session.scalars(books):
            editions.take(session, book, staff_id)  # what changes from here on is told as changed since the report
        outbox.promise(session, JOB, made.id, f"report:{made.id}")
        notices.promise_workbook(session, intake.id, unit.id, f"report:{made.id}")
        audit.write(session, staff_id, audit.REPORT, f"report:{made.id}", f"{len(people)}")
        return made


def _own(found: UnitReport, unit: UnitRow) -> UnitReport:
    if found.unit_id != unit.id:
        raise NotFound("office.not_found")
    return found


def _people(session: Session, staff: Staff, intake: Round, wanted: Sequence[str]) -> Sequence[Application]:
    """The people, held, in the order in which they were handed in."""
    query = scope_chain.reportable(staff).where(Application.round_id == intake.id, Application.id.in_(wanted))
    query = query.order_by(Application.id).with_for_update(of=Application).execution_options(populate_existing=True)
    found = session.scalars(query).all()
    if len(found) != len(wanted):
        raise Conflict("office.report_changed")
    return sorted(found, key=lambda one: (one.submitted_at or one.created_at, one.id))


def _next_number(session: Session, round_id: str, unit_id: str) -> int:
    mine = (UnitReport.round_id == round_id, UnitReport.unit_id == unit_id)
    return (session.scalar(select(func.max(UnitReport.number)).where(*mine)) or 0) + 1


def _hand_up(session: Session, made: UnitReport, one: Application, position: int, staff_id: int) -> None:
    first = one.unit_id == made.unit_id
    about = {"unit": made.unit_id, "to": made.to_unit_id, "report": made.id}
    event = events.append(session, one, "reported", events.staff_actor(staff_id), **about)
    session.add(ReportItem(report_id=made.id, application_id=one.id, position=position, seq=event.seq))
    if first:  # further units that put together are no news to the person
        notices.tell(session, one, f"reported:{one.id}:{event.seq}", "notice.reported", receipt=one.receipt)


def receive(staff: Staff, report_id: str, version: int) -> UnitReport:
    """Take a report in. Raises NotFound, Conflict, InvalidAnswer while its files are not there."""
    staff_id = staff.id
    with unit_of_work() as session:
        found = _at_version(session, scope_chain.get_incoming(staff, report_id), version)
        if found.state != chain.SENT:
            raise Conflict("office.report_settled")
        if not chain.is_complete(parts(session, report_id)):
            raise InvalidAnswer("office.report_not_built")
        _settle(found, chain.RECEIVED, staff_id)
        audit.write(session, staff_id, audit.RECEIVE, f"report:{report_id}")
        return found


def send_back(staff: Staff, report_id: str, version: int, reason: str, ids: Iterable[str] = ()) -> int:
    """Send a whole report back (`ids` empty), or some of its people alone; how many. What was passed on from here has
    to come back first. Raises NotFound, Conflict, InvalidAnswer (no reason, nobody who can be sent back)."""
    staff_id, only, words = staff.id, set(ids), reason.strip()[:LONGEST]
    if not words:
        raise InvalidAnswer("office.reason_missing")
    with unit_of_work() as session:
        found = _at_version(session, scope_chain.get_incoming(staff, report_id), version)
        if found.state == chain.SENT_BACK:
            raise Conflict("office.report_settled")
        held = _still_here(session, found)
        chosen = [one for one in held if not only or one.id in only]
        if not chosen or (only and len(chosen) != len(only)):
            raise InvalidAnswer("office.nobody_to_send_back")
        whole = not only or len(chosen) == len(held)
        for one in chosen:
            _hand_back(session, found, one, staff_id, words)
        if whole and found.state == chain.SENT:
            _settle(found, chain.SENT_BACK, staff_id)
            found.answer = words
        session.flush()
        audit.write(session, staff_id, audit.SEND_BACK, f"report:{report_id}", f"{len(chosen)}")
        return len(chosen)


def _still_here(session: Session, found: UnitReport) -> list[Application]:
    """The report's people who are still before whoever received it, held."""
    items = select(ReportItem.application_id).where(ReportItem.report_id == found.id, ReportItem.sent_back.is_(False))
    people = select(Application).where(Application.id.in_(items)).order_by(Application.id)
    if found.state == chain.RECEIVED:
        people = people.where(chain.with_unit(found.to_unit_id))
    else:
        people = people.where(Application.status == "reported")
    return list(session.scalars(people.with_for_update().execution_options(populate_existing=True)))


def _hand_back(session: Session, found: UnitReport, one: Application, staff_id: int, reason: str) -> None:
    kind = "report_sent_back" if one.unit_id == found.unit_id else "bundle_sent_back"
    about = {"unit": found.unit_id, "to": found.to_unit_id, "report": found.id, "reason": reason}
    event = events.append(session, one, kind, events.staff_actor(staff_id), **about)
    item = session.get_one(ReportItem, (found.id, one.id))
    item.sent_back = True
    notices.promise_workbooks(session, one, str(event.seq), found.unit_id)


def _at_version(session: Session, found: UnitReport, version: int) -> UnitReport:
    session.refresh(found, with_for_update=True)
    if found.version != version:
        raise Conflict("office.report_settled")
    return found


def _settle(found: UnitReport, state: str, staff_id: int) -> None:
    found.state, found.settled_by, found.settled_at = state, staff_id, clock.current().now()


def parts(session: Session, report_id: str) -> list[ReportPart]:
    """The files of a report, in no order."""
    return list(session.scalars(select(ReportPart).where(ReportPart.report_id == report_id)))


def rebuild(session: Session, report_id: str, cause: str) -> None:
    """Promise the files of a report anew, of whoever is still in it."""
    outbox.promise(session, JOB, report_id, f"report:{report_id}:{cause}")
