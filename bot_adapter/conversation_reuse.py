"""What the person gave in another programme, offered as a numbered choice between the verdict and the form."""

from __future__ import annotations

from bot_adapter.choosing import choose_one
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import NO, YES, Prompt, said
from bot_adapter.turn import DOOR, Turn
from bot_adapter.understanding import Misread, misread
from models.application import reuse, reuse_words
from models.errors import Conflict, NotFound
from models.interview import wording
from models.interview.wording import say

KEY = "reuse"  # what is remembered as shown
_PROMPT = Prompt((said(YES, "chat.reuse_yes"), said(NO, "chat.reuse_no")))


def wanted(turn: Turn) -> reuse.Offer | None:
    """The offer where 「带过来」 was said and it stands."""
    if not turn.state.get("bring"):
        return None
    if turn.offer is None:
        turn.drop("bring")
    return turn.offer


def due(turn: Turn) -> reuse.Offer | None:
    """The offer where it is the next step: once, before the form is begun."""
    view = turn.view
    if view is None or "verdict" not in view.plan.answered:
        return None
    for section in view.plan.sections:
        if section.answered:
            return None  # the form has been begun
    return turn.offer if reuse.is_due(view) else None


def show(turn: Turn, offer: reuse.Offer) -> None:
    """All that would be taken, and what a 「1」 means."""
    turn.state.update(at=KEY, mark=offer.mark)
    lang = turn.lang
    lines = [reuse_words.question(offer, lang), say("chat.reuse_list", lang)]
    lines += [say("chat.reuse_line", lang, label=label, value=value) for label, value in reuse_words.lines(offer, lang)]
    lines.append(say("chat.reuse_hint", lang, consent=reuse_words.consent(offer, lang)))
    text = say("chat.choose_below", lang) if turn.brief else "\n".join(lines)
    turn.out.append(OutboundMessage(text, _PROMPT.choices(lang)))


def answer(turn: Turn, offer: reuse.Offer, text: str) -> Misread | None:
    """Bring it over, or not. What has changed since it was shown is shown again."""
    chosen = choose_one(text, _PROMPT.entries)
    if len(chosen.tokens) != 1:
        return misread(chosen, _PROMPT.entries, text)
    if chosen.tokens[0] == YES:
        _accept(turn, offer)
    else:
        reuse.decline(turn.application(), offer.source.slug, DOOR)
        turn.say("chat.reuse_declined")
    turn.drop("bring", "mark")
    turn.changed()
    return None


def _accept(turn: Turn, offer: reuse.Offer) -> None:
    try:
        reuse.accept(turn.application(), offer.source_id, turn.state.get("mark", ""), DOOR)
    except (Conflict, NotFound) as exc:
        turn.tell(wording.error(exc, turn.lang))
        return
    turn.say("chat.reuse_taken", what=reuse_words.what(offer, turn.lang))


def bring(turn: Turn) -> None:
    """「带过来」: the offer again, for who changed their mind."""
    if turn.offer is None:
        turn.say("chat.reuse_nothing")
    else:
        turn.state["bring"] = True
