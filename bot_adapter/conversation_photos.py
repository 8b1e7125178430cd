"""Photos: acknowledged at once, stored through the service, judged by a worker whose verdict is the next message."""

from __future__ import annotations

from bot_adapter import conversation_retakes as retakes
from bot_adapter import conversation_steps as steps
from bot_adapter.messages import MediaRef, OutboundMessage
from bot_adapter.turn import DOOR, Turn
from models.application import service
from models.errors import InvalidAnswer, StorageAway
from models.interview import wording
from models.interview.steps import Ask
from models.interview.wording import say
from models.unit_of_work import unit_of_work


def take(turn: Turn, media: tuple[MediaRef, ...]) -> None:
    """Give every photo of the message to the document that is asked for."""
    turn.drop("mode", "edit_part")  # a photo answers no menu
    if retakes.waiting(turn):
        _take_again(turn, media)
        return
    ask = wanted(turn)
    if ask is None:
        _not_now(turn)
        return
    kept = 0
    for number, photo in enumerate(media):
        if not photo.data:
            turn.say("chat.photo_lost")
            continue
        try:
            _store(turn, ask, photo.data, _key(turn, number))
        except (InvalidAnswer, StorageAway) as exc:
            turn.changed()
            turn.tell(wording.error(exc, turn.lang))
            continue
        kept += 1
    if kept:
        _acknowledge(turn, ask)
    if turn.state.pop("told", None) is None:
        steps.show(turn)


def _take_again(turn: Turn, media: tuple[MediaRef, ...]) -> None:
    """Each photo takes the place of the first page that is still to be taken again."""
    for number, photo in enumerate(media):
        again = retakes.waiting(turn)
        if not again:
            turn.say("chat.photo_not_asked")
            return
        if not photo.data:
            turn.say("chat.photo_lost")
            continue
        document = again[0].ask.key.removeprefix("document:")
        try:
            service.add_page(turn.application(), document, photo.data, _key(turn, number), DOOR)
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


def _key(turn: Turn, number: int) -> str:
    """The same for the same photo of a message that is delivered again."""
    return f"{turn.inbound.dedupe_key}:{number}"[-80:]


def wanted(turn: Turn) -> Ask | None:
    """The document that a photo is for: the one being asked, else the only one whose photo has to be taken again,
    else the only one that is still to come."""
    if steps.over(turn) or (turn.status == "draft" and not turn.is_open()):
        return None
    here = steps.place(turn)
    if isinstance(here, Ask) and here.kind == "document":
        return here
    if turn.view is None:
        return None
    again = {page.document for page in turn.view.pages if page.state == "retake"}
    asks = [ask for ask in _to_come(turn) if ask.key.removeprefix("document:") in again]
    if len(asks) == 1:
        return asks[0]
    in_a_row = isinstance(here, Ask) and here.kind == "rows"
    ahead = [] if again or in_a_row or turn.status != "draft" else _to_come(turn)
    return ahead[0] if len(ahead) == 1 else None


def _to_come(turn: Turn) -> list[Ask]:
    return [ask for ask in turn.plan.documents if ask.key not in turn.plan.answered]


def _store(turn: Turn, ask: Ask, data: bytes, idempotency_key: str) -> None:
    """One page. The first photo of a document that is replaced takes the place of the old pages; if it cannot be
    stored, they stay."""
    document = ask.key.removeprefix("document:")
    application_id = turn.application()
    with unit_of_work():
        if _replaces(turn, ask) and turn.view is not None:
            for page in turn.view.pages:
                if page.document == document:
                    service.remove_page(application_id, page.id)
        service.add_page(application_id, document, data, idempotency_key, DOOR)
    turn.changed()
    turn.drop("replace")
    turn.state["more"] = ask.key


def _replaces(turn: Turn, ask: Ask) -> bool:
    if turn.state.get("more") == ask.key:
        return False
    return turn.state.get("replace") == ask.key or turn.status == "returned"


def _acknowledge(turn: Turn, ask: Ask) -> None:
    count = steps.page_count(turn, ask)
    turn.say("chat.photo_got", title=ask.label, count=count)
    if count < max(1, ask.min_pages) or count < ask.max_pages:
        if count >= max(1, ask.min_pages):
            prompt = steps.document_prompt(turn, ask)
            text = say("chat.photo_more", turn.lang, max=ask.max_pages)
            turn.out.append(OutboundMessage(text, prompt.choices(turn.lang), wants_image=True))
            turn.state.update(at=ask.key, told=True)
        return
    turn.drop("more", "edit")


def _not_now(turn: Turn) -> None:
    """Say kindly when a photo will be asked for, and where we are."""
    if turn.status != "draft" or not turn.is_open():
        turn.say("chat.photo_not_asked")
    elif titles := [ask.label for ask in _to_come(turn)]:
        turn.say("chat.photo_later", titles=titles)
    else:
        turn.say("chat.photo_not_asked" if turn.plan.documents else "chat.photo_not_yet")
    steps.show(turn)
