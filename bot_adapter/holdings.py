"""Which applications a sender has in hand: those that their own conversations carry, found by nothing else."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.application.tables import Conversation


def held_ids(session: Session, conversation: Conversation) -> list[str]:
    """The applications of the sender's conversations about other programmes.

    Where a channel has an account for each programme (the site's own chat) these are one sender's. On any other, an
    account is an office of its own, whose sender of the same name need not be the same person: there it has none.
    """
    if conversation.account != conversation.programme:
        return []
    query = select(Conversation.application_id).where(
        Conversation.channel == conversation.channel,
        Conversation.sender == conversation.sender,
        Conversation.account == Conversation.programme,
        Conversation.id != conversation.id,
        Conversation.application_id.is_not(None),
    )
    return [found for found in session.scalars(query.order_by(Conversation.id)) if found is not None]
