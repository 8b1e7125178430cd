"""微信客服 (WeCom) as a channel. The callback holds no message: it says that there is something to pull."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Request

from bot_adapter.channels.base import MediaLost
from bot_adapter.channels.errors import Malformed
from bot_adapter.channels.kefu import menus, results
from bot_adapter.channels.kefu.account import NAME, Account
from bot_adapter.channels.kefu.api import KefuApi
from bot_adapter.channels.proving import once
from bot_adapter.channels.wechat import bodies
from bot_adapter.channels.wechat.api import Away, Refused
from bot_adapter.messages import Capabilities, InboundMessage, MediaRef, OutboundMessage, SendResult

OK = b"success"
_MAX_TOKEN = 128  # bytes, as documented


@dataclass(frozen=True, slots=True)
class Ping:
    """Something has come. `token` lets us pull it, for ten minutes; `sent`: the platform's time of the ping."""

    token: str = field(repr=False)
    sent: str


class Kefu:
    """The channel. The platform refuses a message whose id it has had, so an uncertain send is simply repeated."""

    name = NAME
    repeatable = True
    capabilities = Capabilities(
        passive_reply=False,
        push=True,
        window=timedelta(hours=48),
        quota=5,
        max_text=menus.MAX_TEXT,
        text_unit="bytes",
        max_choices=menus.MAX_CHOICES,
        writes_choices=True,
        max_messages=2,
    )

    def __init__(self, account: Account) -> None:
        self.account = account
        self.api = KefuApi.of(account)

    def verify(self, request: Request) -> Ping | None:
        """The ping in a callback; None for a callback about something else. Raises Forged and Malformed. Read with its
        limit whatever the header says."""
        outer = bodies.parse(request.stream.read(bodies.MAX_BYTES + 1))
        event = bodies.parse(self.account.open(once(request.args), outer.get("Encrypt", "")))
        if event.get("ToUserName") != self.account.corp_id:
            raise Malformed("another enterprise's")
        theirs = event.get("OpenKfId", self.account.open_kfid) != self.account.open_kfid
        if event.get("Event") != "kf_msg_or_event" or theirs:
            return None
        token = event.get("Token", "")
        if len(token.encode()) > _MAX_TOKEN:
            raise Malformed("token")
        return Ping(token, event.get("CreateTime", ""))

    def parse(self, payload: Ping | None) -> list[InboundMessage]:
        """None: they are pulled."""
        return []

    def acknowledge(self, payload: Ping | None) -> bytes:
        """At once, whatever is to be pulled."""
        return OK

    def send(self, message: OutboundMessage) -> SendResult:
        """One message, once for its key."""
        assert message.recipient is not None
        named = {"touser": message.recipient.sender_id, "msgid": menus.msgid(message.id)}
        try:
            return SendResult.sent(self.api.send({**named, **menus.body(message)}) or named["msgid"])
        except Refused as exc:
            return results.refused(exc.code, exc.words, named["msgid"])
        except Away as exc:
            return SendResult.problem("throttled" if exc.throttled else "transient", exc.reason, exc.retry_after)

    def welcome(self, code: str, message: OutboundMessage) -> bool:
        """Greet somebody who has come in; False where it was too late, or did not work otherwise: then the first word
        they write is answered by it."""
        try:
            self.api.welcome(code, {"msgid": menus.msgid(f"welcome:{code}"), **menus.body(message)})
        except (Refused, Away):
            return False
        return True

    def fetch_media(self, ref: MediaRef) -> bytes:
        """An image or a file. Raises MediaLost."""
        if not ref.reference:
            raise MediaLost("no id")
        try:
            return self.api.photo(ref.reference)
        except Refused as exc:
            raise MediaLost(str(exc.code)) from None
        except Away as exc:
            raise MediaLost(exc.reason) from None

    def redact(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        plain = ("origin", "msgtype", "Event", "MsgType")
        return {name: value if name in plain else "…" for name, value in payload.items()}
