"""Messages that cannot be taken as they came: a sticker, a place, a voice message; one that a later one has overtaken.
What works instead is said, and what stood open stands."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from bot_adapter import conversation_commands, conversation_edit, conversation_replies
from bot_adapter import conversation_steps as steps
from bot_adapter import conversation_switch as switch
from bot_adapter.messages import InboundMessage
from bot_adapter.turn import Turn
from models.application.tables import Conversation
from models.interview.steps import Ask

_KEPT = "\n\r\t\u200d\u2028\u2029"  # line ends and blanks; what joins the parts of an emoji
_OCCURRED = "occurred"  # when the newest message was sent, as the platform says: seconds since 1970
# By the message's event, where there is more to say than that it is not understood.
_ASIDE = {
    "edited": "chat.edited",
    "too_large": "chat.file_too_large",
    "voice": "chat.unsupported_voice",
    "location": "chat.unsupported_location",
}


def readable(inbound: InboundMessage) -> InboundMessage:
    """The message without signs that nobody sees: control characters, halves of a pair, zero widths, directions. One
    that had nothing else is no nudge: somebody said something."""
    if inbound.text.isprintable():
        return inbound
    text = "".join(sign for sign in inbound.text if sign in _KEPT or _is_seen(sign))
    unread = inbound.text.strip() and not text.strip() and not inbound.media
    return replace(inbound, text=text, kind="unsupported") if unread else replace(inbound, text=text)


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs")


def answer(turn: Turn) -> None:
    """Say kindly what can be sent, and ask again what stands open: the question, or the menu beside it."""
    here = None if turn.state.get("mode") else steps.place(turn)
    if isinstance(here, Ask) and here.kind == "place" and turn.inbound.event in ("", "location"):
        example = here.example.get(turn.lang).rstrip("。.") if here.example else ""
        turn.say("chat.unsupported_place", example=example) if example else turn.say("chat.unsupported_location")
    else:
        turn.say(_ASIDE.get(turn.inbound.event, "chat.unsupported"))
    mode = turn.state.get("mode")
    if mode == "ask":
        turn.say("chat.enquiry_write")
    elif mode == "reply":
        conversation_replies.ask_again(turn)
    elif mode == "restart":
        conversation_commands.ask_restart(turn)
    elif mode == switch.MODE:
        switch.ask_again(turn)
    elif mode == "edit":
        conversation_edit.show(turn)
    else:
        steps.show(turn)


def remember(conversation: Conversation, inbound: InboundMessage) -> None:
    """When the newest message was sent, where the platform says so."""
    if inbound.occurred_at is None or inbound.kind == "choice":
        return  # a button's time is that of the message that it stands under
    sent = int(inbound.occurred_at.timestamp())
    if sent > conversation.state.get(_OCCURRED, 0):
        conversation.state[_OCCURRED] = sent


def overtaken(turn: Turn) -> bool:
    """Whether words were sent before others that came first: they answered a question that has been answered since."""
    sent = turn.inbound.occurred_at
    if sent is None or turn.inbound.kind != "text":
        return False
    newest: int = turn.state.get(_OCCURRED, 0)
    return int(sent.timestamp()) < newest


def say_overtaken(turn: Turn) -> None:
    turn.say("chat.overtaken")
    turn.drop("mode", "edit_part")
    steps.show(turn)
