"""What every stranger asks first, and no clause says of this service: how to apply (here), and which papers are needed
(by what is known of them so far). Chat and pages say both themselves, at any hour; all else is for the notice or for
people."""

from __future__ import annotations

from collections.abc import Sequence

from bot_adapter import conversation_steps as steps
from bot_adapter.commands import asks_for_papers, asks_how_to_apply
from bot_adapter.turn import Turn
from models.interview.prepared import prepared
from models.interview.steps import Ask, Plan, ShowVerdict
from models.interview.wording import say
from models.programme.pack import Pack


def words(turn: Turn, question: str) -> str:
    """The answer in the chat; empty where it is for the office."""
    if steps.over(turn) or not turn.is_open():
        return ""
    return answer(turn.pack, turn.plan, question, turn.lang, here="chat.apply_here")


def answer(pack: Pack, plan: Plan, question: str, lang: str, *, here: str) -> str:
    """The same while applications are taken; `here`: the sentence that says how one applies where this is read."""
    if asks_how_to_apply(question):
        return say(here, lang)
    return _papers(pack, plan, lang) if asks_for_papers(question) else ""


def _papers(pack: Pack, plan: Plan, lang: str) -> str:
    """Of the photos that the form asks for, those that are sure; which others follow the answers."""
    known = plan.step.documents if isinstance(plan.step, ShowVerdict) else plan.documents
    if known:
        return _named("chat.verdict_documents", known, lang)
    always = [ask for document, ask in prepared(pack).documents if document.when is None and document.required]
    first = _named("chat.papers_always", always, lang) if always else ""
    return "\n".join(filter(None, (first, say("chat.papers_follow", lang))))


def _named(key: str, papers: Sequence[Ask], lang: str) -> str:
    return say(key, lang, documents=[ask.label for ask in papers])
