"""That a person takes nothing more on a channel, until they write again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from models.application.tables import Conversation
from models.extensions import db, writing


def block(channel: str, account: str, sender: str, now: datetime) -> None:
    """Keep it, in a transaction of its own."""
    whose = (Conversation.channel == channel, Conversation.account == account, Conversation.sender == sender)
    with writing(), db.engine.begin() as connection:
        connection.execute(update(Conversation).where(*whose).values(blocked_at=now))
