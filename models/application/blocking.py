"""When something may be sent to a person on a channel: since when the window is open where messages are pulled, and
that they take nothing more until they write again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, update

from models.application.tables import Conversation
from models.extensions import db, writing


def block(channel: str, account: str, sender: str, at: datetime) -> None:
    """Keep that it was so `at` that time, in a transaction of its own; not for who has written since."""
    whose = (Conversation.channel == channel, Conversation.account == account, Conversation.sender == sender)
    silent = or_(Conversation.heard_at.is_(None), Conversation.heard_at <= at)
    with writing(), db.engine.begin() as connection:
        connection.execute(update(Conversation).where(*whose, silent).values(blocked_at=at))


def heard(channel: str, account: str, sender: str, at: datetime) -> None:
    """Their last message was pulled late and had been written `at` that time: the window opened then."""
    whose = (Conversation.channel == channel, Conversation.account == account, Conversation.sender == sender)
    with writing(), db.engine.begin() as connection:
        connection.execute(update(Conversation).where(*whose).values(heard_at=at))
