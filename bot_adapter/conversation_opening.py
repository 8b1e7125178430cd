"""How a chat opens: the greeting of a stranger, the answer to a hello in between, and what is shown instead where the
place has moved meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot_adapter import conversation_tidings as tidings
from bot_adapter.conversation_steps import ENDED, READY, asks_nothing, key_of, place, show
from bot_adapter.turn import Turn
from models.application import rounds
from models.interview.wording import say
from models.programme.loader import pack_slugs


def moved(turn: Turn) -> bool:
    """Whether what was shown last is no longer what is asked: it was answered in the browser, or returned meanwhile.
    Then words meant for the one are not taken for the other; where we are now is shown instead."""
    if turn.state.get("at") == key_of(place(turn)):
        return False
    if turn.status == "returned" and turn.state.get("at") in ENDED:
        tidings.returned(turn)
    elif turn.status != "submitted" and (turn.view is None or turn.view.news is None):  # the notice has said it
        turn.say("chat.moved")
    show(turn)
    return True


def greeting(turn: Turn) -> None:
    """The first thing a stranger reads: what this is, and the first useful question, in one message."""
    current = rounds.glance(turn.pack.slug, turn.today)
    if current is None:
        tidings.closed(turn)
        return
    turn.taking = True
    programme = turn.pack.programme
    words = rounds.intake_words(turn.pack, current, turn.today)
    until: dict[str, Any] = {"closes": current.closes} if current.closes is not None else {}
    greeting = "chat.greeting" if until else "chat.greeting_standing"
    if words is not None:
        greeting, until = "chat.greeting_yearly", {"intake": words}
    switch = say("chat.greeting_switch", turn.lang) if _may_switch(turn) else ""
    intro = say(greeting, turn.lang, title=programme.title, summary=programme.summary, switch=switch, **until)
    mark = len(turn.out)
    show(turn)
    first, *rest = turn.out[mark:]
    text = f"{intro}\n\n{first.text}"
    turn.out[mark:] = [replace(first, text=text), *rest]


def _may_switch(turn: Turn) -> bool:
    """Whether another programme is open here: not on an account of one alone."""
    if turn.inbound.programme is not None and turn.inbound.event != "start":
        return False
    return any(rounds.glance(slug, turn.today) is not None for slug in pack_slugs() if slug != turn.pack.slug)


def too_early(turn: Turn) -> bool:
    """Answer 「提交」 while something is still asked. False: it is the last step's word, or nothing is asked."""
    if asks_nothing(turn) or key_of(place(turn)) == READY or turn.state.get("at") == READY:
        return False
    turn.say("chat.too_early")
    turn.brief = True
    show(turn)
    return True


def thanked(turn: Turn) -> None:
    """The answer to thanks: a word, and what is open."""
    if not asks_nothing(turn) and turn.state.get("at") != key_of(place(turn)):
        moved(turn)
        return
    turn.say("chat.welcome")
    if not asks_nothing(turn):
        turn.brief = True
        show(turn)


def greet_again(turn: Turn) -> None:
    """The answer to a hello in between: a hello, what has changed, and where we were."""
    turn.drop("mode", "tries")
    if not asks_nothing(turn):
        if turn.view is not None and turn.state.get("at") != key_of(place(turn)):
            moved(turn)  # what came meanwhile says more than a hello
            return
        turn.say("chat.hello")
    show(turn)
