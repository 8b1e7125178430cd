"""One conversation, whatever the channel: message in, reply out, both kept with the change in one transaction.

A retry carries the same dedupe key and gets the kept reply again, whatever has happened since. What is asked is the
engine's; what is kept is the service's; here is only how people talk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from bot_adapter import (
    ahead,
    arriving,
    commands,
    conversation_answers,
    conversation_binding,
    conversation_commands,
    conversation_edit,
    conversation_elsewhere,
    conversation_explaining,
    conversation_lobby,
    conversation_opening,
    conversation_photos,
    conversation_prefill,
    conversation_replies,
    conversation_retakes,
    conversation_steps,
    conversation_tidings,
    conversation_unread,
    conversation_words,
    delivery,
    exchanges,
    passive,
    puzzled,
)
from bot_adapter import choices as buttons
from bot_adapter import conversation_returning as returning
from bot_adapter import conversation_switch as switch
from bot_adapter.arriving import Arrival
from bot_adapter.commands import Command
from bot_adapter.messages import InboundMessage, OutboundMessage
from bot_adapter.turn import Turn
from models import clock, detached
from models.application.tables import Conversation, Inbound, new_id
from models.digests import sha256
from models.json_text import ascii_dumps
from models.programme.loader import load_pack
from models.unit_of_work import unit_of_work

Kept = Callable[[Session, Inbound], object]
TRIES = 4  # of a turn that others overtake: as many as they can be (a worker, the browser, a second delivery)
log = structlog.get_logger(__name__)


def handle(inbound: InboundMessage, kept: Kept | None = None) -> list[OutboundMessage]:
    """The reply to a message. Dedupe, state and rendered reply commit together; the same key gets the same reply.
    `kept` is called for a message that came for the first time, in that transaction.

    A nudge (no text, no media) is answered by what waits to be told, or by nothing, and then nothing is kept.
    """
    with ahead.stored(conversation_unread.readable(inbound)) as message:
        for _ in range(TRIES - 1):
            try:
                return _handle(message, kept)
            except (IntegrityError, StaleDataError) as exc:
                # Two first messages of one sender, or two deliveries of one message, at once: the other one is stored
                # now. Or the application was changed through another door after we had read it.
                log.info("turn_again", error=type(exc).__name__)
        return _handle(message, kept)


def _handle(inbound: InboundMessage, kept: Kept | None) -> list[OutboundMessage]:
    with unit_of_work() as session:
        key = _dedupe_key(inbound)
        arrival = arriving.arrived(session, inbound, key)
        if arrival.before is not None:
            return exchanges.reply_of(arrival.before)
        conversation = arrival.conversation
        greeting = _opening(conversation, inbound)
        reply = _marked(conversation, _reply(arrival, inbound))
        if not reply and inbound.is_nudge:
            return []
        conversation_unread.remember(conversation, inbound)
        now = clock.current().now()
        detached.change(conversation, updated_at=now)
        row = exchanges.kept(conversation, inbound, key, greeting, reply)
        if inbound.kind != "event" and not inbound.is_nudge:
            # who writes to us has not blocked us
            detached.change(conversation, heard_at=now, pushes=0, blocked_at=None)
        arriving.left(session, arrival)
        exchanges.add(session, row)
        if kept is not None:
            kept(session, row)
        return reply


def greeting(programme: str, language: str, *, alone: bool = True) -> list[OutboundMessage]:
    """What a channel may open with before anything is said (then its messages are `greeted`): for one programme; of
    others it says nothing where the account is for that one `alone`. Writes nothing."""
    now = clock.current().now()
    stranger = Conversation(id=new_id(), channel="", sender="", programme=programme, language=language, state={})
    stranger.created_at = stranger.updated_at = now
    turn = Turn(stranger, load_pack(programme), InboundMessage("", "", "", programme=programme if alone else None))
    conversation_opening.greeting(turn)
    return buttons.marked(turn.state, turn.out, _whose(stranger))


def find(session: Session, channel: str, account: str, sender: str) -> Conversation | None:
    """The conversation of a sender, if there is one."""
    found: Conversation | None = session.scalar(_query(channel, account, sender))
    return found


def kept_reply(session: Session, inbound: InboundMessage) -> list[OutboundMessage] | None:
    """The reply that was given to this message, where it has come before; only reads."""
    row = arriving.before(session, _dedupe_key(inbound))
    return exchanges.reply_of(row) if row is not None else None


def join(channel: str, account: str, sender: str, programme: str, application_id: str, language: str) -> None:
    """Let a sender's conversation carry on an application begun in the browser."""
    with unit_of_work() as session:
        hello = InboundMessage(channel, sender, "", account_id=account, programme=programme, language=language)
        arrival = arriving.arrived(session, hello, "")
        conversation = arrival.conversation
        if conversation.application_id != application_id:
            conversation.application_id = application_id
            conversation.state = {"joined": True}
            arriving.left(session, arrival)


def _query(channel: str, account: str, sender: str) -> Any:
    return select(Conversation).where(
        Conversation.channel == channel, Conversation.account == account, Conversation.sender == sender
    )


def _dedupe_key(inbound: InboundMessage) -> str:
    parts = (inbound.channel, inbound.account_id, inbound.sender_id, inbound.dedupe_key)
    return sha256(ascii_dumps(parts).encode())


def _opening(conversation: Conversation, inbound: InboundMessage) -> list[OutboundMessage]:
    """The greeting that the channel has shown, repeated so that the first message is read as its answer."""
    if not inbound.greeted or conversation.state or conversation.programme is None or inbound.is_nudge:
        return []
    turn = Turn(conversation, load_pack(conversation.programme), inbound)
    conversation_opening.greeting(turn)
    shown = buttons.marked(turn.state, turn.out, _whose(conversation))
    conversation.state = turn.state
    return shown


def _reply(arrival: Arrival, inbound: InboundMessage) -> list[OutboundMessage]:
    """The reply, as much of it as there is room for; what does not fit is kept until it is asked for or overtaken."""
    if not inbound.room:
        return _respond(arrival, inbound)
    conversation = arrival.conversation
    state = conversation.state
    before = passive.kept(state, conversation.id)
    asked = before if before is not None and passive.asked(inbound.said) else None
    at = state.get("at")
    said = [asked] if asked is not None else _respond(arrival, inbound)
    reply, rest = passive.fitted(said, inbound.room, conversation.language)
    state = conversation.state
    passive.keep(state, conversation.id, rest or (None if asked is not None or state.get("at") != at else before))
    return reply


def _marked(conversation: Conversation, reply: list[OutboundMessage]) -> list[OutboundMessage]:
    return buttons.marked(conversation.state, reply, _whose(conversation)) if reply else reply


def _whose(conversation: Conversation) -> str:
    """Buttons shown for one of a chat's applications choose nothing in another, where the same is asked."""
    bound_at = conversation.bound_at
    return f"{conversation.programme or ''} {bound_at.timestamp() if bound_at is not None else ''}"


def _respond(arrival: Arrival, inbound: InboundMessage) -> list[OutboundMessage]:
    conversation = arrival.conversation
    told, heard = delivery.pending(conversation) if arrival.told else ([], None)
    if conversation.programme is None:
        if inbound.is_nudge:
            return told
        lobby = conversation_binding.in_lobby(conversation, inbound.said)
        if conversation.programme is None and not lobby:
            lobby = _lobby(conversation, inbound)
        if conversation.programme is None:
            return [*told, *lobby]
    taking = None if _begins_elsewhere(conversation, inbound) else arrival.taking
    turn = Turn(conversation, load_pack(conversation.programme), inbound, state=dict(conversation.state), taking=taking)
    turn.out.extend(told)
    turn.told = bool(told)
    if "joined" not in turn.state and inbound.is_nudge:
        if told:
            _resume(turn)
    elif returning.gone(turn) or "at" not in turn.state:
        _first(turn)
    else:
        _next(turn)
    if heard is not None:
        turn.state[delivery.HEARD] = heard
    conversation.state = turn.state
    return turn.out


def _begins_elsewhere(conversation: Conversation, inbound: InboundMessage) -> bool:
    """Whether a link has brought somebody who has let go of everything here to another programme: no need to ask."""
    slug = inbound.programme if inbound.event == "start" else None
    if slug in (None, conversation.programme) or conversation.application_id or "at" in conversation.state:
        return False
    conversation.programme = slug
    return True


def _lobby(conversation: Conversation, inbound: InboundMessage) -> list[OutboundMessage]:
    slugs = [inbound.programme] if inbound.programme is not None else conversation_lobby.open_programmes()
    if len(slugs) == 1:
        conversation.programme, conversation.state = slugs[0], {}
        return []
    return conversation_lobby.receive(conversation, inbound.said)


def _resume(turn: Turn) -> None:
    """After telling something: ask again only if it changed what is asked (a return, a new version of the
    programme, several photos to be retaken; of a single one the notice itself has said everything)."""
    if "at" not in turn.state or turn.state.get("mode"):
        return
    if again := conversation_retakes.news(turn):
        conversation_retakes.show(turn, again)
    if ready := conversation_prefill.has_news(turn):
        turn.state["at"] = ""  # what was asked is asked again after it
    if turn.status in conversation_steps.ENDED:
        return
    key = conversation_steps.key_of(conversation_steps.place(turn))
    if turn.state["at"] == key:
        return
    if turn.status == "returned":
        conversation_tidings.returned(turn)
    elif not ready and (turn.view is None or turn.view.news is None):
        return  # no new version asks something else
    conversation_steps.show(turn)


def _first(turn: Turn) -> None:
    """The first words of a stranger: a command or a question is served, anything else is a hello."""
    text = turn.inbound.said
    if turn.state.pop("joined", None) and turn.view is not None:
        turn.say("chat.joined", receipt=turn.view.application.receipt)
        conversation_steps.show(turn)
        return
    said = commands.find_command(text)
    if said is not None and said.command not in (Command.BACK, Command.EDIT, Command.RESTART):
        conversation_commands.run(turn, said)
        turn.state.setdefault("at", "")
    elif commands.is_question(text) and not puzzled.is_puzzled(text):
        conversation_commands.ask_staff(turn, text)
    else:
        conversation_opening.greeting(turn)


def _next(turn: Turn) -> None:
    text = turn.inbound.said
    if buttons.is_stale(turn.state, turn.inbound):
        turn.drop("mode", "edit_part")
        turn.say("chat.stale_choice")
        conversation_steps.show(turn)
        return
    if delivery.HEARD in turn.state and switch.replied(turn):
        return
    if returning.settled(turn):
        return
    if turn.inbound.kind == "unsupported":
        conversation_unread.answer(turn)
        return
    if turn.inbound.media:
        conversation_photos.take(turn, turn.inbound.media, text)
        return
    mode = turn.state.get("mode")
    said = conversation_words.command(turn, text)
    if said is not None and not conversation_words.is_option(turn, text):
        conversation_commands.run(turn, said)
    elif commands.is_hello(text) and not conversation_words.is_option(turn, text):
        if not conversation_elsewhere.told(turn):
            conversation_opening.greet_again(turn)
    elif commands.is_thanks(text) and mode not in ("ask", "reply") and not conversation_words.is_option(turn, text):
        conversation_opening.thanked(turn)
    elif commands.is_submit(text) and mode is None and conversation_opening.too_early(turn):
        return
    elif mode == "ask":
        conversation_commands.ask_staff(turn, text)
    elif mode == "reply":
        conversation_replies.write(turn, text)
    elif conversation_unread.overtaken(turn) and not commands.is_question(text):
        conversation_unread.say_overtaken(turn)
    elif mode == "restart":
        conversation_commands.confirm_restart(turn, text)
    elif conversation_replies.taken(turn, text) or conversation_explaining.taken(turn, text):
        return
    elif commands.is_question(text) and not conversation_words.is_option(turn, text):
        conversation_commands.ask_staff(turn, text)
    elif mode == "edit":
        conversation_edit.choose(turn, text)
    elif mode == switch.MODE:
        switch.choose(turn, text)
    else:
        conversation_answers.answer(turn, text)
