"""What the platform tells of an account's people without anybody having said it: who left, and what has arrived."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from bot_adapter.channels.wechat import account
from models import clock
from models.application import blocking, deliveries, receipts

CHANNEL = "wechat"
_FAILED = {"failed:user block": "blocked", "failed:system failed": "rejected"}
log = structlog.get_logger(__name__)


def take(message: Mapping[str, str]) -> bool:
    """Write down what an event tells; whether it was one of these, which nobody waits for an answer to."""
    if message.get("MsgType") != "event":
        return False
    event = message.get("Event", "").lower()
    if event == "unsubscribe":
        _block(message)
    elif event == "templatesendjobfinish":
        _arrived(message)
    else:
        return False
    return True


def _block(message: Mapping[str, str]) -> None:
    """Nothing is pushed to them any more, until they follow or write again (that is a message, and opens it). An event
    may come late, and twice: who has written since then is back."""
    at = account.sent_at(message) or clock.current().now()
    blocking.block(CHANNEL, message["ToUserName"], message["FromUserName"], at)


def _arrived(message: Mapping[str, str]) -> None:
    """A template message has arrived, or not: 用户拒收 is somebody who wants nothing of the account."""
    status = message.get("Status", "").lower().replace(": ", ":")
    problem = "" if status == "success" else _FAILED.get(status, "rejected")
    state = deliveries.FAILED if problem else deliveries.DELIVERED
    sent, now = message.get("MsgID", ""), clock.current().now()
    known = receipts.receipt(CHANNEL, sent, state, now, error=problem, detail="receipt")
    log.info("wechat_receipt", known=known, problem=problem)
    if known and problem == "blocked":
        _block(message)
