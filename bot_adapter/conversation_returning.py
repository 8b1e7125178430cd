"""Who writes again after a day or more is told in a line where they were; whose application is gone begins again."""

from __future__ import annotations

from datetime import timedelta

from bot_adapter import commands, conversation_words
from bot_adapter import conversation_steps as steps
from bot_adapter.conversation_actions import CHECKED
from bot_adapter.turn import Turn
from models import clock
from models.application import lifecycle
from models.interview import wording
from models.interview.steps import Ask, Ready, ShowVerdict
from models.programme.pack import Text

SILENCE = timedelta(days=1)
_OF_NOBODY = ("", "closed")  # what may be remembered as shown without an application, besides the first consent


def gone(turn: Turn) -> bool:
    """Whether what the conversation was about has been deleted: it lets go of it, says so, and begins again."""
    deleted = turn.status == lifecycle.DELETED
    at = turn.state.get("at", "")
    if not deleted and (turn.view is not None or at in _OF_NOBODY or at.startswith("consent:")):
        return False
    turn.conversation.application_id = None
    turn.changed()
    turn.state.clear()
    turn.say("chat.gone")
    return True


def settled(turn: Turn) -> bool:
    """After a silence: one line of context, and a menu that stood open is over. Whether that is the whole reply, with
    the question again; otherwise the message is still to be taken, as the answer that it may be."""
    last = turn.conversation.heard_at or turn.conversation.updated_at
    if clock.current().now() - last < SILENCE or steps.asks_nothing(turn):
        return False
    here = steps.place(turn)
    if (label := label_of(here)) is None:
        return False
    _say(turn, label, last.astimezone(clock.CHINA).date())
    menu = turn.state.get("mode")
    turn.drop("mode", "edit_part", "tries", "guess", CHECKED)
    text = turn.inbound.said
    if turn.inbound.media or turn.inbound.kind == "unsupported":
        return False
    aside = conversation_words.command(turn, text) is not None or commands.is_question(text)
    of_here = turn.inbound.programme in (None, turn.conversation.programme)  # a link to another one is told of
    here_still = turn.state.get("at") == steps.key_of(here) and of_here
    if (menu and not aside) or (commands.is_hello(text) and here_still):
        steps.show(turn)
        return True
    return False


def label_of(here: steps.Place) -> Text | None:
    """What the place is called in a line of context; None for a question that comes between."""
    if isinstance(here, Ask):
        return _plain(here.label)
    if isinstance(here, ShowVerdict):
        return wording.text("chat.resumed_verdict")
    return wording.text("chat.resumed_ready") if isinstance(here, Ready) else None


def count_of(turn: Turn) -> int:
    """How many answers have been given, consents aside."""
    return sum(not key.startswith("consent:") and key != "verdict" for key in turn.plan.answered)


def _plain(label: Text) -> Text:
    return Text(zh=label.zh.rstrip("？?。"), en=label.en.rstrip("?."))


def _say(turn: Turn, label: Text, last: object) -> None:
    if count := count_of(turn):
        turn.say("chat.resumed", day=last, label=label, count=count)
    else:
        turn.say("chat.resumed_first", day=last, label=label)
