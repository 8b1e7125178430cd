"""What a pushed notice changes about the conversation: what was shown before it is no longer what is asked."""

from __future__ import annotations

from bot_adapter import conversation_prefill as prefill
from bot_adapter import conversation_steps as steps
from bot_adapter.messages import InboundMessage
from bot_adapter.turn import Turn
from models.application.tables import Conversation
from models.programme.loader import load_pack

# Notices that end in "reply with any word to go on": the next message is answered with what is asked now.
GO_ON = frozenset({"notice.returned", "notice.reopened", "notice.moved"})
_ASKS = GO_ON | {"notice.prefill_ready"}


def after_push(conversation: Conversation, code: str) -> None:
    """Within the transaction that says that the notice is told. A single photo to be taken again is no question of its
    own (the photo finds its place), and most notices ask nothing: then everything stands as it was."""
    if code not in _ASKS or conversation.programme is None or "at" not in conversation.state:
        return
    state = dict(conversation.state)
    turn = Turn(conversation, load_pack(conversation.programme), InboundMessage("", "", ""), state=state)
    if turn.view is None or state.get("mode"):
        return
    same = code in GO_ON and state["at"] == steps.key_of(steps.place(turn))
    if same or prefill.has_news(turn):
        state["at"] = ""  # otherwise the next word would be taken for an answer
    conversation.state = state
