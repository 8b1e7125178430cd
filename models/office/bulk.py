"""One decision about many cases: what it would mean for each, begun, taken back in time, and how it went.

Nothing takes effect until `due_at`: until then it can be taken back; then a job carries it out case by case
(`models.office.bulk_carrying`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Select, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from models import clock, outbox
from models.application import lifecycle, queries
from models.application.tables import Application, Finding
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.interview.steps import Ask
from models.office import assignments, audit, reviews, scope, scope_bulk, sheets
from models.office.bulk_choice import APPROVE, EVENT, RETURN, Choice
from models.office.review_tables import BulkAction, BulkItem
from models.office.tables import Staff
from models.unit_of_work import unit_of_work

JOB = "carry_bulk"
WAITING, RUNNING, DONE, UNDONE = "waiting", "running", "done", "undone"
CARRIED, REFUSED = "done", "refused"
TOLD = timedelta(minutes=5)  # for which the end of one is told on every page
LISTED = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A field or document that can be returned, of how many of the cases it is asked, and in how many of them the
    automatic check has found something about it."""

    label: str
    document: bool
    cases: int
    doubted: int


@dataclass(frozen=True, slots=True)
class Case:
    """What would happen to one case: nothing where there is a `problem` (a wording key). `seen`: the version that was
    on the screen. `items`: what of it would be returned. `blocking`: what the automatic check still finds. `points`:
    how many conditions are held to be met by passing it, since the notice leaves them to people. `differing`: where
    what was typed is not what the papers say. `marks`: doubts about the photos."""

    application: Application
    seen: int
    problem: str = ""
    items: tuple[str, ...] = ()
    blocking: int = 0
    points: int = 0
    differing: int = 0
    marks: int = 0
    held: assignments.Held | None = None

    @property
    def doubted(self) -> bool:
        """Whether somebody should open it before it is passed."""
        return bool(self.blocking or self.differing or self.marks)


@dataclass(frozen=True, slots=True)
class Survey:
    """What would happen to all of them, in the order in which they were ticked. `gone`: how many are out of reach."""

    cases: tuple[Case, ...]
    gone: int
    asked: Mapping[str, Asked] = field(default_factory=dict)

    @property
    def possible(self) -> list[Case]:
        """Those to which it would happen."""
        return [case for case in self.cases if not case.problem]

    @property
    def impossible(self) -> list[Case]:
        """The others."""
        return [case for case in self.cases if case.problem]


def survey(staff: Staff, ticked: Sequence[tuple[str, int]], choice: Choice, lang: str) -> Survey:
    """What `choice` would mean for each of these cases at the versions that were on the screen. Writes nothing.

    Raises NotFound where none of them is in reach: whose ids these are nobody learns.
    """
    wanted = dict(ticked)
    query = scope.decidable(staff).where(Application.id.in_(list(wanted)))
    found = {one.id: one for one in db.session.scalars(query)}
    if not found:
        raise NotFound("office.not_found")
    order = [one for one in wanted if one in found]
    looked = _Looked(choice, order)
    labels: dict[str, dict[str, Ask]] = {}
    cases = []
    for one in order:
        view, noticed = queries.view(one), (0, 0, 0)
        if choice.action == RETURN:
            labels[one] = reviews.returnable(view)
        else:
            noticed = _noticed(view, lang)
        asked = labels.get(one, {})
        items = tuple(asked[key].label.get(lang) for key in choice.reasons if key in asked)
        problem = looked.problem(found[one], wanted[one], bool(items))
        more = (looked.blocking.get(one, 0), *noticed, looked.held.get(one))
        cases.append(Case(found[one], wanted[one], problem, items, *more))
    listed: dict[str, Asked] = {}
    for one, asked in labels.items():
        for key, ask in asked.items():
            now = listed.get(key) or Asked(ask.label.get(lang), key.startswith("document:"), 0, 0)
            doubted = now.doubted + ((one, key) in looked.doubted)
            listed[key] = Asked(now.label, now.document, now.cases + 1, doubted)
    return Survey(tuple(cases), len(wanted) - len(order), listed)


def _noticed(view: queries.ApplicationView, lang: str) -> tuple[int, int, int]:
    """How many conditions are left to whoever passes it, differences to the papers, and doubts about the photos."""
    differing = sum(one.outcome == "differs" for one in view.compared)
    return len(reviews.staff_points(view)), differing, len(sheets.marks(view, lang))


class _Looked:
    """What is known of the cases, each asked for once for all of them."""

    def __init__(self, choice: Choice, ids: list[str]) -> None:
        self.choice = choice
        self.pending = pending(ids)
        self.held = assignments.holders(ids)
        self.blocking: dict[str, int] = {}
        self.doubted: set[tuple[str, str]] = set()
        query = select(Finding.application_id, Finding.key, Finding.blocking).where(Finding.application_id.in_(ids))
        for row in db.session.execute(query):
            self.blocking[row[0]] = self.blocking.get(row[0], 0) + int(row[2])
            self.doubted.add((row[0], row[1]))

    def problem(self, application: Application, seen: int, named: bool) -> str:
        """Why nothing can happen to this one; empty if it can."""
        action = self.choice.action
        if not lifecycle.allows(application.status, EVENT[action]) or application.status == lifecycle.APPROVED:
            return "bulk.not_now"
        if application.id in self.pending:
            return "bulk.pending"
        if application.version != seen:
            return "bulk.changed"
        if action == RETURN and self.choice.reasons and not named:
            return "bulk.not_asked"
        return ""


def pending(ids: Iterable[str]) -> dict[str, str]:
    """Which of these applications a decision about many waits for, and what it is."""
    query = (
        select(BulkItem.application_id, BulkAction.action)
        .join(BulkAction, BulkAction.id == BulkItem.bulk_id)
        .where(BulkItem.application_id.in_(list(ids)), BulkItem.result == "", BulkAction.state.in_((WAITING, RUNNING)))
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def begun(staff: Staff, bulk_id: str) -> bool:
    """Whether this one has been confirmed already."""
    return db.session.scalar(scope_bulk.bulks(staff).where(BulkAction.id == bulk_id)) is not None


def begin(staff: Staff, bulk_id: str, choice: Choice, found: Survey) -> None:
    """Write it down with its cases, to be carried out when the time for taking it back is over; those to which nothing
    can happen are kept with why. The same `bulk_id` again changes nothing. Raises InvalidAnswer where nothing can
    happen to any."""
    if not found.possible:
        raise InvalidAnswer("bulk.none")
    now = clock.current().now()
    due = now + timedelta(seconds=current_app.config["BOLE"].undo_seconds)
    staff_id, programme = staff.id, scope.programme(staff)
    items = [_item(bulk_id, place, case) for place, case in enumerate(found.cases)]
    possible = len(found.possible)
    with unit_of_work() as session:
        row = {"id": bulk_id, "programme": programme, "staff_id": staff_id, "action": choice.action, "state": WAITING}
        row |= {"params": choice.params(), "due_at": due, "created_at": now, "version": 1}
        if not _insert_once(session, row):
            return
        session.execute(insert(BulkItem), items)
        audit.write(session, staff_id, audit.BULK, f"bulk:{bulk_id}", f"{choice.action} {possible}")
        outbox.promise(session, JOB, bulk_id, f"bulk:{bulk_id}", not_before=due)


def _item(bulk_id: str, place: int, case: Case) -> dict[str, object]:
    result = REFUSED if case.problem else ""
    about = {"bulk_id": bulk_id, "application_id": case.application.id, "position": place}
    return about | {"seen_version": case.seen, "result": result, "problem": case.problem}


def _insert_once(session: Session, row: dict[str, object]) -> bool:
    made = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(BulkAction)
    return session.scalar(made.values(row).on_conflict_do_nothing().returning(BulkAction.id)) is not None


def undo(staff: Staff, bulk_id: str) -> None:
    """Take it back: nothing happens to anybody. Raises NotFound out of reach, InvalidAnswer when it is too late."""
    staff_id = staff.id
    with unit_of_work() as session:
        row = scope_bulk.get_bulk(staff, bulk_id)
        mine = (BulkAction.id == row.id, BulkAction.state == WAITING, BulkAction.due_at > clock.current().now())
        if session.scalar(moved(*mine, state=UNDONE)) is None:
            raise InvalidAnswer("bulk.too_late")
        forget_opinion(session, bulk_id)
        audit.write(session, staff_id, audit.UNDO_BULK, f"bulk:{bulk_id}")


def forget_opinion(session: Session, bulk_id: str) -> None:
    """What was said of the people stands sealed with each of them, or was taken back: it is not kept here as well."""
    mine = update(BulkAction).where(BulkAction.id == bulk_id, BulkAction.action == APPROVE).values(params={})
    session.execute(mine.execution_options(synchronize_session=False))


def moved(*where: ColumnElement[bool], **values: object) -> ReturningUpdate[str]:
    """One statement that moves the decision on where it stands so, and gives its id."""
    change = update(BulkAction).where(*where).values(**values, version=BulkAction.version + 1)
    return change.returning(BulkAction.id).execution_options(synchronize_session=False)


@dataclass(frozen=True, slots=True)
class Course:
    """How a decision goes: its counts, and whether it can still be taken back."""

    row: BulkAction
    done: int
    refused: int
    left: int
    undoable: bool


def course(rows: Sequence[BulkAction]) -> list[Course]:
    """How each of them goes."""
    query = (
        select(BulkItem.bulk_id, BulkItem.result, func.count())
        .where(BulkItem.bulk_id.in_([row.id for row in rows]))
        .group_by(BulkItem.bulk_id, BulkItem.result)
    )
    found: dict[tuple[str, str], int] = {(row[0], row[1]): row[2] for row in db.session.execute(query)} if rows else {}
    now = clock.current().now()

    def of(row: BulkAction) -> Course:
        done, refused, left = (found.get((row.id, result), 0) for result in (CARRIED, REFUSED, ""))
        return Course(row, done, refused, left, row.state == WAITING and row.due_at > now)

    return [of(row) for row in rows]


def listed(staff: Staff) -> list[Course]:
    """Those in reach, the latest first."""
    query = scope_bulk.bulks(staff).order_by(BulkAction.created_at.desc(), BulkAction.id).limit(LISTED)
    return course(db.session.scalars(query).all())


def going_on(staff: Staff) -> Select[BulkAction]:
    """One's own that wait, go on, or have just ended."""
    since: datetime = clock.current().now() - TOLD
    open_ = or_(BulkAction.state.in_((WAITING, RUNNING)), BulkAction.done_at > since)
    return scope_bulk.bulks(staff).where(BulkAction.staff_id == staff.id, open_)


def told(staff: Staff) -> list[Course]:
    """The same with how far they are: for the top of every page."""
    return course(db.session.scalars(going_on(staff).order_by(BulkAction.created_at)).all())


def items(staff: Staff, row: BulkAction) -> list[tuple[BulkItem, Application | None]]:
    """Each case with how it went, those to which nothing happened first; None where it is not in reach any more."""
    query = select(BulkItem).where(BulkItem.bulk_id == row.id)
    order = (BulkItem.result != REFUSED, BulkItem.position)
    found = db.session.scalars(query.order_by(*order)).all()
    reach = scope.applications(staff).where(Application.id.in_([item.application_id for item in found]))
    known = {one.id: one for one in db.session.scalars(reach)}
    return [(item, known.get(item.application_id)) for item in found]
