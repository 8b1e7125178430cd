"""How each message that we began stands, for staff: failed, waiting, sent, delivered; worked out in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from models import clock, outbox
from models.application import deliveries, notices
from models.application.channel_tables import Carried, Delivery
from models.application.tables import Application, Conversation, Notice, new_id
from models.extensions import db
from models.office import audit, scope
from models.office.tables import Staff
from models.unit_of_work import unit_of_work

FAILED, WAITING, SENT, DELIVERED = "failed", "waiting", "sent", "delivered"
STATES = (FAILED, WAITING, SENT, DELIVERED)
PAGE_SIZE = 100

# What the person, or the time since their last message, has closed is no failure: the next reply tells it.
_NO_FAILURE = ("window_closed", "blocked")


def _has(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether one of the notice's own sends is so: asked notice by notice, by the index on these."""
    return select(Delivery.id).where(Delivery.notice_id == Notice.id, *where).correlate(Notice).exists()


_BROKEN = (Delivery.state == deliveries.FAILED, Delivery.error.not_in(_NO_FAILURE))
_IS_BROKEN = _has(*_BROKEN)
_IS_OUT = _has(Delivery.state.in_(deliveries.OUT), Delivery.channel != "console")  # see bot_adapter.sms.ConsoleSms
_IS_FAILED = and_(Notice.state == notices.PENDING, _IS_BROKEN, ~_IS_OUT)
_MOST = 1000  # failed sends that are counted
_STATE = case(
    (Notice.state.in_((notices.SENDING, notices.UNSURE)), WAITING),
    (_has(Delivery.state == deliveries.DELIVERED), DELIVERED),
    (or_(Notice.state.in_((notices.SENT, notices.SEEN)), _IS_OUT), SENT),
    (_IS_BROKEN, FAILED),
    else_=WAITING,
)


@dataclass(frozen=True, slots=True)
class Stand:
    """A notice, the application that it is about, how it stands, and what was tried, oldest first."""

    notice: Notice
    application: Application
    state: str
    tried: tuple[Delivery, ...]
    talks: tuple[Conversation, ...]  # where it could be told


def listed(staff: Staff, state: str = "", application_id: str = "", page: int = 1) -> tuple[list[Stand], bool]:
    """Notices in reach, newest first, and whether there are more. Raises NotFound for an application out of reach."""
    query = scope.notices(staff)
    if application_id:
        query = query.where(Notice.application_id == scope.get_application(staff, application_id).id)
    if state == FAILED:
        query = query.where(_IS_FAILED)
    elif state == WAITING:
        query = query.where(Notice.state.in_((*notices.WAITING, notices.SENDING)), _STATE.in_((WAITING,)))
    elif state in STATES:
        query = query.where(_STATE.in_((state,)))
    query = query.order_by(Notice.created_at.desc(), Notice.id).offset((max(page, 1) - 1) * PAGE_SIZE)
    rows = db.session.execute(query.add_columns(Application, _STATE).limit(PAGE_SIZE + 1)).all()
    return _whole([(row[0], row[1], row[2]) for row in rows[:PAGE_SIZE]]), len(rows) > PAGE_SIZE


def _whole(rows: Sequence[tuple[Notice, Application, str]]) -> list[Stand]:
    """With what was tried and the conversations, in one statement each."""
    ids = [notice.id for notice, _, _ in rows]
    tried = db.session.scalars(select(Delivery).where(Delivery.notice_id.in_(ids)).order_by(Delivery.created_at)).all()
    about = {notice.application_id for notice, _, _ in rows}
    beside = select(Carried.application_id, Carried.conversation_id).where(Carried.application_id.in_(about))
    carried = {(row[0], row[1]) for row in db.session.execute(beside)}
    there = or_(
        Conversation.id.in_({notice.conversation_id for notice, _, _ in rows if notice.conversation_id}),
        Conversation.application_id.in_(about),
        Conversation.id.in_({conversation_id for _, conversation_id in carried}),
    )
    talks = db.session.scalars(select(Conversation).where(there)).all()
    return [
        Stand(
            notice,
            application,
            state,
            tuple(row for row in tried if row.notice_id == notice.id),
            tuple(
                talk
                for talk in talks
                if notice.conversation_id == talk.id
                or notice.application_id == talk.application_id
                or (notice.application_id, talk.id) in carried
            ),
        )
        for notice, application, state in rows
    ]


def any_broken() -> Select[int]:
    """A row if any send of anybody's has failed, else none."""
    return select(literal(1)).where(select(Delivery.id).where(Delivery.notice_id.is_not(None), *_BROKEN).exists())


def failed(staff: Staff) -> int:
    """How many notices in reach have failed. It begins with the few sends that did."""
    broken = select(Delivery.notice_id).where(Delivery.notice_id.is_not(None), *_BROKEN).limit(_MOST)
    ids = set(db.session.scalars(broken))
    if not ids:
        return 0
    query = scope.notices(staff).where(Notice.id.in_(ids), _IS_FAILED).with_only_columns(Notice.id)
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def retry(staff: Staff, notice_id: str) -> bool:
    """Let a failed notice be tried from the start, by whatever way is open now; audited. False: it has not failed, or
    has been told meanwhile. Raises NotFound out of reach."""
    staff_id = staff.id
    with unit_of_work() as session:
        notice = scope.get_notice(staff, notice_id)
        session.refresh(notice, with_for_update=True)
        if notice.state != notices.PENDING or not deliveries.again(notice.id, clock.current().now()):
            return False
        outbox.promise(session, "deliver_notice", notice.id, f"deliver:{notice.id}:{new_id()}")
        audit.write(session, staff_id, audit.RETRY_NOTICE, f"notice:{notice.id}")
        return True
