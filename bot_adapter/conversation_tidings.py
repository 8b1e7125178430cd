"""What is said of an application at once: what the unit returned, and that nothing is taken now."""

from __future__ import annotations

from bot_adapter.turn import Turn
from models.application import labels, rounds
from models.interview.wording import say
from models.office import reason_sentences


def returned(turn: Turn) -> None:
    """What the unit returned and why, each item on a line."""
    if turn.view is None or not turn.view.outstanding:
        return
    lines = [say("chat.returned", turn.lang)]
    reasons = reason_sentences.read_in(turn.pack.slug, turn.view.returned_reasons, turn.lang)
    for key in turn.view.outstanding:
        reason, label = reasons.get(key, ""), labels.label(turn.pack, key, turn.lang)
        word = "chat.returned_line" if reason else "chat.returned_line_bare"
        lines.append(say(word, turn.lang, label=label, **({"reason": reason} if reason else {})))
    turn.tell("\n".join(lines))


def has_listed(turn: Turn) -> bool:
    """Whether that list has just been said."""
    return bool(turn.out) and turn.out[-1].text.startswith(say("chat.returned", turn.lang))


def why(turn: Turn, key: str) -> str:
    """The line that says why this was returned, while it has yet to be dealt with; empty where it was not."""
    if turn.status != "returned" or turn.view is None or key not in turn.view.outstanding:
        return ""
    reason = reason_sentences.read_in(turn.pack.slug, turn.view.returned_reasons, turn.lang).get(key)
    return say("chat.returned_why", turn.lang, reason=reason) if reason else ""


def closed(turn: Turn) -> None:
    """That the programme takes no applications now, and until when it did or from when it will."""
    turn.state["at"] = "closed"
    title, slug = turn.pack.programme.title, turn.pack.slug
    following, ended = rounds.upcoming(slug, turn.today), rounds.last(slug, turn.today)
    if following is not None and following.standing:
        turn.say("chat.closed_from", title=title, opens=following.opens)
    elif following is not None:
        turn.say("chat.closed_until", title=title, opens=following.opens, closes=following.closes)
    elif ended is not None:
        turn.say("chat.closed", title=title, closes=ended.closes)
    else:
        turn.say("chat.closed_none", title=title)
