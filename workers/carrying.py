"""Bringing one notice to the person, as far as it goes now: push, remind, text message, or leave it to the next reply.

Each attempt is written down before it is made (`models.application.deliveries`), and the way is decided anew from
these rows each time, so that the work may be cut off anywhere and taken up again. A notice is taken before it is
pushed: a reply that is being written at that moment does not tell it as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot_adapter import begun, sms
from bot_adapter.channels import registry
from bot_adapter.channels.base import Channel, Reminding
from bot_adapter.messages import OutboundMessage
from bot_adapter.routes import Route, Template, Way
from models.application import deliveries, in_line, lifecycle, notices, others, phones
from models.application.channel_tables import Delivery
from models.application.packs import pack_of
from models.application.tables import Application, Conversation, Notice
from models.errors import Later
from models.extensions import db
from models.unit_of_work import unit_of_work
from workers.sending import send_all, send_one

log = structlog.get_logger(__name__)

_ASKED_TO_CORRECT = ("notice.returned", "notice.reopened")


@dataclass(frozen=True, slots=True)
class Text:
    """A text message that could be sent: to whom, which, with what."""

    phone: str = field(repr=False)
    template: Template
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is to be done next, with all that it takes: no database is needed while a platform is called."""

    notice_id: str
    route: Route
    application_id: str | None
    conversation_id: str | None = None
    channel: Channel | None = None
    messages: tuple[OutboundMessage, ...] = field(default=(), repr=False)
    text: Text | None = None
    taken: bool = False  # an earlier attempt was cut off, or waits, in the middle of it

    def about(self, channel: str) -> dict[str, Any]:
        ids = {"conversation_id": self.conversation_id, "application_id": self.application_id}
        return {"channel": channel, "purpose": "notice", "notice_id": self.notice_id, **ids}


def carry(notice_id: str) -> None:
    """Do what can be done now. Raises Later where something is left to be done."""
    while (attempt := _next(notice_id)) is not None:
        if attempt.route.at is not None:
            raise Later(attempt.route.at)
        act = _ACTS.get(attempt.route.way)
        if act is None or not act(attempt):
            log.info("notice_carried", notice=notice_id, way=attempt.route.way, why=attempt.route.why)
            return


def _next(notice_id: str) -> Attempt | None:
    """The next attempt; None where there is nothing to be said any more. Leaves no session open."""
    session = db.session()
    try:
        notice = session.get(Notice, notice_id)
        if notice is None or notice.state not in (notices.PENDING, notices.SENDING):
            return None
        application = session.get(Application, notice.application_id) if notice.application_id else None
        if notice.state == notices.PENDING and _is_over(notice, application):
            db.session.remove()
            notices.overtaken(notice_id)
            return None
        return _attempt(session, notice, application)
    finally:
        db.session.remove()


def _is_over(notice: Notice, application: Application | None) -> bool:
    """Whether the person has corrected already what they would be asked to correct."""
    returned = application is None or application.status == lifecycle.RETURNED
    return notice.code in _ASKED_TO_CORRECT and not returned


def _attempt(session: Session, notice: Notice, application: Application | None) -> Attempt:
    rows = session.scalars(select(Delivery).where(Delivery.notice_id == notice.id)).all()
    talks = begun.talks(session, notice)
    if notice.state == notices.SENDING:
        mine = [talk for talk in talks if talk.id == notice.conversation_id and _carries(session, talk, notice)]
        return _made(session, notice, mine[0] if mine else None, Route("push"), taken=True)
    text = _text(session, notice, application)
    conversation, route = begun.choose(notice, rows, talks, phone=text is not None)
    return _made(session, notice, conversation, route, text=text)


def _carries(session: Session, talk: Conversation, notice: Notice) -> bool:
    """Whether the chat has not been let go meanwhile: then nothing more is told there."""
    about = notice.application_id
    return about is None or talk.application_id == about or others.holds(session, talk.id, about)


def _made(
    session: Session,
    notice: Notice,
    conversation: Conversation | None,
    route: Route,
    *,
    text: Text | None = None,
    taken: bool = False,
) -> Attempt:
    if conversation is None:
        return Attempt(notice.id, route, notice.application_id, text=text, taken=taken)
    channel = registry.find(conversation.channel)
    messages = begun.messages(session, notice, conversation, channel.capabilities) if channel is not None else []
    ids = (notice.id, route, notice.application_id, conversation.id)
    return Attempt(*ids, channel, tuple(messages), text, taken)


def _text(session: Session, notice: Notice, application: Application | None) -> Text | None:
    template = begun.text_for(notice, application)
    if template is None or application is None:
        return None
    pack = pack_of(application)
    phone = phones.own_mobile(session, application.id, pack)
    if phone is None:
        return None
    lang = application.language
    url = f"{current_app.config['BOLE'].base_url}/resume"
    shown = {"programme": pack.programme.short.get(lang), "receipt": application.receipt, "url": url}
    return Text(phone, template, {"language": lang, **shown})


def _push(attempt: Attempt) -> bool:
    """Whether another way is to be looked for."""
    if attempt.channel is None or attempt.conversation_id is None:  # no longer there while it was being pushed
        _give_back(attempt.notice_id)
        return False
    if not attempt.taken and not _in_turn(attempt.notice_id, attempt.conversation_id):
        return False  # the head of a reply was faster
    try:
        send_all(attempt.channel, attempt.messages, attempt.about(attempt.channel.name))
    except Later:
        if _states(attempt.notice_id) <= {deliveries.DEFERRED, deliveries.FAILED}:
            notices.release(attempt.notice_id)  # whoever writes meanwhile is told in the reply
        raise
    if _states(attempt.notice_id) <= set(deliveries.OUT):
        begun.told(attempt.notice_id, attempt.conversation_id)
        return False
    return _give_back(attempt.notice_id)


def _in_turn(notice_id: str, conversation_id: str) -> bool:
    """Take it for the push. False: it has been told meanwhile. Raises Later where others are to be told before it."""
    turn = in_line.before_notice(db.session(), notice_id, conversation_id)
    db.session.remove()
    if turn is not None:
        raise Later(turn)
    return notices.take(notice_id, conversation_id)


def _give_back(notice_id: str) -> bool:
    """What has not been told heads the next reply; of what may have been told, the reply says that. Whether it is
    certain that nothing has arrived, so that another way may be looked for."""
    certain = not _states(notice_id) & {*begun.WENT_OUT, deliveries.SENDING}
    notices.release(notice_id, notices.PENDING if certain else notices.UNSURE)
    return certain


def _states(notice_id: str) -> set[str]:
    """How the parts of a push stand."""
    rows = db.session.scalars(select(Delivery).where(Delivery.notice_id == notice_id)).all()
    states = {row.state for row in rows if begun.way_of(row) == "push"}
    db.session.remove()
    return states


def _remind(attempt: Attempt) -> bool:
    """The reminder says only that there is news; the news itself heads the next reply."""
    channel: object = attempt.channel
    assert isinstance(channel, Reminding) and attempt.channel is not None
    message = OutboundMessage(
        "",
        purpose="notice",
        id=begun.key(attempt.notice_id, begun.REMIND),
        recipient=attempt.messages[0].recipient,
    )
    send_one(channel.remind, message, attempt.about(attempt.channel.name))
    return True


def _send_text(attempt: Attempt) -> bool:
    text, sender = attempt.text, sms.find()
    assert text is not None and sender is not None
    key = begun.key(attempt.notice_id, begun.SMS)

    send_one(
        lambda message: sender.send(text.phone, text.template, text.params, message.id),
        OutboundMessage("", purpose="notice", id=key),
        attempt.about(sender.name),
    )
    if attempt.conversation_id is None and sender.name == sms.CHANNEL:
        _told_by_text(attempt.notice_id)
    return True


def _told_by_text(notice_id: str) -> None:
    """Without a conversation nothing is left to tell: it must not greet somebody who opens a chat weeks later."""
    with unit_of_work() as session:
        row = session.scalar(select(Delivery).where(Delivery.effect == begun.key(notice_id, begun.SMS)))
        notice = session.get(Notice, notice_id, with_for_update=True)
        if row is None or row.state not in deliveries.OUT or notice is None or notice.state != notices.PENDING:
            return
        notice.state, notice.sent_at = notices.SENT, row.updated_at


_ACTS: dict[Way, Callable[[Attempt], bool]] = {"push": _push, "remind": _remind, "sms": _send_text}
