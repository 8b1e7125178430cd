"""Whether words are a command or an answer, by where the person is: 「英语」 may be what is asked for."""

from __future__ import annotations

from bot_adapter import commands, conversation_edit, conversation_steps
from bot_adapter.commands import Said
from bot_adapter.turn import Turn
from models.interview.steps import Ask

_WRITTEN = ("text", "long_text", "place")


def command(turn: Turn, text: str) -> Said | None:
    """The command that `text` is here, or None."""
    writing = _is_writing(turn)
    said = commands.find_command(text, writing=writing)
    if said is not None and said.command == turn.lang and writing and not turn.state.get("mode"):
        return None  # 「English」 said in English would switch nothing: it is an answer
    return said


def _is_writing(turn: Turn) -> bool:
    """Whether what is asked is written in the person's own words."""
    if mode := turn.state.get("mode"):
        return mode in ("ask", "reply")
    here = conversation_steps.place(turn)
    if not isinstance(here, Ask):
        return False
    return here.kind in _WRITTEN or (here.kind == "rows" and turn.state.get("rows", {}).get("column") is not None)


def is_option(turn: Turn, text: str) -> bool:
    """Whether the words are, exactly, one of the options shown: then they are the answer, not a command or question."""
    if turn.state.get("mode") == "edit":
        return conversation_edit.is_offered(turn, text)
    ask = turn.current_ask(turn.state.get("at", ""))
    if ask is None or turn.state.get("mode") or ask.kind in ("rows", "document"):
        return False
    prompt = conversation_steps.prompt_of(turn, ask)
    word = commands.normalise(text)
    return any(word in commands.all_offered(entry.words) for entry in prompt.entries)
