"""Messages that nobody can read here (a sticker, a place, a voice message …): what works instead, and the question."""

from __future__ import annotations

from bot_adapter import conversation_commands, conversation_edit
from bot_adapter import conversation_steps as steps
from bot_adapter.turn import Turn
from models.interview.steps import Ask

# By the message's event, where there is more to say than that it is not understood.
_ASIDE = {
    "edited": "chat.edited",
    "too_large": "chat.file_too_large",
    "voice": "chat.unsupported_voice",
    "location": "chat.unsupported_location",
}


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
    elif mode == "restart":
        conversation_commands.ask_restart(turn)
    elif mode == "edit":
        conversation_edit.show(turn)
    else:
        steps.show(turn)
