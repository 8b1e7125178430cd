"""「绑定」: the same application in another chat, by a one-time code; 「解绑」 lets this chat go again."""

from __future__ import annotations

from typing import Any

from bot_adapter import commands
from bot_adapter import conversation_steps as steps
from bot_adapter import conversation_switch as switch
from bot_adapter.channels.limits import too_many_codes
from bot_adapter.messages import OutboundMessage
from bot_adapter.turn import Turn
from models.application import binding, others
from models.application.tables import Application, Conversation
from models.errors import NotFound
from models.extensions import db
from models.interview.wording import say
from models.office import staff_chats
from models.programme.loader import load_pack


def bind(turn: Turn, rest: str) -> None:
    """With a code, carry its application on here; without one, make a code for another chat."""
    if rest:
        _use(turn, rest)
    elif turn.view is None:
        turn.say("chat.bind_how")
        steps.show(turn)
    else:
        code = binding.make_code(turn.application())
        turn.changed()
        turn.say("chat.bind_code", code=_spaced(code), minutes=int(binding.AGE.total_seconds() // 60))
        _list(turn)
        steps.show(turn)


def unbind(turn: Turn, _rest: str) -> None:
    """Let the application go from this chat; the application stays where else it is."""
    if staff_chats.let_go_here(db.session(), turn.conversation.id):
        turn.say("chat.staff_unbound")
        return
    if turn.view is None:
        turn.say("chat.unbind_nothing")
        steps.show(turn)
        return
    receipt = turn.view.application.receipt
    binding.let_go(db.session(), turn.conversation)
    turn.state.clear()
    turn.changed()
    turn.say("chat.unbound", receipt=receipt)
    switch.tell_beside(turn, say("chat.unbind_rest", turn.lang))


def unbind_all(turn: Turn, _rest: str) -> None:
    """The same of everything that this chat carries."""
    session, conversation = db.session(), turn.conversation
    receipts = [one.receipt for one in others.of(session, conversation.id)]
    if not receipts:
        unbind(turn, "")
        return
    others.let_all_go(session, conversation.id)
    if turn.view is not None:
        receipts.insert(0, turn.view.application.receipt)
        binding.let_go(session, conversation)
    turn.state.clear()
    turn.changed()
    turn.say("chat.unbound_all", numbers=receipts)


def in_lobby(conversation: Conversation, text: str) -> list[OutboundMessage]:
    """The same before a programme is known: the code says which it is. Empty where it was no code, or one that
    holds: then the conversation has its programme and is joined."""
    said = commands.find_command(text)
    if said is not None and said.command is commands.Command.UNBIND:
        gone = staff_chats.let_go_here(db.session(), conversation.id)
        return [OutboundMessage(say("chat.staff_unbound", conversation.language))] if gone else []
    if said is None or said.command is not commands.Command.BIND or not said.rest:
        return []
    done = _carried(conversation, said.rest, {})
    if isinstance(done, Application):
        conversation.state = {"joined": True}
        return []
    return [OutboundMessage(done)]


def _use(turn: Turn, rest: str) -> None:
    before = turn.view.application if turn.view is not None else None
    done = _carried(turn.conversation, rest, switch.put_aside(turn))
    if isinstance(done, str):
        turn.tell(done)
        if staff_chats.is_bound(db.session(), turn.conversation.id):
            return
    else:
        turn.turn_to(load_pack(done.programme), {})
        turn.say("chat.joined", receipt=done.receipt)
        if before is not None and before.id != done.id:
            turn.say("chat.bind_before", receipt=before.receipt)
    steps.show(turn)


def _carried(conversation: Conversation, typed: str, left: dict[str, Any]) -> Application | str:
    """The application that the conversation carries on from now, or the sentence that says why it does not."""
    code, lang = binding.normalise(typed), conversation.language
    if code is None:
        return say("chat.bind_shape", lang, digits=binding.DIGITS)
    if too_many_codes(conversation.channel, conversation.sender):
        return say("chat.bind_too_many", lang)
    try:
        return binding.use_code(db.session(), conversation, code, left)
    except NotFound:
        return _of_staff(conversation, code)


def _of_staff(conversation: Conversation, code: str) -> str:
    """A code of somebody who works on applications binds the chat for notices about that work."""
    try:
        staff_chats.use_code(db.session(), conversation, code)
    except NotFound:
        return say("chat.bind_unknown", conversation.language)
    return say("chat.staff_bound", conversation.language)


def _list(turn: Turn) -> None:
    chats = binding.bound(db.session(), turn.application())
    if len(chats) > 1:
        names = [binding.title(chat.channel).get(turn.lang) for chat in chats]
        turn.tell(say("chat.bind_list", turn.lang, chats=names))


def _spaced(code: str) -> str:
    return f"{code[:4]} {code[4:]}"
