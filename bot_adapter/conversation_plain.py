"""What every stranger asks first, and no clause says of this chat: how to apply (here), and which papers are needed (by
what is known of them so far). The chat says both itself, at any hour; all else is for the notice or for people."""

from __future__ import annotations

from collections.abc import Sequence

from bot_adapter import conversation_steps as steps
from bot_adapter.commands import asks_for_papers, asks_how_to_apply
from bot_adapter.turn import Turn
from models.interview.prepared import prepared
from models.interview.steps import Ask, ShowVerdict
from models.interview.wording import say


def words(turn: Turn, question: str) -> str:
    """The answer; empty where it is for the office."""
    if steps.over(turn) or not turn.is_open():
        return ""
    if asks_how_to_apply(question):
        return say("chat.apply_here", turn.lang)
    return _papers(turn) if asks_for_papers(question) else ""


def _papers(turn: Turn) -> str:
    """Of the photos that the form asks for, those that are sure; which others follow the answers."""
    here = turn.plan.step
    known = here.documents if isinstance(here, ShowVerdict) else turn.plan.documents
    if known:
        return _named(turn, "chat.verdict_documents", known)
    always = [ask for document, ask in prepared(turn.pack).documents if document.when is None and document.required]
    first = _named(turn, "chat.papers_always", always) if always else ""
    return "\n".join(filter(None, (first, say("chat.papers_follow", turn.lang))))


def _named(turn: Turn, key: str, papers: Sequence[Ask]) -> str:
    return say(key, turn.lang, documents=[ask.label for ask in papers])
