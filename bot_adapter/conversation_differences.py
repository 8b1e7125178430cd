"""What was read on a photo and is not what was typed: one numbered question each, when everything else is answered, and
after the hand-in. Whoever leaves it is not asked again in this chat; it stops nothing."""

from __future__ import annotations

from dataclasses import dataclass

from bot_adapter.choosing import choose_one
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import Prompt, said
from bot_adapter.turn import Turn
from bot_adapter.understanding import Misread, misread
from models.application import differences, record
from models.documents.comparing import Compared
from models.interview.wording import say

_CHANGE, _RETAKE, _STAND, _LATER = "change", "again", "stand", "later"
_LEFT = "differs_left"  # in the state: questions that were put off


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference that is asked about; `key` is what is remembered as shown."""

    one: Compared

    @property
    def key(self) -> str:
        return f"differs:{self.one.page_id}.{self.one.name}"

    @property
    def document(self) -> str:
        """The answer key of its document."""
        return f"document:{self.one.document}"


def due(turn: Turn) -> Difference | None:
    """The first difference that the person has neither explained nor put off."""
    if turn.view is None or turn.status not in differences.MAY_STAND_BY:
        return None
    left = turn.state.get(_LEFT, ())
    found = (Difference(one) for one in turn.view.differences)
    return next((one for one in found if one.key not in left), None)


def show(turn: Turn, found: Difference) -> None:
    """Both values, and what can be done."""
    turn.state["at"] = found.key
    assert turn.view is not None
    lines = [
        differences.question(turn.view, found.one, turn.lang),
        say("question.typed", turn.lang, value=differences.typed_value(turn.view, found.one, turn.lang)),
        say("question.read", turn.lang, value=differences.read_value(found.one, turn.lang)),
        say("chat.differs_hint", turn.lang),
    ]
    text = say("chat.choose_below", turn.lang) if turn.brief else "\n".join(lines)
    turn.out.append(OutboundMessage(text, _prompt(turn, found).choices(turn.lang)))


def _prompt(turn: Turn, found: Difference) -> Prompt:
    entries = []
    if _may_change(turn, found.one.key):
        entries.append(said(_CHANGE, "chat.differs_change"))
    if _may_change(turn, found.document):
        entries.append(said(_RETAKE, "chat.differs_retake"))
    entries.append(said(_STAND, "chat.differs_stand"))
    handed_in = turn.view is not None and not turn.view.editable
    entries.append(said(_LATER, "chat.differs_wrong" if handed_in else "chat.differs_later"))
    return Prompt(tuple(entries))


def _may_change(turn: Turn, key: str) -> bool:
    if turn.view is None or not turn.view.editable or turn.current_ask(key) is None:
        return False
    application = turn.view.application
    return turn.status != "returned" or key in {*application.returned_keys, *record.outstanding(application)}


def answer(turn: Turn, found: Difference, text: str) -> Misread | None:
    """Change it, take the photo again, stand by it, or leave it."""
    entries = _prompt(turn, found).entries
    chosen = choose_one(text, entries)
    if len(chosen.tokens) != 1:
        return misread(chosen, entries, text)
    token = chosen.tokens[0]
    if token == _STAND:
        differences.stand_by(turn.application(), found.one.page_id, found.one.name)
        turn.say("chat.differs_stood")
    elif token == _LATER:
        turn.state[_LEFT] = [*turn.state.get(_LEFT, ()), found.key]
        turn.say("chat.differs_left" if turn.view is not None and turn.view.editable else "chat.differs_noted")
    else:
        key = found.one.key if token == _CHANGE else found.document
        turn.drop("found", "picked", "rows", "more", "replace")
        turn.state["edit"] = key
        if token == _RETAKE:
            turn.state["replace"] = key
    turn.changed()
    return None
