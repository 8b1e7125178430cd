"""Where nothing is filled in and something can be done: at the verdict, and before the hand-in."""

from __future__ import annotations

from bot_adapter.choosing import Entry
from bot_adapter.prompting import Prompt, said
from bot_adapter.turn import Turn
from models.eligibility.verdict import Outcome
from models.interview.steps import ShowVerdict
from models.interview.wording import say
from models.programme.pack import Text

GO, EDIT, HUMAN, SUBMIT, LATER, AGAIN = "go", "edit", "human", "submit", "later", "again"
CHECKED, _BRIEFLY = "checked", "briefly"  # the version of the application that was shown whole; that it just was not


def verdict_prompt(step: ShowVerdict) -> Prompt:
    """What can be done at the verdict; a refusal offers no going on."""
    entries: list[tuple[Entry, Text]] = []
    if step.assessment.outcome is not Outcome.REFUSED:
        entries.append(_action(GO, "chat.verdict_go", "好", "好的", "继续", "下一步", "go", "next", "ok", "continue"))
    entries.append(_action(EDIT, "chat.verdict_edit", "修改"))
    entries.append(_action(HUMAN, "chat.verdict_human", "人工"))
    return Prompt(tuple(entries))


def ready_prompt(turn: Turn) -> Prompt:
    """What can be done when all is there; to see everything again where it was not shown again by itself."""
    key = "chat.resubmit" if turn.status == "returned" else "chat.submit"
    entries = [_action(SUBMIT, key, "提交", "确认提交", "submit", "好", "确认"), _action(EDIT, "chat.change", "改")]
    if turn.state.get(_BRIEFLY):
        entries.append(_action(AGAIN, "chat.check_whole", "核对", "再看一遍", "再看看", "检查", "check", "show all"))
    return Prompt(tuple(entries))


def checked(turn: Turn) -> str:
    """A line instead of the long list, where that has been shown and nothing has changed since."""
    assert turn.view is not None
    version = turn.view.application.version
    before, turn.state[CHECKED] = turn.state.get(CHECKED), version
    turn.drop(_BRIEFLY)
    if before != version:
        return ""
    turn.state[_BRIEFLY] = True
    return say("chat.check_again", turn.lang)


def _action(token: str, key: str, *words: str) -> tuple[Entry, Text]:
    entry, text = said(token, key)
    return Entry(token, (*entry.words, *words)), text
