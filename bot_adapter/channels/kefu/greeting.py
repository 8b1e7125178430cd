"""Greeting somebody who opens the chat, before they have written anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot_adapter import conversation, conversation_lobby
from bot_adapter.channels.kefu import welcomed
from bot_adapter.channels.kefu.account import NAME, Account
from bot_adapter.channels.kefu.channel import Kefu
from bot_adapter.channels.kefu.incoming import Entered
from bot_adapter.messages import fit
from models.extensions import db

IN_TIME = timedelta(seconds=20)  # then the code holds no longer
log = structlog.get_logger(__name__)


def programme(account: Account) -> str | None:
    """What somebody who comes in is greeted for: the account's programme, or the only one that is open."""
    if account.programme:
        return account.programme
    found = conversation_lobby.open_programmes()
    return found[0] if len(found) == 1 else None


def greet(channel: Kefu, entered: Entered, now: datetime) -> None:
    """Greet a stranger, once. Whoever has talked with us knows how; where it is not clear for which programme, or too
    late, the first word they write is answered."""
    if not entered.welcome_code or now - entered.at > IN_TIME:
        return
    known = conversation.find(db.session(), NAME, channel.account.open_kfid, entered.sender_id)
    slug = programme(channel.account)
    if known is not None or slug is None:
        db.session.rollback()
        return
    only_one = replace(channel.capabilities, max_messages=1)
    shown = fit(conversation.greeting(slug, "zh"), only_one)
    db.session.remove()
    if len(shown) == 1 and channel.welcome(entered.welcome_code, shown[0]):
        welcomed.add(channel.account, entered.sender_id, now)
    else:
        log.info("kefu_not_greeted", messages=len(shown))
