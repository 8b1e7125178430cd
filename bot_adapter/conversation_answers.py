"""Taking a reply as the answer to the step that was shown, and going on to the next."""

from __future__ import annotations

import re

from bot_adapter import conversation_actions as actions
from bot_adapter import conversation_between as between
from bot_adapter import conversation_explaining as explaining
from bot_adapter import conversation_opening as opening
from bot_adapter import conversation_prefill as prefill
from bot_adapter import conversation_questions as questions
from bot_adapter import conversation_rows as rows
from bot_adapter import conversation_several as several
from bot_adapter import conversation_steps as steps
from bot_adapter import conversation_tidings as tidings
from bot_adapter import conversation_unplaced as unplaced
from bot_adapter import conversation_ways as ways
from bot_adapter import rendering, unsettled
from bot_adapter.assent import yes_or_no
from bot_adapter.choosing import Chosen, choose_one
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import DONE, SKIP, Prompt
from bot_adapter.turn import DOOR, Turn
from bot_adapter.understanding import (
    Answer,
    Found,
    Meaning,
    Misread,
    Picked,
    Refused,
    Stay,
    misread,
    understand,
)
from models.answers.words import is_chinese
from models.application import rounds, service
from models.errors import BoleError, Conflict, InvalidAnswer, NotOpen, NotReady, WayClosed
from models.interview import wording
from models.interview.steps import Ask, ShowVerdict

_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_EXAMPLE_AFTER, _PEOPLE_AFTER = 2, 3  # replies in a row not understood: then an example, then other ways


def answer(turn: Turn, text: str) -> None:
    """Take `text` as the answer to where the person is, and show what comes next. Nothing invalid is stored; the
    sentence says what is wrong and the same question stands."""
    if steps.asks_nothing(turn):
        if not questions.asked_instead(turn, text):
            steps.show(turn)
        return
    if ("unplaced" in turn.state or "gone" in turn.state) and unplaced.gone(turn):
        steps.show(turn)
        return
    if opening.moved(turn):
        return
    if several.take(turn, text):
        steps.show(turn)
        return
    try:
        problem = _take(turn, text)
    except InvalidAnswer as exc:
        turn.changed()
        if not _earlier_again(turn, exc):
            _not_taken(turn, wording.error(exc, turn.lang))
        return
    except (NotOpen, NotReady, Conflict) as exc:
        turn.changed()
        refused(turn, exc)
        return
    if problem is not None:
        if not problem.guess and questions.asked_instead(turn, text):
            return
        if problem.guess:
            turn.state["guess"] = problem.guess
        _not_taken(turn, wording.say(problem.key, turn.lang, **problem.params))
        return
    turn.drop("tries")
    if turn.state.pop("told", None) is None:
        steps.show(turn)


def _earlier_again(turn: Turn, exc: InvalidAnswer) -> bool:
    """Ask the earlier question again that the answer disagrees with: which of the two is wrong only they know, and
    「对」 to the birth date of the card would be refused for ever. False: it is no such thing, or may not change."""
    earlier = exc.params.get("earlier_key")
    if earlier is None or turn.status != "draft":
        return False
    turn.say("chat.earlier_again", **exc.params)
    turn.drop("tries")
    turn.state["edit"] = earlier
    steps.show(turn)
    return True


def _not_taken(turn: Turn, sentence: str) -> None:
    """Say why, and more with each reply in a row that could not be taken."""
    tries = turn.state.get("tries", 0) + 1
    mark = len(turn.out)
    turn.tell(sentence)
    # the second time the question comes whole again, with what helps to answer it
    turn.brief = tries != _EXAMPLE_AFTER
    steps.show(turn)
    if tries >= _PEOPLE_AFTER:
        more = wording.say("chat.try_else", turn.lang)
    elif tries == _EXAMPLE_AFTER:
        example = explaining.example_of(turn, turn.out[-1])
        more = "\n".join(filter(None, (example, wording.say("chat.try_human", turn.lang))))
    else:
        more = ""
    more = "\n".join(filter(None, (_other_language(turn), more)))
    turn.out[mark] = OutboundMessage(f"{sentence}\n{more}" if more else sentence)
    turn.state["tries"] = tries


def _other_language(turn: Turn) -> str:
    """How to change to the language that they write: 「hi」 from somebody Chinese has made the chat English."""
    said = turn.inbound.said
    writes = "zh" if is_chinese(said) else "en" if len(_LATIN_WORD.findall(said)) > 1 else turn.lang
    return wording.say("chat.other_language", turn.lang) if writes != turn.lang else ""


def refused(turn: Turn, exc: BoleError) -> None:
    """A whole step was refused: closed, something missing, or a live record exists."""
    if isinstance(exc, NotReady):
        asks = (turn.current_ask(key) for key in exc.params.get("missing", ()))
        turn.say("chat.missing", labels=[ask.label for ask in asks if ask is not None])
        turn.drop("at")
        steps.show(turn)
    elif isinstance(exc, WayClosed):
        turn.drop("at", "way_kept")
        steps.show(turn)
    elif isinstance(exc, NotOpen):
        tidings.closed(turn)
    else:
        turn.tell(wording.error(exc, turn.lang))


def _take(turn: Turn, text: str) -> Misread | None:
    here = steps.place(turn)
    if isinstance(here, ShowVerdict):
        prompt = actions.verdict_prompt(here)
        if prompt.entries[0].token == actions.GO and yes_or_no(text, ""):
            _go_on(turn)
            return None
        return _action(turn, prompt, text)
    if isinstance(here, between.KINDS):
        return between.answer(turn, here, text)
    if not isinstance(here, Ask):
        return _action(turn, actions.ready_prompt(turn), text)
    if here.kind == "rows":
        return rows.answer(turn, here, text)
    if here.kind == "document":
        return _document(turn, here, text)
    if here.kind == "consent" and ways.leave(turn, here, text):
        return None
    meaning = understand(
        here,
        steps.prompt_of(turn, here),
        text,
        suggestion=steps.suggestion(turn, here),
        picked=turn.state.get("picked", ()),
        today=turn.today,
    )
    turn.drop("guess")
    return _apply(turn, here, meaning)


def _apply(turn: Turn, ask: Ask, meaning: Meaning) -> Misread | None:
    if isinstance(meaning, Misread):
        return meaning
    if isinstance(meaning, Refused):
        turn.say("chat.consent_needed" if ask.kind == "consent" else "chat.declare_needed")
        return None
    if isinstance(meaning, Found) and ask.kind == "place":
        turn.state["places"] = turn.seal(list(meaning.values))
        turn.say("chat.place_which")
        return None
    if isinstance(meaning, Found):
        turn.state["found"] = list(meaning.values)
        rows.say_found(turn, meaning)
        return None
    turn.drop("found", "places")
    if isinstance(meaning, Picked):
        turn.state["picked"] = list(meaning.values)
        return None
    if isinstance(meaning, Stay) and turn.status == "returned":
        turn.record(ask.key, turn.answers[ask.key])  # looked at again and confirmed
    if isinstance(meaning, Answer):
        turn.record(ask.key, meaning.raw)
        if meaning.read:
            turn.say("chat.read_as", value=rendering.shown(ask, turn.answers.get(ask.key), turn.lang))
        if ask.kind == "consent" and meaning.raw is True:
            turn.drop("at")
    turn.drop("edit", "picked")
    return None


def _document(turn: Turn, ask: Ask, text: str) -> Misread | None:
    """At a document words can only say that it is complete, or skipped."""
    entries = steps.document_prompt(turn, ask).entries
    chosen = choose_one(text, entries)
    if len(chosen.tokens) != 1 and unsettled.is_no_photo(text):
        if entries and entries[0].token == DONE:
            return misread(chosen, entries, text)
        if not prefill.early(turn, ask):
            return Misread("chat.no_photo" if ask.required else "chat.no_photo_optional")
        chosen = Chosen(tokens=(actions.LATER,))
    if len(chosen.tokens) != 1:
        return misread(chosen, entries, text) if entries else Misread("chat.type_or_photo", {})
    if chosen.tokens[0] == SKIP:
        service.skip_document(turn.application(), ask.key.removeprefix("document:"), DOOR)
        turn.changed()
    if chosen.tokens[0] == actions.LATER:
        prefill.leave(turn)
    if chosen.tokens[0] == DONE:
        prefill.told_reading(turn, ask)
    if chosen.tokens[0] in (SKIP, DONE):
        turn.drop("more", "replace", "edit")
    return None


def _action(turn: Turn, prompt: Prompt, text: str) -> Misread | None:
    chosen = choose_one(text, prompt.entries)
    if len(chosen.tokens) != 1:
        return misread(chosen, prompt.entries, text)
    _ACTIONS[chosen.tokens[0]](turn)
    return None


def _go_on(turn: Turn) -> None:
    turn.record("verdict", True)


def _submit(turn: Turn) -> None:
    again = turn.status == "returned"
    application = service.submit(turn.application(), DOOR)
    turn.changed()
    turn.drop("edit", "more", "rows")
    turn.say("chat.resubmitted" if again else "chat.submitted", receipt=application.receipt)
    late = rounds.late_words(turn.pack, application)
    if late is not None and not again:
        turn.tell(late.get(turn.lang))
    turn.state.update(at=application.status, told=True)


def _edit(turn: Turn) -> None:
    from bot_adapter import conversation_edit  # the two offer each other

    conversation_edit.begin(turn, "")
    turn.state["told"] = True


def _human(turn: Turn) -> None:
    turn.state.update(mode="ask", told=True)
    turn.say("chat.enquiry_write")


def _again(turn: Turn) -> None:
    turn.drop(actions.CHECKED)


_ACTIONS = {
    actions.GO: _go_on,
    actions.SUBMIT: _submit,
    actions.EDIT: _edit,
    actions.HUMAN: _human,
    actions.AGAIN: _again,
}
