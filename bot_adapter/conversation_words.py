"""Whether words are a command or an answer, by where the person is: 「英语」 may be what is asked for."""

from __future__ import annotations

import re

from bot_adapter import commands, conversation_edit, conversation_steps
from bot_adapter.commands import Command, Said
from bot_adapter.turn import Turn
from models.interview.steps import Ask

# 「改姓名」, 「电话填错了」: to change an item by its name, without a space
_CHANGE = re.compile(
    r"(?:我要|我想|帮我|麻烦)?(?:修改|更改|改正|改)(?:一下)?(?P<item>.{2,30})|"
    r"(?P<wrong>.{2,30}?)(?:写错|填错|输错|打错|弄错|错)了?"
)
_WRITTEN = ("text", "long_text", "place")


def command(turn: Turn, text: str) -> Said | None:
    """The command that `text` is here, or None."""
    writing = _is_writing(turn)
    said = commands.find_command(text, writing=writing)
    if said is not None and said.command == turn.lang and writing and not turn.state.get("mode"):
        return None  # 「English」 said in English would switch nothing: it is an answer
    return said or _change(turn, text)


def _change(turn: Turn, text: str) -> Said | None:
    found = None if turn.state.get("mode") in ("ask", "reply") else _CHANGE.fullmatch(commands.normalise(text))
    item = (found["item"] or found["wrong"]) if found else ""
    return Said(Command.EDIT, item) if item and conversation_edit.is_item(turn, item) else None


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
