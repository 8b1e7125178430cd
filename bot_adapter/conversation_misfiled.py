"""Photos that were sent for one document and are another: 「放错了」 moves those of the last message."""

from __future__ import annotations

from dataclasses import dataclass

from bot_adapter.choosing import Entry, choose_one
from bot_adapter.conversation_pages import document_of, takers
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import Prompt, said
from bot_adapter.turn import DOOR, Turn
from bot_adapter.understanding import Misread, misread
from models.application import readings, service
from models.application.refiling import refile
from models.errors import InvalidAnswer, NotFound, StorageAway
from models.interview import wording
from models.interview.steps import Ask
from models.interview.wording import say
from models.programme.papers import paper_of

KEY = "moving"  # what is remembered as shown
_DROP, _STAY = "drop", "stay"


@dataclass(frozen=True, slots=True)
class Moving:
    """The pages of the last message, all of one document, and the documents that they may be instead."""

    pages: tuple[str, ...]
    source: Ask
    documents: tuple[Ask, ...]


def begin(turn: Turn) -> None:
    """「放错了」: ask where the photos of the last message belong."""
    turn.state["moving"] = True
    if due(turn) is None:
        turn.drop("moving")
        turn.say("chat.moving_nothing")


def due(turn: Turn) -> Moving | None:
    """The question, while it stands and the pages do."""
    if not turn.state.get("moving"):
        return None
    meant = set(_suspected(turn) or turn.state.get("last", ()))
    pages = [page for page in turn.view.pages if page.id in meant] if turn.view is not None else []
    source = turn.current_ask(f"document:{pages[0].document}") if pages else None
    if source is None or turn.view is None or not turn.view.editable:
        settle(turn)
        return None
    ids = tuple(page.id for page in pages if page.document == document_of(source))
    return Moving(ids, source, tuple(ask for ask in takers(turn) if ask.key != source.key))


def _suspected(turn: Turn) -> list[str]:
    """Pages on which a reader saw another paper than their document asks for: those are meant, if there are any."""
    if turn.view is None or not turn.view.pages:
        return []
    found = readings.of_application(turn.view.application.id)
    papers = {one.id: paper_of(one) for one in turn.view.pack.documents.documents}
    known = {side for paper in papers.values() if paper is not None for side in paper.sides}
    out = []
    for page in turn.view.pages:
        reading, paper = found.get(page.id), papers.get(page.document)
        if reading is not None and paper is not None and reading.kind in known - set(paper.sides):
            out.append(page.id)
    return out


def settle(turn: Turn) -> None:
    """Back to where the person was."""
    turn.drop("moving")
    turn.step_back(KEY)


def show(turn: Turn, moving: Moving) -> None:
    """Which document is it, then?"""
    turn.step_aside(KEY)
    text = say("chat.moving_ask", turn.lang, title=moving.source.label, count=len(moving.pages))
    turn.out.append(OutboundMessage(text, _prompt(moving).choices(turn.lang), say("chat.hint_one", turn.lang)))


def _prompt(moving: Moving) -> Prompt:
    documents = [(Entry(ask.key, (ask.label.zh, ask.label.en)), ask.label) for ask in moving.documents]
    return Prompt((*documents, said(_DROP, "chat.unplaced_drop"), said(_STAY, "chat.moving_stay")))


def answer(turn: Turn, moving: Moving, text: str) -> Misread | None:
    """Move them, delete them, or leave them."""
    entries = _prompt(moving).entries
    chosen = choose_one(text, entries)
    if len(chosen.tokens) != 1:
        return misread(chosen, entries, text)
    token = chosen.tokens[0]
    if token == _DROP:
        for page_id in moving.pages:
            service.remove_page(turn.application(), page_id)
        turn.say("chat.unplaced_dropped", count=len(moving.pages))
    elif token != _STAY:
        _move(turn, moving, next(ask for ask in moving.documents if ask.key == token))
    turn.changed()
    settle(turn)
    return None


def _move(turn: Turn, moving: Moving, ask: Ask) -> None:
    moved = []
    for page_id in moving.pages:
        try:
            moved.append(refile(turn.application(), page_id, document_of(ask), DOOR).id)
        except (InvalidAnswer, NotFound, StorageAway) as exc:
            turn.tell(wording.error(exc, turn.lang))
            break
    if moved:
        turn.state["last"] = moved
        turn.say("chat.unplaced_placed", title=ask.label, count=len(moved))
