"""Who comes by a link of another programme than the one that is talked about here is offered to go to that one."""

from __future__ import annotations

from flask import current_app

from bot_adapter import conversation_steps as steps
from bot_adapter import conversation_switch as switch
from bot_adapter.turn import Turn
from models.interview.wording import say
from models.programme.loader import load_pack


def told(turn: Turn) -> bool:
    """Whether the message is such a link (event ``start``), and has been answered. Nothing is begun, and nothing put
    aside, before the person has said so: a link is pressed by mistake too."""
    wanted = turn.inbound.programme
    if turn.inbound.event != "start" or wanted is None or wanted == turn.conversation.programme:
        return False
    here, title = turn.pack.programme.title, load_pack(wanted).programme.title
    turn.drop("mode", "edit_part")
    if (token := switch.of_programme(turn, wanted)) is None:
        turn.say("chat.elsewhere_closed", here=here, title=title)
        steps.show(turn)
        return True
    url = f"{current_app.config['BOLE'].base_url}/p/{wanted}"
    switch.ask(turn, [token], say("chat.elsewhere", turn.lang, here=here, title=title, url=url))
    return True
