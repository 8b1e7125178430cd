"""Pull what came on 微信客服, whose callback only says that something came."""

from __future__ import annotations

import structlog
from sqlalchemy.orm import Session

from bot_adapter.channels.kefu import pings, pulling
from bot_adapter.channels.kefu.webhook import channel
from models.extensions import db, writing
from workers.runtime import run_prepared

log = structlog.get_logger(__name__)


def pull_kefu(outbox_id: str) -> None:
    """Job: pull an account's messages and take each in."""
    run_prepared(outbox_id, _pull, _done)


def promise_now_and_then() -> None:
    """Promise a pull where the channel is set up: a ping may have been lost. Needs an app context."""
    found = channel()
    if found is not None:
        pings.remind(found.account)


def _done(_account: str, _session: Session, _pulled: None) -> None:
    """Nothing: each message was kept as it came."""


def _pull(account: str) -> None:
    found = channel()
    if found is None or found.account.open_kfid != account:
        log.warning("kefu_gone")
        return
    db.session.remove()
    with writing():
        pulling.pull(found)
