"""Photos: acknowledged at once, stored through the service, judged by a worker whose verdict is the next message.

A photo goes to the document that its words name, else to the one that is asked for, else to the only one it can be
for. Any other waits (`conversation_unplaced`) until the person says which document it is.
"""

from __future__ import annotations

from functools import partial

from bot_adapter import conversation_prefill as prefill
from bot_adapter import conversation_retakes as retakes
from bot_adapter import conversation_steps as steps
from bot_adapter import conversation_unplaced as unplaced
from bot_adapter.choosing import Entry, by_words
from bot_adapter.conversation_pages import document_of, has_room, store, takers, worn
from bot_adapter.messages import MediaRef, OutboundMessage
from bot_adapter.turn import DOOR, Turn
from models.application import lifecycle, service
from models.application.prefill import Prefill
from models.application.tables import DocumentPage
from models.errors import InvalidAnswer, StorageAway
from models.interview import wording
from models.interview.steps import Ask, Stage
from models.interview.wording import say


def take(turn: Turn, media: tuple[MediaRef, ...], words: str = "") -> None:
    """Give every photo of the message its place. `words` came with it and may name the document."""
    turn.drop("mode", "edit_part")  # a photo answers no menu
    if retakes.waiting(turn):
        _take_again(turn, media)
        return
    ask = _named(turn, words) or wanted(turn)
    if ask is None and not unplaced.may_keep(turn):
        _not_now(turn)
        return
    turn.drop("last")
    placed, waiting = 0, 0
    for number, photo in enumerate(media):
        if not photo.data:
            _nothing(turn, photo)
            continue
        here = ask is not None and (has_room(turn, ask) or not unplaced.may_keep(turn))
        try:
            if ask is not None and here:
                store(turn, ask, partial(_add, turn, ask, photo, _key(turn, number)))
            else:
                unplaced.keep(turn, photo, _key(turn, number))
        except (InvalidAnswer, StorageAway) as exc:
            turn.tell(wording.error(exc, turn.lang))
            continue
        placed, waiting = placed + here, waiting + (not here)
    if placed and ask is not None:
        _acknowledge(turn, ask, placed)
    if waiting and unplaced.due(turn) is None:
        turn.say("chat.photo_kept", count=waiting)
    if turn.state.pop("told", None) is None:
        steps.show(turn)


def _add(turn: Turn, ask: Ask, photo: MediaRef, key: str) -> DocumentPage:
    given = turn.application(), document_of(ask), photo.data or b"", key, DOOR, worn(turn, ask)
    return service.add_page(*given, photo.ahead)


def _take_again(turn: Turn, media: tuple[MediaRef, ...]) -> None:
    """Each photo takes the place of the first page that is still to be taken again."""
    for number, photo in enumerate(media):
        again = retakes.waiting(turn)
        if not again:
            turn.say("chat.photo_not_asked")
            return
        if not photo.data:
            _nothing(turn, photo)
            continue
        try:
            document = document_of(again[0].ask)
            service.add_page(turn.application(), document, photo.data, _key(turn, number), DOOR, ahead=photo.ahead)
        except (InvalidAnswer, StorageAway) as exc:
            turn.tell(wording.error(exc, turn.lang))
            continue
        finally:
            turn.changed()
        turn.say("chat.retake_got", page=again[0].name)
    if retakes.waiting(turn):
        steps.show(turn)
    else:
        turn.say("chat.retake_all")
        turn.state["at"] = turn.status


def _nothing(turn: Turn, photo: MediaRef) -> None:
    """That a photo did not come, or that nothing was in it: sending the same file again would not help then."""
    turn.say("chat.photo_lost" if photo.data is None else "error.page_empty")


def _key(turn: Turn, number: int) -> str:
    """The same for the same photo of a message that is delivered again."""
    return f"{turn.inbound.dedupe_key}:{number}"[-80:]


def _named(turn: Turn, words: str) -> Ask | None:
    """The one document that the words with the photo name."""
    asks = {ask.key: ask for ask in takers(turn)}
    found = by_words(words, [Entry(key, (ask.label.zh, ask.label.en)) for key, ask in asks.items()]) if words else ()
    return asks[found[0]] if len(found) == 1 else None


def wanted(turn: Turn) -> Ask | None:
    """The document that a photo is for: the one being asked, else the only one whose photo has to be taken again,
    else the only one that is still to come or was returned."""
    if steps.over(turn) or (turn.status == lifecycle.DRAFT and not turn.is_open()):
        return None
    here = steps.place(turn)
    if isinstance(here, Ask) and here.kind == "document":
        return here
    if isinstance(here, Prefill) and here.stage == "offer":
        prefill.begin(turn, here)  # a photo says yes
        return here.ask
    if turn.view is None or isinstance(here, unplaced.Unplaced):
        return None  # while some wait for a place, more may be of the same kind
    if turn.status == lifecycle.RETURNED:
        asks = [ask for ask in takers(turn) if ask.key in turn.view.outstanding]
        return asks[0] if len(asks) == 1 else None
    again = {page.document for page in turn.view.pages if page.state == "retake"}
    asks = [ask for ask in _to_come(turn) if document_of(ask) in again]
    if len(asks) == 1:
        return asks[0]
    in_a_row = isinstance(here, Ask) and here.kind == "rows"
    ahead = [] if again or in_a_row or turn.status != lifecycle.DRAFT else _to_come(turn)
    return ahead[0] if len(ahead) == 1 else None


def _to_come(turn: Turn) -> list[Ask]:
    return [ask for ask in turn.plan.documents if ask.key not in turn.plan.answered]


def _acknowledge(turn: Turn, ask: Ask, placed: int) -> None:
    count = steps.page_count(turn, ask)
    if placed > 1:
        turn.say("chat.photos_got", title=ask.label, placed=placed, count=count)
    else:
        turn.say("chat.photo_got", title=ask.label, count=count)
    if count < max(1, ask.min_pages) or count < ask.max_pages:
        if count >= max(1, ask.min_pages):
            prompt = steps.document_prompt(turn, ask)
            text = say("chat.photo_more", turn.lang, max=ask.max_pages)
            turn.out.append(OutboundMessage(text, prompt.choices(turn.lang), wants_image=True))
            turn.state.update(at=ask.key, told=True)
        return
    turn.drop("more", "edit")
    prefill.told_reading(turn, ask)


def _not_now(turn: Turn) -> None:
    """Say kindly that it is not kept, and where we are."""
    step = turn.plan.step
    early = turn.view is None or (isinstance(step, Ask) and step.stage is Stage.CONSENT)
    turn.say("chat.photo_not_yet" if early else "chat.photo_not_asked")
    steps.show(turn)
