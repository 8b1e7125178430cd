"""What we begin, between the tables and the channels: what is known about a notice, and the message that carries it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from flask import current_app
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot_adapter import conversation_news, pushing, sms
from bot_adapter.channels import registry
from bot_adapter.channels.base import Reminding
from bot_adapter.delivery import HEARD, addressed, heard, notice_text, other_of, pack_for
from bot_adapter.messages import Capabilities, OutboundMessage
from bot_adapter.routes import OF_ITS_PLACE, TEXTED, Chat, News, Quiet, Route, Template, Way, route
from models import clock
from models.application import deliveries, lifecycle, notices, others
from models.application.channel_tables import Delivery
from models.application.tables import Application, Conversation, Notice
from models.interview import wording
from models.interview.wording import say
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work

REMIND, SMS = "remind", "sms"  # the last part of a send's key; of a push it is the number of the part
_STATUS: dict[Template, tuple[str, ...]] = {  # while the application is so, the text message is true
    "receipt": (lifecycle.SUBMITTED,),
    "correction": (lifecycle.RETURNED,),
    "result": (*lifecycle.PASSED, lifecycle.REMOVED, lifecycle.DECLINED),
}
WENT_OUT = (*deliveries.OUT, deliveries.UNCERTAIN)  # whatever may have arrived is not sent again


def key(notice_id: str, way: str = "") -> str:
    """The own key of a send; of a push, what its parts' keys begin with."""
    return f"notice:{notice_id}:{way}" if way else f"notice:{notice_id}"


def way_of(row: Delivery) -> Way:
    """The way that a row of a notice's sends was."""
    last = row.effect.rpartition(":")[2]
    return "remind" if last == REMIND else "sms" if last == SMS else "push"


def quiet() -> Quiet:
    """The hours of the settings."""
    settings = current_app.config["BOLE"]
    return Quiet(settings.quiet_from, settings.quiet_until)


def news(notice: Notice, rows: Sequence[Delivery]) -> News:
    """A notice with what has been tried."""
    out = frozenset(way_of(row) for row in rows if row.state in WENT_OUT)
    refused = frozenset(way_of(row) for row in rows if row.state == deliveries.FAILED)
    return News(notice.code, notice.created_at, out, refused - out)


def chat(conversation: Conversation) -> Chat:
    """What is known of a conversation, and what its channel can do."""
    channel = registry.find(conversation.channel)
    capabilities = None if channel is None else channel.capabilities
    told = (conversation.heard_at, conversation.pushes, conversation.blocked_at)
    may: object = channel  # of a protocol that a channel need not follow
    return Chat(*told, capabilities, isinstance(may, Reminding) and may.reminds)


def text_for(notice: Notice, application: Application | None) -> Template | None:
    """The text message that tells of it and is true now; None where there is none, or nobody who sends any."""
    template = TEXTED.get(notice.code)
    if template is None or application is None or application.status not in _STATUS[template] or sms.find() is None:
        return None
    return template


def choose(
    notice: Notice, rows: Sequence[Delivery], talks: Iterable[Conversation], *, phone: bool
) -> tuple[Conversation | None, Route]:
    """Where to say it and how: the conversation that it was meant for, unless another that carries the application on
    can be told at once and that one cannot."""
    what, now, hours = news(notice, rows), clock.current().now(), quiet()
    if notice.code in OF_ITS_PLACE and notice.conversation_id is not None:
        talks = [talk for talk in talks if talk.id == notice.conversation_id]
    own_first = sorted(talks, key=lambda talk: (talk.id != notice.conversation_id, -_heard(talk), talk.id))
    routes = [(talk, route(what, chat(talk), hours, now, phone=phone)) for talk in own_first]
    pushed = [(talk, way) for talk, way in routes if way.way == "push"]
    if pushed or routes:
        return (pushed or routes)[0]
    return None, route(what, None, hours, now, phone=phone)


def _heard(talk: Conversation) -> float:
    return talk.heard_at.timestamp() if talk.heard_at is not None else 0


def talks(session: Session, notice: Notice) -> list[Conversation]:
    """The conversations in which a notice may be told."""
    here = Conversation.id == notice.conversation_id
    if notice.application_id is not None:
        here = or_(here, others.carriers(notice.application_id))
    return list(session.scalars(select(Conversation).where(here)))


def messages(
    session: Session, notice: Notice, conversation: Conversation, capabilities: Capabilities
) -> list[OutboundMessage]:
    """The notice as it is pushed into this conversation, each part with its key."""
    goes_on = other_of(session, notice, conversation) is None
    text = spoken(notice, pack_for(session, notice, conversation), conversation.language, goes_on=goes_on)
    told_there = addressed(session, notice, conversation, text)
    parts = pushing.addressed(conversation, [told_there], capabilities, key(notice.id))
    until = News(notice.code, notice.created_at).expires_at
    return [replace(part, purpose="notice", expires_at=until) for part in parts]


def spoken(notice: Notice, of: Pack | None, lang: str, *, goes_on: bool = True) -> str:
    """A notice that stands alone: with what a reply would have gone on to show, where a reply goes on with that."""
    text = notice_text(notice.code, notice.params, notice.text, of, lang)
    if notice.text and "text" not in wording.placeholders(wording.text(notice.code).get(lang)):
        text = f"{text}\n{notice.text}"
    return say("notice.go_on", lang, text=text) if goes_on and notice.code in conversation_news.GO_ON else text


def told(notice_id: str, conversation_id: str) -> None:
    """A notice has been pushed: in one transaction it heads no reply any more, and the conversation is where the
    notice has brought it."""
    with unit_of_work() as session:
        conversation = session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)
        taken = update(Notice).where(Notice.id == notice_id, Notice.state == notices.SENDING)
        returned = taken.values(state=notices.SENT, sent_at=clock.current().now()).returning(
            Notice.code, Notice.application_id
        )
        row = session.execute(returned.execution_options(synchronize_session=False)).one_or_none()
        if row is None or conversation is None:
            return
        if conversation.application_id == row.application_id:
            conversation_news.after_push(conversation, row.code)
        elif (other := heard(conversation, row.application_id, row.code, last=True)) is not None:
            conversation.state = {**conversation.state, HEARD: other}
