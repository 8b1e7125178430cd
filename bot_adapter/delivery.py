"""Messages that we begin: what was not pushed (see `begun`) waits as a notice and heads the next reply or poll."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from bot_adapter.messages import Choice, OutboundMessage
from models import clock, detached
from models.application import admission, notices, others
from models.application.packs import of_version, pack_of
from models.application.tables import Application, Conversation, Notice
from models.extensions import db
from models.interview.wording import say
from models.office import links
from models.office.tables import Enquiry
from models.programme.loader import load_pack
from models.programme.pack import Pack, Text
from models.statements import Statement

HEARD = "heard_of"  # in the conversation's state
_ASKS_FOR_PHOTOS = frozenset({"notice.page_retake", "notice.page_retake_submitted", "notice.to_mend_now"})
_ASKS_FOR_PHOTOS |= {"notice.returned", "notice.reopened", "notice.differs", "notice.prefill_unread"}


_WAITS = or_(*(Notice.state == state for state in notices.WAITING))
# The conversation's own notices, and those of its application that were meant for no other conversation.
_UNADDRESSED = and_(Notice.conversation_id.is_(None), Notice.application_id == bindparam("application"))
_MINE = or_(Notice.conversation_id == bindparam("conversation"), _UNADDRESSED)
_ANY = Statement(select(Notice.id).where(_MINE, _WAITS).limit(1))
_PENDING = Statement(
    select(*Notice.__table__.columns).where(_MINE, _WAITS).order_by(Notice.created_at, Notice.id).with_for_update()
)
_SENT = Statement(
    update(Notice.__table__)  # type: ignore[arg-type]
    .where(Notice.id == bindparam("notice"))
    .values(state=notices.SENT, sent_at=bindparam("now"))
)
_VERSION = Statement(select(Application.programme, Application.pack_version).where(Application.id == bindparam("id")))


def may_wait() -> ColumnElement[bool]:
    """The same of the conversation in the statement that this becomes a part of: whether `pending` has to look."""
    notice = select(Notice.id).correlate(Conversation).where(_WAITS)
    mine = notice.where(Notice.conversation_id == Conversation.id)
    unaddressed = notice.where(Notice.conversation_id.is_(None), Notice.application_id == Conversation.application_id)
    return or_(mine.exists(), unaddressed.exists())


def has_pending(session: Session, conversation: Conversation) -> bool:
    """Whether anything waits for this conversation; only reads."""
    return bool(_ANY.rows(session, _whose(conversation)))


def _whose(conversation: Conversation) -> dict[str, str | None]:
    return {"conversation": conversation.id, "application": conversation.application_id}


def pending(conversation: Conversation) -> tuple[list[OutboundMessage], dict[str, Any] | None]:
    """The waiting notices, oldest first, marked as sent in the caller's transaction, which also keeps the reply that
    carries them: they are told once, and told again only to a retry of the same message. The rows are locked, so that
    one that is being taken for a push meanwhile is told by that push alone. With them what is to be remembered of news
    of another application (`heard`), if there is any."""
    session = db.session()
    now = clock.current().now()
    messages: list[OutboundMessage] = []
    other = None
    for notice in detached.read(session, Notice, _PENDING, _whose(conversation)):
        pack = pack_for(session, notice, conversation)
        text = notice_text(notice.code, notice.params, notice.text, pack, conversation.language)
        if notice.state == notices.UNSURE:
            text = say("notice.maybe_told", conversation.language, text=text)
        _SENT.run(session, {"notice": notice.id, "now": now})
        messages.append(addressed(session, notice, conversation, text))
        other = heard(conversation, notice.application_id, notice.code, last=False) or other
    return messages, other


def heard(conversation: Conversation, app_id: str | None, code: str, *, last: bool) -> dict[str, Any] | None:
    """What is remembered of news of another application until the person's next message: whether it asks for a photo,
    and whether it was the last that they read (what heads a reply is followed by a question)."""
    photo = code in _ASKS_FOR_PHOTOS
    if app_id in (None, conversation.application_id) or not (last or photo):
        return None
    return {"id": app_id, "photo": photo, "last": last}


def addressed(session: Session, notice: Notice, conversation: Conversation, text: str) -> OutboundMessage:
    """A notice's words as this chat is told them. What is about another application than the one that is talked about
    there says which, and how to go there."""
    lang, choices = conversation.language, asides(notice.code, conversation.language)
    about = other_of(session, notice, conversation)
    if about is None:
        slug = _asked_about(session, notice)
        if slug not in (None, conversation.programme):
            text = say("notice.of_programme", lang, title=load_pack(slug).programme.title, text=text)
        return OutboundMessage(text, choices, elsewhere=slug not in (None, conversation.programme))
    programme = pack_of(about).programme
    text = say("notice.of_other", lang, title=programme.title, receipt=about.receipt, text=text)
    if others.holds(session, conversation.id, about.id):
        send = say("chat.switch_go", lang, short=programme.short)
        choices = (*choices, Choice(send, say("chat.switch_go_label", lang)))
    return OutboundMessage(text, choices, elsewhere=True)


def _asked_about(session: Session, notice: Notice) -> str | None:
    """The programme of a question that was asked before there was an application."""
    kind, _, rest = notice.effect.partition(":")
    if notice.application_id is not None or kind != "enquiry":
        return None
    enquiry = session.get(Enquiry, rest.partition(":")[0])
    return enquiry.programme if enquiry is not None else None


def other_of(session: Session, notice: Notice, conversation: Conversation) -> Application | None:
    """The application that a notice is about, where the chat talks about another one, or about none."""
    if notice.application_id is None or notice.application_id == conversation.application_id:
        return None
    return session.get(Application, notice.application_id)


def asides(code: str, lang: str) -> tuple[Choice, ...]:
    """What can be said to a member of staff about their words, at any time: it answers no question of the form."""
    if code in ("office.asked", "office.asked_ours"):
        return (Choice(say("answers.reply", lang), say("answers.reply_label", lang)),)
    if code in ("office.answered", "office.answered_ours"):
        return (Choice(say("answers.unsolved", lang), say("answers.unsolved_label", lang)),)
    return ()


def pack_for(session: Session, notice: Notice, conversation: Conversation | None) -> Pack | None:
    """What a notice's ids are called by: the version of the application that it is about, else the programme that is
    talked about."""
    talked = conversation.application_id if conversation is not None else None
    about = notice.application_id or talked
    for programme, version in _VERSION.rows(session, {"id": about}) if about else ():
        return of_version(programme, version)
    slug = conversation.programme if conversation is not None else None
    return load_pack(slug) if slug else None


def notice_text(code: str, params: Mapping[str, Any], text: str, pack: Pack | None, lang: str) -> str:
    """A notice in words. Ids of documents, fields and units in its params are shown by their titles."""
    names = _titles(pack) if pack is not None else {}
    shown = {name: _named(value, names, lang) for name, value in params.items()}
    if "seed" in shown:  # a link is made when it is said: what waits in the table leads nowhere
        shown["url"] = links.url(links.token_of(str(shown.pop("seed"))))
    return say(code, lang, **{"text": text, **admission.words(pack), **shown})


def _named(value: Any, names: Mapping[str, Text], lang: str) -> Any:
    if isinstance(value, list):
        return [_named(item, names, lang) for item in value]
    if isinstance(value, dict) and set(value) == {"zh", "en"}:
        return value.get("en" if lang == "en" else "zh")
    return names.get(value, value) if isinstance(value, str) else value


def _titles(pack: Pack) -> dict[str, Text]:
    """Titles by answer key (``field:name``, ``document:id_card``) and by unit id."""
    titles = {f"document:{document.id}": document.title for document in pack.documents.documents}
    titles |= {f"field:{field.id}": field.label for section in pack.form.sections for field in section.fields}
    return titles | {f"unit:{unit.id}": unit.name for unit in pack.routing.units}
