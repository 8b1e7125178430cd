"""A free question: answered with a clause where one clearly answers it, else put into the queue; the step stands."""

from __future__ import annotations

from bot_adapter import conversation_opening as opening
from bot_adapter import conversation_plain as plain
from bot_adapter import conversation_steps as steps
from bot_adapter.commands import may_ask
from bot_adapter.messages import Choice, OutboundMessage
from bot_adapter.turn import Turn
from models.answers.retrieve import Found
from models.extensions import db
from models.interview.wording import say
from models.office import answering, enquiries, enquiry_queue, enquiry_replies
from models.office.masking import redact

_ASKED = "question"  # what was answered by a clause, sealed: 「人工」 puts it into the queue as it was written


def ask(turn: Turn, question: str) -> None:
    """Answer a question, or queue it. Who has just asked for a person gets one, and the clause beside it."""
    wants_people = turn.state.get("mode") == "ask"
    turn.drop("mode", _ASKED)
    found = answering.look(db.session(), turn.pack, question, turn.lang)
    told = "" if wants_people else _told(turn, question, found)
    if not told:
        _queue(turn, question)
        if found is not None:
            turn.tell(f"{say('answers.meanwhile', turn.lang)}\n{_words(turn, found)}")
        _go_on(turn)
        return
    offer = Choice(say("answers.human", turn.lang), say("answers.not_solved", turn.lang))
    turn.out.append(OutboundMessage(told, (offer,)))
    _go_on(turn)
    remember(turn, question)


def remember(turn: Turn, question: str) -> None:
    """What has just been answered here: 「人工」 puts it into the queue as it was asked."""
    turn.state[_ASKED] = {"at": turn.state.get("at", ""), "sealed": turn.seal(redact(question))}


def _told(turn: Turn, question: str, found: Found | None) -> str:
    """What the office has approved comes first, then what the chat itself knows, then the clause."""
    if found is not None and found.approved:
        return _words(turn, found)
    return plain.words(turn, question) or (_words(turn, found) if found is not None else "")


def asked_instead(turn: Turn, text: str) -> bool:
    """Take what answers nothing as a question, if it reads like one. False: it does not."""
    if not may_ask(text):
        return False
    ask(turn, text)
    return True


def to_people(turn: Turn, question: str) -> None:
    """Put a question into the queue without looking for an answer."""
    turn.drop("mode", _ASKED)
    _queue(turn, question)
    _go_on(turn)


def not_solved(turn: Turn) -> bool:
    """Queue what a clause has just answered, if the person is still where they asked it. False: there is no such."""
    asked = turn.state.get(_ASKED)
    turn.drop(_ASKED)
    if not asked or asked["at"] != turn.state.get("at", ""):
        return False
    to_people(turn, turn.unseal(asked["sealed"]))
    return True


def waiting(turn: Turn) -> list[str]:
    """The person's questions that wait for an answer, for 「进度」."""
    lines = enquiry_queue.waiting(db.session(), turn.conversation.id, turn.application_id, turn.lang)
    if not lines:
        return []
    asked = enquiry_replies.awaited(db.session(), turn.conversation.id, turn.application_id)
    how = [say("answers.reply_how", turn.lang)] if asked else []
    return [say("answers.waiting_title", turn.lang), *(f"· {line}" for line in lines), *how]


def _words(turn: Turn, found: Found) -> str:
    return answering.words(found, turn.pack, turn.lang, turn.today)


def _queue(turn: Turn, question: str) -> None:
    session = db.session()
    enquiry = enquiries.ask(
        session,
        programme=turn.pack.slug,
        question=question,
        effect=f"enquiry:{turn.conversation.id}:{turn.inbound.dedupe_key}"[:160],
        conversation_id=turn.conversation.id,
        application_id=turn.application_id,
        step_key=str(turn.state.get("at", ""))[:80],
    )
    lines = [*enquiry_queue.queued(session, enquiry, turn.lang), say("answers.comes_here", turn.lang)]
    turn.tell("\n".join(lines))


def _go_on(turn: Turn) -> None:
    """Back to the same step, briefly where it has been shown before; a stranger is told where they are."""
    if steps.over(turn) or (turn.status == "draft" and not turn.is_open()):
        return
    if "at" not in turn.state and turn.view is None:
        opening.greeting(turn)
        return
    turn.say("chat.go_on")
    turn.brief = bool(turn.state.get("at"))
    steps.show(turn)
