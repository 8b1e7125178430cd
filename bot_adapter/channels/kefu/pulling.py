"""Pulling what came, page after page. The cursor moves on only when a page's messages are kept, so what dies in between
gives the same page again, and each message in it is known by its id.

One process pulls an account at a time (a lease, of seconds: one that dies holds nobody up). Two that pull the same page
nevertheless do each message once and in order: whoever is behind finds it kept.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot_adapter import conversation, pushing
from bot_adapter.channels.base import MediaLost, has_come_before
from bot_adapter.channels.kefu import greeting, incoming, pings, results, welcomed
from bot_adapter.channels.kefu.account import NAME, Account
from bot_adapter.channels.kefu.channel import Kefu
from bot_adapter.channels.kefu.incoming import Entered, Entry, TakenBack, Undelivered
from bot_adapter.channels.limits import too_many
from bot_adapter.channels.wechat.api import Away, Refused
from bot_adapter.messages import InboundMessage, OutboundMessage, Recipient
from models import clock
from models.application import blocking, channel_state, deliveries, receipts
from models.errors import Later
from models.extensions import db
from models.interview.wording import say

PAGES, SECONDS = 20, 120.0  # of one run; then others have their turn
BEFORE = timedelta(minutes=10)  # what came so long before the first pull was not meant for us
ANSWERABLE = timedelta(hours=48)  # later than that nothing may be sent to the person
LATE = timedelta(seconds=5)  # from the person's message to our pull, where nothing is amiss
AWAY = timedelta(seconds=15)  # until a platform that does not answer is asked again
THROTTLED = timedelta(seconds=60)
_THROTTLED = (45009, 45033)
log = structlog.get_logger(__name__)


def pull(channel: Kefu) -> None:
    """Take everything that has come. Raises Later where there is more to do in a moment, and Refused where the account
    is not set up rightly. No transaction is open while the platform is asked."""
    until = time.monotonic() + SECONDS
    for _ in range(PAGES):
        if not _page(channel, until):
            return
    raise Later(clock.current().now())


def _page(channel: Kefu, until: float) -> bool:
    """Take one page; whether there is more."""
    account, now = channel.account, clock.current().now()
    if not channel_state.lease(_key(account), now):
        raise Later(now + channel_state.LEASE)  # what that process leaves undone is done then
    try:
        cursor, since = _where(account, now)
        token = pings.token(account, now)
        page = _fetch(channel, cursor, token)
        _take(channel, page.get("msg_list"), max(since, now - ANSWERABLE), until)
        moved = page.get("next_cursor")
        _keep(account, moved if isinstance(moved, str) and moved else cursor, since)
    except BaseException:
        channel_state.release(_key(account))
        raise
    more = page.get("has_more") == 1 and moved != cursor
    return more or pings.token(account, clock.current().now()) != token  # pinged meanwhile


def _fetch(channel: Kefu, cursor: str, token: str) -> Mapping[str, Any]:
    try:
        return channel.api.sync(cursor, token)
    except Away as exc:
        log.warning("kefu_away", reason=exc.reason)
        raise Later(clock.current().now() + (THROTTLED if exc.throttled else AWAY)) from None
    except Refused as exc:
        log.warning("kefu_not_pulled", code=exc.code)
        if exc.code == -1 or exc.code in _THROTTLED:
            raise Later(clock.current().now() + THROTTLED) from None
        raise


def _take(channel: Kefu, found: Any, since: datetime, until: float) -> None:
    """Take a page's entries. One that needs longer than a run has (photos come slowly) is gone on with in the next."""
    entries = [incoming.read(raw, channel.account) for raw in found] if isinstance(found, list) else []
    back = {entry.msgid for entry in entries if isinstance(entry, TakenBack)}
    if back:
        log.info("kefu_taken_back", messages=len(back))  # what was taken in before stays: the person sees it and edits
    passed, told = 0, set[str]()
    for entry in entries:
        if isinstance(entry, InboundMessage):
            assert entry.occurred_at is not None
            if entry.occurred_at < since or entry.external_id in back:
                passed += 1
            elif not has_come_before(entry):  # as in a page that comes again
                _hear(channel, entry, told)
                if time.monotonic() > until:
                    raise Later(clock.current().now())
        elif entry is not None:
            _note(channel, entry)
    if passed:
        log.info("kefu_passed_over", messages=passed)


def _hear(channel: Kefu, message: InboundMessage, told: set[str]) -> None:
    """Take one message. What could not be kept after an error of ours is apologised for: the next ones come all the
    same, and the person can simply send it again. `told`: who has been asked to wait."""
    now, wrote = clock.current().now(), message.occurred_at
    assert wrote is not None
    if too_many(f"{NAME}:{message.sender_id}", int(wrote.timestamp()) // 60):
        if message.sender_id not in told:
            told.add(message.sender_id)
            _say(channel, message, "fast", [OutboundMessage(say("chat.too_fast", _language(message)))])
        return
    slug = welcomed.greeted_for(channel.account, message.sender_id, now)
    message = replace(message, media=_fetched(channel, message), received_at=now)
    if slug is not None:
        came_by_link = "" if channel.account.programme else "start"  # the account carries other programmes as well
        message = replace(message, greeted=True, programme=slug, event=message.event or came_by_link)
    sorry = pushing.accept(message, channel.capabilities)
    db.session.remove()
    if slug is not None and not sorry:
        welcomed.answered(channel.account, message.sender_id, now)
    if not sorry and now - wrote > LATE:
        blocking.heard(NAME, message.account_id, message.sender_id, wrote)
    _say(channel, message, "sorry", sorry)


def _fetched(channel: Kefu, message: InboundMessage) -> tuple[Any, ...]:
    db.session.remove()
    media = []
    for ref in message.media:
        try:
            media.append(replace(ref, data=channel.fetch_media(ref)))
        except MediaLost as exc:
            log.warning("kefu_media_lost", reason=str(exc))
            media.append(ref)  # the person is asked for it again
    return tuple(media)


def _say(channel: Kefu, message: InboundMessage, why: str, said: Sequence[OutboundMessage]) -> None:
    """Say at once what nothing is kept of."""
    to = Recipient(NAME, message.account_id, message.sender_id)
    for part, one in enumerate(said):
        channel.send(replace(one, id=f"{why}:{message.external_id}:{part}", recipient=to))


def _note(channel: Kefu, entry: Entry) -> None:
    now = clock.current().now()
    if isinstance(entry, Entered):
        greeting.greet(channel, entry, now)
    elif isinstance(entry, Undelivered):
        problem = results.undelivered(entry.fail_type)
        detail = f"fail_type {entry.fail_type}"
        known = receipts.receipt(NAME, entry.msgid, deliveries.FAILED, now, error=problem, detail=detail)
        log.warning("kefu_not_delivered", error=problem, detail=detail, known=known)
        if problem == "blocked":
            blocking.block(NAME, channel.account.open_kfid, entry.sender_id, entry.at)


def _language(message: InboundMessage) -> str:
    known = conversation.find(db.session(), NAME, message.account_id, message.sender_id)
    language = known.language if known is not None else "zh"
    db.session.remove()  # the platform is called next
    return language


def _where(account: Account, now: datetime) -> tuple[str, datetime]:
    """The cursor, and since when messages are ours."""
    kept = channel_state.get(_key(account), now)
    if kept is None:
        return "", now - BEFORE
    cursor, since = json.loads(kept)
    return str(cursor), datetime.fromisoformat(since)


def _keep(account: Account, cursor: str, since: datetime) -> None:
    """Move on, and let go of the lease."""
    channel_state.put(_key(account), json.dumps([cursor, since.isoformat()]), clock.current().now())


def _key(account: Account) -> channel_state.Key:
    return NAME, account.open_kfid, "cursor"
