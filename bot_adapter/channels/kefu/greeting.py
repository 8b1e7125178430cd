"""Greeting somebody who opens the chat, before they have written anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot_adapter import conversation, conversation_lobby, pushing
from bot_adapter.channels.kefu import welcomed
from bot_adapter.channels.kefu.account import NAME, Account
from bot_adapter.channels.kefu.channel import Kefu
from bot_adapter.channels.kefu.incoming import ROOM, Entered
from bot_adapter.messages import InboundMessage, fit
from models.extensions import db

IN_TIME = timedelta(seconds=20)  # then the code holds no longer
SOON = timedelta(minutes=2)  # later, what is offered to who came by a link would surprise them
log = structlog.get_logger(__name__)


def programme(account: Account, scene: str = "") -> str | None:
    """What somebody who comes in is greeted for: the account's programme, the one that the link's scene names where it
    is open, or the only one that is."""
    if account.programme:
        return account.programme
    found = conversation_lobby.open_programmes()
    if scene in found:
        return scene
    return found[0] if len(found) == 1 else None


def greet(channel: Kefu, entered: Entered, now: datetime) -> None:
    """Greet a stranger, once. Whoever has talked with us knows how, and is told something only where the link is
    another programme's; where it is not clear for which programme, or too late, the first word they write is
    answered."""
    account = channel.account
    known = conversation.find(db.session(), NAME, account.open_kfid, entered.sender_id)
    slug = programme(account, entered.scene)
    about, heard = (known.programme, known.heard_at) if known is not None else (None, None)
    db.session.remove()
    if known is not None:
        in_window = heard is not None and now - heard < welcomed.HOLDS
        if in_window and now - entered.at <= SOON and entered.scene == slug != about:
            _comes_for(channel, entered, slug, now)
    elif slug is not None and entered.welcome_code and now - entered.at <= IN_TIME:
        _welcome(channel, entered, slug, now)


def _welcome(channel: Kefu, entered: Entered, slug: str, now: datetime) -> None:
    only_one = replace(channel.capabilities, max_messages=1)
    shown = fit(conversation.greeting(slug, "zh", alone=bool(channel.account.programme)), only_one)
    db.session.remove()
    if len(shown) == 1 and channel.welcome(entered.welcome_code, shown[0]):
        welcomed.add(channel.account, entered.sender_id, slug, now)
    else:
        log.info("kefu_not_greeted", messages=len(shown))


def _comes_for(channel: Kefu, entered: Entered, slug: str, now: datetime) -> None:
    """The same as Telegram's start: a hello by the link of a programme. Coming in opens no window for our messages."""
    hello = InboundMessage(
        channel=NAME,
        sender_id=entered.sender_id,
        dedupe_key=entered.msgid,
        text="你好",
        account_id=channel.account.open_kfid,
        programme=slug,
        kind="event",
        event="start",
        room=ROOM,
        external_id=entered.msgid,
        occurred_at=entered.at,
        received_at=now,
    )
    pushing.accept(hello, channel.capabilities)
    db.session.remove()
