"""What a person says to a member of staff: the answer to what they were asked back, and that an answer has not helped.

The rule that keeps it apart from the form: 「答复」 (a word or a button, with the answer behind it or in the next
message) speaks to the member of staff, everything else to the form. Only where the form asks nothing any more are plain
words the answer to what a member of staff has asked, and only if the person had heard that when they wrote.
"""

from __future__ import annotations

from bot_adapter import commands
from bot_adapter import conversation_steps as steps
from bot_adapter.turn import Turn
from models.extensions import db
from models.interview.wording import say
from models.office import enquiry_queue, enquiry_replies, threads
from models.office.enquiries import short
from models.office.enquiry_states import ASKED, DONE, FOR_US
from models.office.tables import Enquiry

_TO = "replying"  # the question whose thread is written in


def reply(turn: Turn, text: str) -> None:
    """「答复」: to what was asked back last, else to the question that was answered last or waits."""
    enquiry = _meant(turn)
    if enquiry is None:
        turn.say("answers.reply_none")
        steps.show(turn)
    elif text:
        _write(turn, enquiry, text)
    else:
        turn.state.update({"mode": "reply", _TO: enquiry.id})
        ask_again(turn)


def ask_again(turn: Turn) -> None:
    """What is to be answered, while only that is waited for."""
    enquiry = db.session.get(Enquiry, turn.state.get(_TO, ""))
    text = threads.asked_back(db.session(), enquiry) if enquiry is not None and enquiry.state == ASKED else ""
    if text:
        turn.say("answers.reply_write", text=text)
    elif enquiry is not None:
        more = "answers.reply_more_ours" if threads.ours(enquiry) else "answers.reply_more"
        turn.say(more, question=short(enquiry.question))


def write(turn: Turn, text: str) -> None:
    """The words after 「答复」. Where the question has gone meanwhile, they are said to nobody, and that is told."""
    enquiry = db.session.get(Enquiry, turn.state.get(_TO, ""))
    turn.drop("mode", _TO)
    if enquiry is None or (enquiry.state in DONE and not enquiry_replies.may_reopen(enquiry)):
        turn.say("answers.reply_none")
        steps.show(turn)
        return
    _write(turn, enquiry, text)


def taken(turn: Turn, text: str) -> bool:
    """Take plain words as the answer to what a member of staff has asked. False: they are for the form or nobody."""
    if turn.told or turn.state.get("mode") or not steps.asks_nothing(turn):
        return False
    awaited = enquiry_replies.awaited(db.session(), turn.conversation.id, turn.application_id)
    if not awaited or commands.is_hello(text):
        return False
    _write(turn, awaited[0], text)
    return True


def unsolved(turn: Turn, text: str, *, fresh: bool = False) -> bool:
    """「没解决」: the question that was answered last goes on; with `fresh` only if that was since the person last
    wrote. False: there is none that may."""
    enquiry = enquiry_replies.settled(db.session(), turn.conversation.id, turn.application_id)
    if enquiry is None:
        return False
    before, at = turn.conversation.heard_at, enquiry_replies.done_at(enquiry)
    if fresh and before is not None and at is not None and at <= before:
        return False
    _write(turn, enquiry, text or say("answers.reopened_words", turn.lang))
    return True


def _meant(turn: Turn) -> Enquiry | None:
    session, of = db.session(), (turn.conversation.id, turn.application_id)
    awaited = enquiry_replies.awaited(session, *of)
    if awaited:
        return awaited[0]
    return enquiry_replies.waiting_last(session, *of) or enquiry_replies.settled(session, *of)


def _write(turn: Turn, enquiry: Enquiry, text: str) -> None:
    session = db.session()
    word = "answers.reply_taken" if enquiry.state == ASKED else "answers.added"
    word = "answers.reply_taken_ours" if threads.ours(enquiry) else word
    word = "answers.reopened" if enquiry.state in DONE else word
    waits_again = enquiry.state not in FOR_US and not threads.ours(enquiry)
    enquiry_replies.write(session, enquiry, text, key=turn.inbound.dedupe_key)
    stands = enquiry_queue.stands(session, enquiry, turn.lang) if waits_again else []
    turn.tell("\n".join([say(word, turn.lang, question=short(enquiry.question)), *stands]))
    for other in enquiry_replies.awaited(session, turn.conversation.id, turn.application_id)[:1]:
        asked = enquiry_queue.line(session, other, turn.lang)
        turn.tell(f"{asked}\n{say('answers.reply_how', turn.lang)}")
    if steps.asks_nothing(turn):
        return
    turn.say("chat.go_on")
    turn.brief = bool(turn.state.get("at"))
    steps.show(turn)
