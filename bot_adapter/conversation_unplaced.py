"""Photos that nobody asked for yet: kept, and the person says by a number which document they are.

Before the verdict nobody knows which documents there will be: then they wait, and are asked about when it is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bot_adapter.choosing import Entry, choose_one
from bot_adapter.conversation_pages import document_of, has_room, store, takers, worn
from bot_adapter.messages import MediaRef, OutboundMessage
from bot_adapter.prompting import Prompt, said
from bot_adapter.turn import DOOR, Turn
from bot_adapter.understanding import Misread, misread
from models.application import lifecycle, unplaced
from models.errors import InvalidAnswer, NotFound, StorageAway
from models.extensions import db
from models.interview import wording
from models.interview.steps import Ask, Stage
from models.interview.wording import say

KEY = "photos"  # what is remembered as shown
_SINGLY, _DROP = "singly", "drop"
_DROP_WORDS = ("不要了", "不要", "删掉", "删除", "算了", "drop", "delete", "none")


@dataclass(frozen=True, slots=True)
class Unplaced:
    """What is asked now: these photos (`ids`, of `count` that wait) belong to which of the documents?"""

    ids: tuple[str, ...]
    count: int
    documents: tuple[Ask, ...]


def may_keep(turn: Turn) -> bool:
    """Whether a photo may wait here: the consents come first, and after the hand-in nothing is added."""
    if turn.view is None or turn.status not in lifecycle.EDITABLE:
        return False
    if turn.status == lifecycle.DRAFT and not turn.is_open():
        return False
    step = turn.plan.step
    if isinstance(step, Ask) and step.stage is Stage.CONSENT:
        return False
    return bool(takers(turn)) or (bool(turn.pack.documents.documents) and "verdict" not in turn.plan.answered)


def keep(turn: Turn, photo: MediaRef, key: str) -> None:
    """Keep one photo. Raises InvalidAnswer, StorageAway."""
    unplaced.keep(turn.application(), photo.data or b"", key, DOOR, photo.ahead)
    turn.state["unplaced"] = True


def due(turn: Turn) -> Unplaced | None:
    """The question about the photos that wait, where they can be placed now."""
    if not turn.state.get("unplaced") or not may_keep(turn):
        return None
    ids = unplaced.waiting(db.session(), turn.application())
    documents = takers(turn)
    if not ids:  # nobody placed them within a day
        settle(turn)
        turn.state["gone"] = True
        return None
    if not documents:
        return None
    return Unplaced(ids[:1] if turn.state.get("singly") else ids, len(ids), documents)


def settle(turn: Turn) -> None:
    """Nothing waits any more: back to where the person was."""
    turn.drop("unplaced", "singly")
    turn.step_back(KEY)


def gone(turn: Turn) -> bool:
    """Whether the photos that were asked about last are there no more, and the words meant them; said once."""
    due(turn)
    if not turn.state.pop("gone", None):
        return False
    turn.say("chat.unplaced_gone")
    return True


def show(turn: Turn, waiting: Unplaced) -> None:
    """Which document is it?"""
    turn.step_aside(KEY)
    singly = bool(turn.state.get("singly")) and waiting.count > 1
    key = "chat.unplaced_first" if singly else "chat.unplaced_one" if waiting.count == 1 else "chat.unplaced_many"
    text = say(key, turn.lang, count=waiting.count)
    turn.out.append(OutboundMessage(text, _prompt(waiting).choices(turn.lang), say("chat.hint_one", turn.lang)))


def _prompt(waiting: Unplaced) -> Prompt:
    entries = [(Entry(ask.key, (ask.label.zh, ask.label.en)), ask.label) for ask in waiting.documents]
    if len(waiting.ids) > 1:
        entries.append(said(_SINGLY, "chat.unplaced_singly"))
    entry, label = said(_DROP, "chat.unplaced_drop")
    entries.append((Entry(entry.token, (*entry.words, *_DROP_WORDS)), label))
    return Prompt(tuple(entries))


def answer(turn: Turn, waiting: Unplaced, text: str) -> Misread | None:
    """Give them to the document that was named."""
    entries = _prompt(waiting).entries
    chosen = choose_one(text, entries)
    if len(chosen.tokens) != 1:
        return misread(chosen, entries, text)
    token = chosen.tokens[0]
    if token == _SINGLY:
        turn.state["singly"] = True
        return None
    if token == _DROP:
        unplaced.drop(turn.application(), waiting.ids)
        turn.say("chat.unplaced_dropped", count=len(waiting.ids))
    else:
        _place(turn, next(ask for ask in waiting.documents if ask.key == token), waiting.ids)
    turn.changed()
    if not unplaced.waiting(db.session(), turn.application()):
        settle(turn)
    return None


def _place(turn: Turn, ask: Ask, ids: Sequence[str]) -> None:
    """As many as there is room for; the rest goes on waiting. The document that was being photographed stays so."""
    staying, placed = turn.state.get("more"), 0
    for upload_id in ids:
        if not has_room(turn, ask):
            turn.say("chat.unplaced_full", title=ask.label, max=ask.max_pages)
            break
        try:
            store(
                turn,
                ask,
                partial(unplaced.place, turn.application(), upload_id, document_of(ask), DOOR, worn(turn, ask)),
            )
        except (InvalidAnswer, NotFound, StorageAway) as exc:
            turn.tell(wording.error(exc, turn.lang))
            continue
        placed += 1
    turn.drop("more")
    if staying is not None:
        turn.state["more"] = staying
    if placed:
        turn.say("chat.unplaced_placed", title=ask.label, count=placed)
