"""Buttons that outlive their question: each carries a mark of what it was shown for, and only the present one counts.

A channel sends ``choice_id(message, choice)`` as a button's value and gives it back as `InboundMessage.choice_id`
(kind ``choice``). A value without a mark is the text that it stands for: a menu's button is never too old. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from bot_adapter.commands import Command, find_command
from bot_adapter.messages import MARK_ENDS, Choice, InboundMessage, OutboundMessage
from models.digests import sha256
from models.json_text import ascii_dumps

_LENGTH = 6  # hex digits: enough to tell the questions of one person apart, short enough for any platform's limit
_STATE = "buttons"  # "mark" is what was shown of an offer
_KEPT = 64  # places where one kept question was shown: rows of a table, or one chat's second application
_NOWHERE: dict[str, Any] = {}


def choice_id(message: OutboundMessage, choice: Choice) -> str:
    """What a button of `message` gives back when it is pressed: ``3f09ac|2``."""
    return f"{message.mark}{MARK_ENDS}{choice.send}" if message.mark else choice.send


def mark(state: Mapping[str, Any], shown: Sequence[Choice], whose: str = "") -> str:
    """A short digest of where the person is and of what can be chosen there: the same question again has the same
    one, and another search, row or menu at the same place has its own. `whose`: which of the chat's applications is
    talked about."""
    return _mark((whose, *_place(state)), shown)


def _mark(place: tuple[Any, ...], shown: Sequence[Choice]) -> str:
    return _digest(place, [[choice.send, choice.label] for choice in shown])


def _place(state: Mapping[str, Any]) -> tuple[Any, ...]:
    rows = state.get("rows", _NOWHERE)
    return (state.get("at"), state.get("mode"), state.get("edit_part"), rows.get("column"), rows.get("row"))


def _digest(place: tuple[Any, ...], shown: Sequence[Sequence[str]]) -> str:
    return sha256(ascii_dumps([place, shown]).encode())[:_LENGTH]


@lru_cache(maxsize=1024)
def _of_place(place: tuple[Any, ...]) -> str:
    """Of a place alone: nothing that is offered there, so nothing of a person."""
    return _digest(place, ())


def marked(state: dict[str, Any], reply: list[OutboundMessage], whose: str = "") -> list[OutboundMessage]:
    """`reply` with its marks; the last of them is remembered in `state` as the one that counts. A reply without
    choices leaves the buttons of the same place as they are."""
    here = _place(state)
    mine = (whose, *here)
    out = [_marked(message, mine) if message.choices else message for message in reply]
    for message in reversed(out):
        if message.choices and not asks_for_people(message):
            state[_STATE] = {"place": _of_place(here), "choices": message.mark}
            return out
    if _STATE in state and state[_STATE]["place"] != _of_place(here):
        del state[_STATE]
    return out


def _marked(message: OutboundMessage, place: tuple[Any, ...]) -> OutboundMessage:
    """With the mark of this place; a question that is kept keeps what it has been marked as."""
    kept = message.kept
    if kept is None:
        return message.marked(_mark(place, message.choices))
    found = kept.get(place)
    if found is None:
        if len(kept) >= _KEPT:
            kept.clear()
        found = kept[place] = message.marked(_mark(place, message.choices))
    return found


def asks_for_people(message: OutboundMessage) -> bool:
    """Whether all that can be chosen is 「没解决？转人工」, 「答复」 to a person, another application or nothing: it
    answers no question of ours."""
    return all(_sends_aside(choice.send) for choice in message.choices)


@lru_cache(maxsize=256)
def _sends_aside(send: str) -> bool:
    """What our own choices send: numbers, and words of the shared wording."""
    return _is_aside(send)


_ASIDE = (Command.HUMAN, Command.REPLY, Command.UNSOLVED, Command.SWITCH)


def _is_aside(text: str) -> bool:
    said = find_command(text)
    return said is not None and said.command in _ASIDE


def is_stale(state: Mapping[str, Any], inbound: InboundMessage) -> bool:
    """Whether a button was pressed that belongs to something else than what is open now. Asking for a person,
    answering one, or going to another application is never too late."""
    given = inbound.choice_mark
    return bool(given) and not _is_aside(inbound.said) and given != state.get(_STATE, {}).get("choices")
