"""Showing where the person is: the live step, decided by the engine, as the next message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot_adapter import asking, prompting, rendering, search
from bot_adapter import conversation_actions as actions
from bot_adapter import conversation_between as between
from bot_adapter import conversation_differences as differing
from bot_adapter import conversation_misfiled as misfiled
from bot_adapter import conversation_prefill as prefill
from bot_adapter import conversation_retakes as retakes
from bot_adapter import conversation_reuse as reuse
from bot_adapter import conversation_rows as rows
from bot_adapter import conversation_tidings as tidings
from bot_adapter import conversation_unplaced as unplaced
from bot_adapter import conversation_ways as ways
from bot_adapter.conversation_between import Between
from bot_adapter.messages import Choice, OutboundMessage
from bot_adapter.prompting import Prompt, said
from bot_adapter.turn import Turn
from models.application import admission, expiring, record
from models.interview.steps import Ask, Plan, Ready, ShowVerdict, Stage
from models.interview.wording import say
from models.programme.pack import Text

READY = "ready"  # remembered as shown: all is there, to be handed in
ENDED = ("submitted", "approved", "reported", "admitted", "removed", "declined", "withdrawn")
_OF_ONE_QUESTION = ("found", "places", "picked", "tries", "guess", "explained", "rows")
_OF_THE_MOMENT = ("found", "places", "picked", "guess")  # what was offered for the words just sent

Place = Ask | ShowVerdict | Ready | Between


def over(turn: Turn) -> bool:
    """Whether nothing is asked any more: handed in or ended, no photo is to be taken again, none reads otherwise."""
    return turn.status in ENDED and not retakes.waiting(turn) and differing.due(turn) is None


def asks_nothing(turn: Turn) -> bool:
    """The same, or that nothing is taken now."""
    return not turn.is_open() if turn.status == "draft" else over(turn)


def place(turn: Turn) -> Place:
    """Where the person is."""
    found: Place = turn.placed(_place)
    return found


def _place(turn: Turn) -> Place:
    """Where the person is. Photos that wait for their place are asked about first, then comes what is being edited,
    then what was last shown as long as it is still open, then what the engine asks next; before its form, what could be
    brought over from another programme. That the way in has closed is said as soon as it is known. A returned
    application asks only what was returned, one that is handed in only photos that turned out to be unusable, or to
    read otherwise than what was typed."""
    status, state, plan = turn.status, turn.state, turn.plan
    if status in ENDED:
        if again := retakes.waiting(turn):
            return again[0].ask
        if (other := differing.due(turn)) is not None:
            return other
    if "unplaced" in state and (waiting := unplaced.due(turn)) is not None:
        return waiting
    if "moving" in state and (moving := misfiled.due(turn)) is not None:
        return moving
    if "edit" in state:
        if (ask := plan.ask(state["edit"])) is not None:
            return ask
        del state["edit"]
    if (closed := ways.due(turn)) is not None:
        return closed
    if "bring" in state and (offer := reuse.wanted(turn)) is not None:
        return offer
    if "rows" in state or "more" in state:
        staying = state.get("rows", {}).get("key") or state.get("more")
        if staying and (ask := plan.ask(staying)) is not None:
            return ask
        turn.drop("rows", "more")
    if status == "returned":
        return _returned(turn)
    at = state.get("at", "")
    shown = plan.ask(at)
    if shown is not None and at not in plan.answered:
        return shown
    return reuse.due(turn) or prefill.due(turn) or _next(turn)


def _next(turn: Turn) -> Place:
    """What the engine asks next; before the hand-in, what reads otherwise on a photo."""
    step = turn.plan.step
    return (differing.due(turn) if isinstance(step, Ready) else None) or step


def _returned(turn: Turn) -> Place:
    assert turn.view is not None
    for key in turn.view.outstanding:
        ask = turn.current_ask(key)
        if ask is not None:
            return ask
    return _next(turn)


def show(turn: Turn) -> None:
    """Add the live step to the reply and remember it as shown."""
    status = turn.status
    if status in ENDED:
        _show_ended(turn, status)
        return
    if status == "draft" and not turn.is_open():
        tidings.closed(turn)
        return
    here = place(turn)
    if isinstance(here, Ask):
        _show_ask(turn, here)
        return
    if not isinstance(here, between.ASIDE):
        turn.drop(*_OF_ONE_QUESTION)
    if isinstance(here, between.KINDS):
        between.show(turn, here)
        return
    again = say("chat.choose_below", turn.lang) if turn.brief else ""
    if isinstance(here, ShowVerdict):
        turn.state["at"] = "verdict"
        text = again or rendering.verdict_text(turn.pack, here, turn.lang)
        turn.out.append(OutboundMessage(text, actions.verdict_prompt(here).choices(turn.lang)))
        return
    turn.state["at"] = READY
    text = again or actions.checked(turn) or rendering.summary(turn.plan, turn.answers, turn.lang)
    turn.out.append(OutboundMessage(text, actions.ready_prompt(turn).choices(turn.lang)))


def _show_ended(turn: Turn, status: str) -> None:
    """What is asked after the hand-in, or that nothing is."""
    if waiting := retakes.waiting(turn):
        retakes.show(turn, waiting)
    elif (other := differing.due(turn)) is not None:
        differing.show(turn, other)
    else:
        turn.state["at"] = status
        assert turn.view is not None
        turn.say(f"chat.state_{status}", receipt=turn.view.application.receipt, **admission.words(turn.pack))


def _show_ask(turn: Turn, ask: Ask) -> None:
    state = turn.state
    before = state.get("at")
    if before != ask.key:
        turn.drop(*_OF_ONE_QUESTION[:-1])
        if "rows" in state and state["rows"].get("key") != ask.key:
            del state["rows"]
    state["at"] = ask.key
    if before != ask.key and not tidings.has_listed(turn) and (why := tidings.why(turn, ask.key)):
        turn.tell(why)
    if ask.kind not in ("rows", "document"):
        turn.out.append(_question(turn, ask, new=_begins(turn, ask, before)))
        return
    mark = len(turn.out)
    if ask.kind == "rows":
        rows.show(turn, ask)
    else:
        prompt, count = document_prompt(turn, ask), page_count(turn, ask)
        turn.out.append(rendering.document_asked(ask, prompt, turn.lang, count, returned=_is_returned(turn, ask)))
    if _begins(turn, ask, before):
        turn.out[mark] = _headed(turn, ask, turn.out[mark])


def _question(turn: Turn, ask: Ask, *, new: bool) -> OutboundMessage:
    """A plain ask; `new` under its heading. Kept where everybody is asked the same."""
    lang = turn.lang

    def made() -> OutboundMessage:
        message = rendering.asked(
            ask,
            prompt_of(turn, ask),
            lang,
            picked=turn.state.get("picked", ()),
            now=standing(turn, ask),
            brief=turn.brief or bool(turn.state.get("found") or turn.state.get("places")),
        )
        return _headed(turn, ask, message) if new else message

    if turn.brief or not _is_everybodys(turn, ask) or ask.key in turn.plan.answered:
        return made()
    return asking.of(turn.pack).message(ask, lang, new, made)


def _is_everybodys(turn: Turn, ask: Ask) -> bool:
    """Whether nothing that was said just now, and no way in, changes how this is asked."""
    state = turn.state
    for name in _OF_THE_MOMENT:
        if name in state:
            return False
    return ask.kind != "consent" or ways.consent_prompt(turn, ask) is None


def _begins(turn: Turn, ask: Ask, before: str | None) -> bool:
    """Whether something new begins with this ask: a section of the form, or everything."""
    plan = turn.plan
    if ask.kind == "consent":
        first = next(other for other in plan.asks if other.kind == "consent")
        return ask.key == first.key != before
    if not ask.section:
        return False
    shown = plan.ask(before) if before else None
    return shown is None or shown.section != ask.section


def _headed(turn: Turn, ask: Ask, message: OutboundMessage) -> OutboundMessage:
    """Under the section's title; the first consent under how long everything is kept."""
    if ask.kind == "consent":
        heading = expiring.words(turn.pack).get(turn.lang)
    else:
        section = next(section for section in turn.plan.sections if section.id == ask.section)
        heading = say("chat.section", turn.lang, title=section.title)
    return replace(message, text=f"{heading}\n{message.text}")


def prompt_of(turn: Turn, ask: Ask) -> Prompt:
    """The prompt of a plain ask as it was, or is to be, shown."""
    if _is_everybodys(turn, ask) and ask.suggestion is None:
        return asking.of(turn.pack).prompt(ask, stay=ask.key in turn.plan.answered)
    return ways.consent_prompt(turn, ask) or prompting.prompt(
        ask,
        found=found_places(turn) if ask.kind == "place" else turn.state.get("found", ())[: search.SHOWN],
        picked=turn.state.get("picked", ()),
        keep=rendering.shown(ask, suggestion(turn, ask), turn.lang),
        stay=ask.key in turn.plan.answered,  # what was left out may stay so, too
    )


def found_places(turn: Turn) -> list[str]:
    """The places found for what was typed last, and that itself: personal, so sealed in the state."""
    sealed = turn.state.get("places")
    return list(turn.unseal(sealed)) if sealed else []


def suggestion(turn: Turn, ask: Ask) -> Any:
    """What was meant most likely by the words just sent; else what the engine offers, unless an answer stands."""
    if guess := turn.state.get("guess"):
        return [guess] if ask.kind == "choices" else guess
    return None if ask.key in turn.plan.answered else ask.suggestion


def standing(turn: Turn, ask: Ask) -> str:
    """The answer that stands, in words, while it is being edited."""
    return rendering.shown(ask, turn.answers.get(ask.key), turn.lang) if ask.key in turn.plan.answered else ""


def page_count(turn: Turn, ask: Ask) -> int:
    """Pages of a document that count (neither removed nor to be retaken)."""
    count = turn.answers.get(ask.key)
    return count if isinstance(count, int) else 0


def document_prompt(turn: Turn, ask: Ask) -> Prompt:
    """「发完了」 when pages suffice, 「跳过」 for an optional one; nothing of the kind for a photo taken again."""
    if turn.status == "submitted":
        return Prompt()
    if page_count(turn, ask) >= max(1, ask.min_pages) and not _is_returned(turn, ask):
        return Prompt((said(prompting.DONE, "chat.photo_done"),))
    if prefill.early(turn, ask):
        return Prompt((said(actions.LATER, "chat.prefill_self"),))
    if not ask.required:
        return Prompt((said(prompting.SKIP, "chat.photo_skip"),))
    return Prompt()


def _is_returned(turn: Turn, ask: Ask) -> bool:
    """Whether what was sent of the document was returned: a new photo is to come."""
    return turn.view is not None and ask.key in record.outstanding(turn.view.application)


def key_of(here: Place) -> str:
    """The key that is remembered as shown."""
    if isinstance(here, between.KINDS):
        return between.key_of(here)
    return here.key if isinstance(here, Ask) else "verdict" if isinstance(here, ShowVerdict) else READY


def plan_parts(plan: Plan) -> list[tuple[str, Text | None, list[Ask]]]:
    """What can be changed, in parts: eligibility, each section, documents. Only what has been answered."""
    answered = plan.answered
    deciding = [a for a in plan.asks if a.stage is Stage.ELIGIBILITY and a.key in answered]
    parts: list[tuple[str, Text | None, list[Ask]]] = [("eligibility", None, deciding)]
    parts += [(s.id, s.title, [a for a in s.asks if a.key in answered]) for s in plan.sections]
    parts.append(("documents", None, [a for a in plan.documents if a.key in answered]))
    return [part for part in parts if part[2]]


def as_choices(labels: list[str]) -> tuple[Choice, ...]:
    return tuple(Choice(str(number), label) for number, label in enumerate(labels, start=1))
