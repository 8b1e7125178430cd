"""After the hand-in: photos that a worker found unusable are taken again in chat, one after the other.

The application stays handed in; each new photo takes the place of the first unusable page of its document.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import filled
from bot_adapter.turn import Turn
from models.application import lifecycle
from models.interview import wording
from models.interview.steps import Ask
from models.interview.wording import say
from models.programme.pack import Text


@dataclass(frozen=True, slots=True)
class Retake:
    """A page that is asked for once more: `number` as the person counts the pages of `ask`, and why."""

    ask: Ask
    number: int
    reason: str
    page_id: str

    @property
    def name(self) -> Text:
        """The page in words."""
        return filled("chat.retake_page", title=self.ask.label, number=str(self.number))


def waiting(turn: Turn) -> list[Retake]:
    """Every page to be taken again, in the order of the documents; none unless the application is handed in."""
    if turn.status != lifecycle.SUBMITTED or turn.view is None:
        return []
    found = []
    for ask in turn.plan.documents:
        pages = turn.view.document_pages(ask.key.removeprefix("document:"))
        found += [
            Retake(ask, number, page.reason or "", page.id)
            for number, page in enumerate(pages, start=1)
            if page.state == "retake"
        ]
    return found


def news(turn: Turn) -> list[Retake]:
    """What to ask for after verdicts were told: several pages, once, when the last photo under way has been judged. Of
    a single page its verdict has said everything."""
    again = waiting(turn)
    if len(again) < 2 or turn.view is None or any(page.state == "received" for page in turn.view.pages):
        return []
    return again if turn.state.get("asked") != _ids(again) else []


def _ids(retakes: list[Retake]) -> list[str]:
    return [one.page_id for one in retakes]


def show(turn: Turn, retakes: list[Retake]) -> None:
    """Ask for the first of them, and say what comes after."""
    first, *rest = retakes
    turn.state.update(at=first.ask.key, asked=_ids(retakes))
    why = {"reason": wording.say(first.reason, turn.lang)} if first.reason else {}
    lines = [say("chat.retake" if why else "chat.retake_bare", turn.lang, page=first.name, **why)]
    if rest:
        lines.append(say("chat.retake_rest", turn.lang, count=len(rest), pages=[one.name for one in rest]))
    turn.out.append(OutboundMessage("\n".join(lines), hint=say("chat.hint_photo", turn.lang), wants_image=True))
