"""修改 and 返回: back to an answer that stands. The answer stays until a new one is valid; what depends on it is
re-opened by the engine alone."""

from __future__ import annotations

from bot_adapter import conversation_misfiled as misfiled
from bot_adapter import conversation_rows as rows
from bot_adapter import conversation_steps as steps
from bot_adapter.choosing import Entry, all_bare, bare, by_words, choose_one
from bot_adapter.commands import normalise
from bot_adapter.conversation_unplaced import Unplaced
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import Prompt, said
from bot_adapter.turn import Turn
from bot_adapter.understanding import misread
from models.application import record
from models.interview import wording
from models.interview.steps import Ask, Stage
from models.interview.wording import say
from models.programme.pack import Text

LEAVE = "leave"
_MODE, _SECTION = "edit", "edit_part"
_CALLED = {"phone": ("手机", "手机号", "手机号码", "电话号码", "mobile", "phone")}  # whatever the form's own word is


def begin(turn: Turn, words: str) -> None:
    """修改: choose a part, then an item. 「修改 电话」 goes there at once."""
    if turn.status in steps.ENDED:
        turn.say("chat.edit_locked")
        return
    parts = _parts(turn)
    if not parts:
        turn.say("chat.edit_nothing")
        steps.show(turn)
        return
    named = _named(turn, words)
    if named:
        _open(turn, named)
        return
    turn.state["mode"] = _MODE
    turn.drop(_SECTION)
    if len(parts) == 1:
        turn.state[_SECTION] = parts[0][0]
    show(turn)


def _parts(turn: Turn) -> list[tuple[str, Text | None, list[Ask]]]:
    """The parts with something to change: in a returned application only what was returned."""
    parts = steps.plan_parts(turn.plan)
    if turn.status != "returned" or turn.view is None:
        return parts
    returned = set(turn.view.application.returned_keys)
    kept = [(id_, title, [ask for ask in asks if ask.key in returned]) for id_, title, asks in parts]
    return [part for part in kept if part[2]]


def _named(turn: Turn, words: str) -> str:
    """The one item that these words name, whichever part it stands in; empty where there is none, or several."""
    found = by_words(words, [_entry(ask) for _, _, asks in _parts(turn) for ask in asks]) if words else ()
    return found[0] if len(found) == 1 else ""


def is_item(turn: Turn, words: str) -> bool:
    """Whether these words are exactly what one item that can be changed is called."""
    if turn.view is None or turn.status in steps.ENDED:
        return False
    return [bare(words) in all_bare(_entry(ask).words) for _, _, asks in _parts(turn) for ask in asks].count(True) == 1


def _entry(ask: Ask) -> Entry:
    return Entry(ask.key, (ask.label.zh, ask.label.en, *_CALLED.get(ask.kind, ())))


def _title(part: str, title: Text | None) -> Text:
    return title or wording.text(f"chat.part_{part}")


def _prompt(turn: Turn) -> tuple[str, Prompt]:
    parts = _parts(turn)
    section = turn.state.get(_SECTION)
    chosen = next((part for part in parts if part[0] == section), None)
    if chosen is None:
        titled = [(id_, _title(id_, title)) for id_, title, _ in parts]
        entries = [(Entry(id_, (text.zh, text.en)), text) for id_, text in titled]
        return "chat.edit_section", Prompt((*entries, said(LEAVE, "chat.edit_leave")))
    items = [(_entry(ask), ask.label) for ask in chosen[2]]
    return "chat.edit_item", Prompt((*items, said(LEAVE, "chat.edit_leave")))


def show(turn: Turn) -> None:
    """What can be changed: the parts, or the items of one."""
    key, prompt = _prompt(turn)
    turn.out.append(OutboundMessage(say(key, turn.lang), prompt.choices(turn.lang)))


def choose(turn: Turn, text: str) -> None:
    """A reply while choosing what to change."""
    _, prompt = _prompt(turn)
    chosen = choose_one(text, prompt.entries)
    if len(chosen.tokens) != 1 and (named := _named(turn, text)):
        _open(turn, named)
        return
    if len(chosen.tokens) != 1:
        problem = misread(chosen, prompt.entries, text)
        turn.say(problem.key, **problem.params)
        if problem.key == "chat.not_understood":
            turn.say("chat.edit_how", label=_an_item(turn).label)
        show(turn)
        return
    pick = chosen.tokens[0]
    if pick == LEAVE:
        leave(turn)
        steps.show(turn)
    elif ":" in pick or pick == "claim":
        _open(turn, pick)
    else:
        turn.state[_SECTION] = pick
        show(turn)


def _an_item(turn: Turn) -> Ask:
    """One that can be changed, as an example: of what is offered, else of the last part."""
    parts = _parts(turn)
    return next((part for part in parts if part[0] == turn.state.get(_SECTION)), parts[-1])[2][0]


def is_offered(turn: Turn, text: str) -> bool:
    """Whether the words are exactly one of the things to choose, which may itself be worded as a question."""
    words = {normalise(word) for entry in _prompt(turn)[1].entries for word in entry.words}
    return normalise(text) in words


def leave(turn: Turn) -> None:
    """Give up choosing or editing; every answer stays as it is."""
    turn.drop("mode", _SECTION, "edit")


def _open(turn: Turn, key: str) -> None:
    """Ask `key` again, its answer standing meanwhile."""
    turn.drop("mode", _SECTION, "found", "picked", "rows", "more", "replace")
    if turn.status == "returned" and key not in _reopened(turn):
        turn.say("chat.edit_not_returned")
        steps.show(turn)
        return
    turn.state["edit"] = key
    if key.startswith("document:"):
        turn.state["replace"] = key
    steps.show(turn)


def _reopened(turn: Turn) -> set[str]:
    assert turn.view is not None
    application = turn.view.application
    return {*application.returned_keys, *record.outstanding(application)}


def back(turn: Turn) -> None:
    """返回: out of a menu, one column back in a row, else the answered step before this one."""
    if turn.state.get("mode"):
        leave(turn)
        steps.show(turn)
        return
    if turn.status in steps.ENDED:
        turn.say("chat.edit_locked")
        return
    if turn.state.get("moving"):
        misfiled.settle(turn)
        steps.show(turn)
        return
    if turn.state.pop("bring", None):
        steps.show(turn)
        return
    here = steps.place(turn)
    if isinstance(here, Unplaced):
        steps.show(turn)  # what was kept has no place before it: say where it goes, or that it may go
        return
    if isinstance(here, Ask) and here.kind == "rows" and rows.back(turn, here):
        steps.show(turn)
        return
    before = _before(turn, here.key if isinstance(here, Ask) else None)
    if before is None:
        turn.say("chat.at_first")
        steps.show(turn)
        return
    turn.say("chat.back_to")
    _open(turn, before)


def _before(turn: Turn, key: str | None) -> str | None:
    """The last answered step before `key`; consents are given once and not walked back to."""
    keys = [a.key for a in turn.plan.asks if a.key in turn.plan.answered or a.key == key]
    earlier = keys[: keys.index(key)] if key in keys else keys
    walkable = [k for k in earlier if (ask := turn.current_ask(k)) is not None and ask.stage is not Stage.CONSENT]
    if turn.status == "returned":
        walkable = [k for k in walkable if k in _reopened(turn)]
    return walkable[-1] if walkable else None
