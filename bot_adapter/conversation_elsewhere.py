"""Who comes by a link of another programme than the one that is talked about here is told where that one is."""

from __future__ import annotations

from flask import current_app

from bot_adapter import conversation_steps as steps
from bot_adapter.turn import Turn
from models.programme.loader import load_pack


def told(turn: Turn) -> bool:
    """Whether the message is such a link (event ``start``), and has been answered: one conversation carries one
    application, and another programme's would be lost on the way through it."""
    wanted = turn.inbound.programme
    if turn.inbound.event != "start" or wanted is None or wanted == turn.conversation.programme:
        return False
    url = f"{current_app.config['BOLE'].base_url}/p/{wanted}"
    here, title = turn.programme.programme.title, load_pack(wanted).programme.title
    turn.drop("mode", "edit_part")
    turn.say("chat.elsewhere", here=here, title=title, url=url)
    steps.show(turn)
    return True
