"""Long polling, for a developer's machine that no webhook reaches: the same updates, asked for one after the other.

To ask with an offset tells the platform to forget everything below it. So the offset is that of the first update which
is not yet committed, and it is kept: after a crash nothing is lost, and what comes again is the same message.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from types import FrameType
from typing import Any

import httpx
import structlog
from flask import Flask

from bot_adapter.channels.errors import Malformed
from bot_adapter.channels.telegram import updates
from bot_adapter.channels.telegram.api import Answer
from bot_adapter.channels.telegram.channel import Telegram
from bot_adapter.channels.telegram.webhook import said_at_once, take
from models import clock
from models.application import channel_state

SECONDS = 25  # the platform holds a question open so long; it allows fifty
PAUSE = 5.0  # seconds after an answer that was none
AT_ONCE = 20  # updates in one answer
_KEPT = timedelta(days=7)  # after a week without updates the platform's numbers begin anew
log = structlog.get_logger(__name__)


class CannotPoll(Exception):
    """The platform does not let us, and will not in a moment either; the message says why and what to do."""


@dataclass
class Stop:
    """Asked for by a signal: a question that is open ends at once, an update under way is finished first."""

    asked: Event = field(default_factory=Event)
    waiting: bool = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked.set()
        if self.waiting:
            raise KeyboardInterrupt


def run(app: Flask, channel: Telegram, *, seconds: int = SECONDS, pause: float = PAUSE) -> None:
    """Poll until Ctrl-C. What is replied is promised as ever: a worker sends it. Raises CannotPoll."""
    stop = Stop()
    before = signal.signal(signal.SIGINT, stop)
    try:
        while not stop.asked.is_set():
            _once(app, channel, stop, seconds, pause)
    finally:
        signal.signal(signal.SIGINT, before)


def _once(app: Flask, channel: Telegram, stop: Stop, seconds: int, pause: float) -> None:
    """One question, and what came of it."""
    with app.app_context():
        answer = _ask(channel, stop, seconds)
    if stop.asked.is_set():
        return
    found = _updates(answer)
    if found is None:
        log.warning("telegram_not_answering", code=answer.code)
        stop.asked.wait(answer.retry_after if answer.retry_after is not None else pause)
    for payload in found or ():
        with app.app_context():
            _take(channel, payload)
        if stop.asked.is_set():
            return


def _ask(channel: Telegram, stop: Stop, seconds: int) -> Answer:
    offset = channel_state.get(_key(channel), clock.current().now())
    wanted: dict[str, Any] = {"allowed_updates": list(updates.KINDS), "limit": AT_ONCE, "timeout": seconds}
    if offset is not None:
        wanted["offset"] = int(offset)
    try:
        stop.waiting = True
        return channel.api.call("getUpdates", wanted, seconds=seconds + 10)
    except KeyboardInterrupt:
        return Answer(0)
    finally:
        stop.waiting = False


def _updates(answer: Answer) -> list[Any] | None:
    """The updates in an answer; None where it is to be asked again. Raises CannotPoll."""
    if answer.code == httpx.codes.CONFLICT and "webhook" in answer.description:
        raise CannotPoll("a webhook is set for this bot: remove it with `bole telegram webhook --remove` first")
    if answer.code == httpx.codes.CONFLICT:
        raise CannotPoll("another program is polling for this bot: stop it first")
    if answer.code in (httpx.codes.UNAUTHORIZED, httpx.codes.NOT_FOUND):
        raise CannotPoll("Telegram does not know this bot: check BOLE_TELEGRAM_TOKEN")
    return answer.result if answer.ok and isinstance(answer.result, list) else None


def _take(channel: Telegram, payload: Any) -> None:
    """Take one update and, when it is committed, move on behind it."""
    try:
        update = channel.read(payload if isinstance(payload, dict) else {})
    except Malformed as exc:
        log.warning("telegram_malformed", reason=str(exc))
        return
    said = said_at_once(update, take(channel, update))
    if said:
        channel.api.call(said.pop("method"), said)
    now = clock.current().now()
    channel_state.put(_key(channel), str(update.id + 1), now, now + _KEPT)


def _key(channel: Telegram) -> channel_state.Key:
    return (updates.NAME, channel.api.bot_id, "offset")
