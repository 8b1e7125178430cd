"""Pages of documents as the chat adds them: which documents take a photo now, and storing one."""

from __future__ import annotations

from collections.abc import Callable

from bot_adapter.turn import Turn
from models.application import lifecycle, record, service
from models.application.tables import DocumentPage
from models.interview.steps import Ask
from models.unit_of_work import unit_of_work


def document_of(ask: Ask) -> str:
    """The document's id in the pack."""
    return ask.key.removeprefix("document:")


def takers(turn: Turn) -> tuple[Ask, ...]:
    """The documents that take one more photo now: in a returned application those that were returned or lack pages."""
    if turn.view is None or turn.status not in lifecycle.EDITABLE:
        return ()
    asks = turn.plan.documents
    if turn.status == lifecycle.RETURNED:
        returned = set(turn.view.application.returned_keys)
        asks = tuple(ask for ask in asks if ask.key in returned or ask.key not in turn.plan.answered)
    return tuple(ask for ask in asks if has_room(turn, ask))


def has_room(turn: Turn, ask: Ask) -> bool:
    """Whether the document takes another page; one that is sent anew does."""
    if replaces(turn, ask):
        return True
    count = turn.answers.get(ask.key)
    return not ask.max_pages or not isinstance(count, int) or count < ask.max_pages


def replaces(turn: Turn, ask: Ask) -> bool:
    """Whether the next photo of the document takes the place of all its pages."""
    if turn.state.get("more") == ask.key:
        return False
    if turn.state.get("replace") == ask.key:
        return True
    return turn.view is not None and ask.key in record.outstanding(turn.view.application)


def worn(turn: Turn, ask: Ask) -> str:
    """The page whose place the next photo takes: the first that is to be taken again; empty where there is none."""
    pages = turn.view.document_pages(document_of(ask)) if turn.view is not None else ()
    return next((page.id for page in pages if page.state == "retake"), "")


def store(turn: Turn, ask: Ask, add: Callable[[], DocumentPage]) -> None:
    """One page, made by `add`. The first photo of a document that is replaced takes the place of the old pages; if it
    cannot be stored, they stay. Raises what `add` raises."""
    application_id = turn.application()
    try:
        if replaces(turn, ask) and turn.view is not None:
            with unit_of_work():
                for page in turn.view.document_pages(document_of(ask)):
                    service.remove_page(application_id, page.id)
                made = add()
        else:
            made = add()
    finally:
        turn.changed()
    turn.drop("replace")
    turn.state["more"] = ask.key
    turn.state["last"] = [*turn.state.get("last", ()), made.id]
