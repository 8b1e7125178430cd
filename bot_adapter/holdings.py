"""Which applications a sender has in hand: those that their own conversations carry, found by nothing else."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.application.channel_tables import Carried
from models.application.tables import Conversation
from models.statements import Statement


def held_ids(session: Session, conversation: Conversation) -> list[str]:
    """The applications that the conversation carries beside its present one, and those of the sender's conversations
    about other programmes.

    Where a channel has an account for each programme (the site's own chat) these are one sender's. On any other, an
    account is an office of its own, whose sender of the same name need not be the same person: there it has none.
    """
    beside = [found for (found,) in _BESIDE.rows(session, {"ident": conversation.id})]
    if conversation.account != conversation.programme:
        return beside
    mine = {"channel": conversation.channel, "sender": conversation.sender, "ident": conversation.id}
    return [*beside, *(found for (found,) in _HELD.rows(session, mine))]


_BESIDE = Statement(
    select(Carried.application_id).where(Carried.conversation_id == bindparam("ident")).order_by(Carried.application_id)
)
_HELD = Statement(
    select(Conversation.application_id)
    .where(
        Conversation.channel == bindparam("channel"),
        Conversation.sender == bindparam("sender"),
        Conversation.account == Conversation.programme,
        Conversation.id != bindparam("ident"),
        Conversation.application_id.is_not(None),
    )
    .order_by(Conversation.id)
)
