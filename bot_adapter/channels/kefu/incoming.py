"""What one entry of a pulled page means. Pure: nothing is fetched, nothing kept.

Source: 接收消息和事件 (94670). `origin` 3 is a person's message, 4 an event, 5 what staff wrote in WeCom's console: the
person has read that already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot_adapter.channels.kefu.account import NAME, Account
from bot_adapter.channels.kefu.menus import pressed
from bot_adapter.channels.wechat.bodies import clean
from bot_adapter.messages import InboundMessage, MediaRef

ROOM = 4000  # bytes of a whole reply: two messages, in the worst case five, which is all that may follow a message
_PERSON, _EVENT = 3, 4
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LATEST = 253402300799  # the last second of the year 9999: what is beyond is no time


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody opened the chat. `welcome_code`: where one greeting may be sent, once, within 20 seconds; `scene`: what
    the link that they came by says of itself."""

    sender_id: str = field(repr=False)
    welcome_code: str = field(repr=False)
    at: datetime
    scene: str = ""
    msgid: str = ""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that the platform had taken did not arrive; `fail_type` as the platform counts its reasons."""

    sender_id: str = field(repr=False)
    msgid: str
    fail_type: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Somebody took a message back (`msgid`)."""

    msgid: str


Entry = InboundMessage | Entered | Undelivered | TakenBack


def read(raw: Any, account: Account) -> Entry | None:
    """The meaning of an entry; None for what is nothing to us, and for what the platform never sends."""
    if not isinstance(raw, Mapping):
        return None
    at = _time(raw.get("send_time"))
    msgid = raw.get("msgid")
    if at is None or not isinstance(msgid, str) or not 0 < len(msgid) <= 128:
        return None
    if raw.get("origin") == _EVENT:
        return _event(_part(raw, "event"), account, at, msgid)
    if raw.get("origin") != _PERSON or raw.get("open_kfid", account.open_kfid) != account.open_kfid:
        return None
    sender = _id(raw.get("external_userid"))
    return _message(raw, sender, msgid, at, account) if sender else None


def _message(raw: Mapping[str, Any], sender: str, msgid: str, at: datetime, account: Account) -> InboundMessage:
    kind = raw.get("msgtype")
    said: dict[str, Any] = {"kind": "unsupported"}
    if kind == "text":
        said = _text(_part(raw, "text"))
    elif kind in ("image", "file"):
        media_id = _part(raw, kind).get("media_id")
        said = {"kind": kind, "media": (MediaRef(media_id if isinstance(media_id, str) else ""),)}
    return InboundMessage(
        channel=NAME,
        sender_id=sender,
        dedupe_key=msgid,
        account_id=account.open_kfid,
        programme=account.programme or None,
        room=ROOM,
        external_id=msgid,
        occurred_at=at,
        **said,
    )


def _text(given: Mapping[str, Any]) -> dict[str, Any]:
    """Words, or a choice that was pressed; of another's menu its words count."""
    menu = given.get("menu_id")
    choice = pressed(menu) if isinstance(menu, str) else None
    if choice is not None:
        return {"kind": "choice", "choice_id": str(clean(choice))}
    content = given.get("content")
    return {"text": str(clean(content)) if isinstance(content, str) else ""}


def _event(event: Mapping[str, Any], account: Account, at: datetime, msgid: str) -> Entry | None:
    if event.get("open_kfid", account.open_kfid) != account.open_kfid:
        return None
    kind, sender = event.get("event_type"), _id(event.get("external_userid"))
    if kind == "enter_session" and sender:
        code, scene = event.get("welcome_code"), event.get("scene_param") or event.get("scene")
        given = code if isinstance(code, str) else ""
        return Entered(sender, given, at, scene if isinstance(scene, str) else "", msgid)
    if kind == "msg_send_fail" and isinstance(event.get("fail_msgid"), str):
        fail_type = event.get("fail_type")
        return Undelivered(sender, event["fail_msgid"], fail_type if isinstance(fail_type, int) else 0, at)
    if kind == "user_recall_msg" and isinstance(event.get("recall_msgid"), str):
        return TakenBack(event["recall_msgid"])
    return None


def _part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, Mapping) else {}


def _id(given: Any) -> str:
    return given if isinstance(given, str) and _ID.fullmatch(given) else ""


def _time(given: Any) -> datetime | None:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 < given <= _LATEST:
        return None
    return datetime.fromtimestamp(given, UTC)
