"""WeChat's official account (公众号, 服务号) as a channel: by passive replies and text choices alone, which every
account has; one with rights sends by itself as well (`sending`).

The platform asks once, waits five seconds, and asks again twice with the same message: the conversation gives the kept
reply again, and a second delivery that comes while the first is answered waits for the conversation's row. Neither
counts as one more message, and also who has sent too many gets the replies again that were given before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, Request, Response, abort, current_app, request

from bot_adapter import conversation, passive
from bot_adapter.channels import registry
from bot_adapter.channels.base import MediaLost, reply_to, unless_kept
from bot_adapter.channels.errors import Malformed
from bot_adapter.channels.limits import too_fast
from bot_adapter.channels.proving import once, refusing
from bot_adapter.channels.wechat import account, api, bodies, events, media
from bot_adapter.channels.wechat.account import Account
from bot_adapter.channels.wechat.envelope import AesKey
from bot_adapter.channels.wechat.sending import Sender
from bot_adapter.cutting import cut
from bot_adapter.messages import Capabilities, InboundMessage, MediaRef, OutboundMessage, SendResult, fit
from models import clock, running
from models.clock import SystemClock
from models.extensions import db, reading
from models.frozen import dataclass
from models.interview.wording import say
from models.programme.loader import pack_slugs
from models.settings import Settings

NAME = "wechat"
ROOM = 2000  # bytes of UTF-8 in a text; measured by others: 2,048 are shown, more are an error
NOTHING = b"success"  # what the platform takes for "no reply"
PASSIVE = Capabilities(max_messages=100, max_text=100_000)  # fitted by bytes, see `ROOM`
_OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
blueprint = Blueprint("wechat", __name__, url_prefix="/wechat")


@dataclass(frozen=True, slots=True)
class Opened:
    """A message by its names, the key that its reply is encrypted with, and whether the account speaks JSON."""

    message: Mapping[str, str] = field(repr=False)
    key: AesKey | None
    as_json: bool


class WeChat:
    """The channel: what the platform's messages mean. With a sender it can push as well."""

    name = NAME

    def __init__(self, sender: Sender | None = None) -> None:
        self.sender = sender
        self.capabilities = PASSIVE if sender is None else pushing(sender.settings)
        self.reminds = sender is not None and bool(sender.settings.wechat_template)

    def verify(self, request: Request) -> Opened:
        """The message in a request of the platform. Raises Forged and Malformed."""
        return _opened(_account(), request)

    def parse(self, payload: Opened) -> list[InboundMessage]:
        """The message of a person; none for an event that nobody said."""
        return [self.with_media(message) for message in self.read(payload)]

    def with_media(self, message: InboundMessage) -> InboundMessage:
        """The message with its photo; one that is lost is a photo without data, and is asked for again."""
        if not message.media:
            return message
        return replace(message, media=tuple(self._fetched(ref) for ref in message.media))

    def _fetched(self, ref: MediaRef) -> MediaRef:
        try:
            return replace(ref, data=self.fetch_media(ref))
        except MediaLost:
            return ref

    def read(self, payload: Opened) -> list[InboundMessage]:
        """The same before anything is fetched."""
        request = payload.message
        kind = request.get("MsgType", "")
        read = _READERS.get(kind)
        said = read(request) if read else InboundFields(kind="unsupported")
        if said is None:
            return []
        settings: Settings = running.app().config["BOLE"]
        return [
            InboundMessage(
                channel=NAME,
                sender_id=request["FromUserName"],
                dedupe_key=account.dedupe_key(request),
                text=said.get("text", ""),
                media=said.get("media", ()),
                kind=said.get("kind", "text"),
                account_id=request["ToUserName"],
                programme=settings.wechat_programme or said.get("programme"),
                event=said.get("event", ""),
                room=ROOM,
                external_id=request.get("MsgId", ""),
                occurred_at=account.sent_at(request),
                received_at=clock.current().now(),
            )
        ]

    def acknowledge(self, payload: Opened) -> bytes:
        """What is answered where there is nothing to say."""
        return NOTHING

    def send(self, message: OutboundMessage) -> SendResult:
        """A customer-service message. Nothing is pushed without the rights of a verified account, or where its quota
        is said to be 0: notices head the next reply."""
        if self.sender is None or not self.capabilities.push:
            return SendResult.problem("config", "no rights")
        return self.sender.send(message)

    def fetch_media(self, ref: MediaRef) -> bytes:
        """The photo at its address, or else by its id. Raises MediaLost."""
        return media.photo(ref.reference, api.from_settings(current_app.config["BOLE"]))

    def redact(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value if name in ("MsgType", "Event") else "…" for name, value in payload.items()}


def pushing(settings: Settings) -> Capabilities:
    """What the settings say that the account may send by itself."""
    return Capabilities(
        push=settings.wechat_quota > 0,
        window=timedelta(hours=settings.wechat_window_hours),
        quota=settings.wechat_quota,
        reply_deadline=timedelta(seconds=5),
        max_text=ROOM,
        text_unit="bytes",
        receipts=bool(settings.wechat_template),
    )


class RemindingWeChat(WeChat):
    """The channel of an account that has a template for reminders (see `base.Reminding`)."""

    def remind(self, message: OutboundMessage) -> SendResult:
        """A template message outside the window."""
        assert self.sender is not None
        return self.sender.remind(message)


InboundFields = dict[str, Any]


def _text(message: Mapping[str, str]) -> InboundFields:
    return {"text": message.get("Content", "")}


def _voice(message: Mapping[str, str]) -> InboundFields:
    """Where the account has speech recognition switched on, what was understood."""
    heard = message.get("Recognition", "").strip()
    return {"text": heard} if heard else {"kind": "unsupported"}


def _image(message: Mapping[str, str]) -> InboundFields:
    return {"media": (MediaRef(media.reference(message.get("PicUrl", ""), message.get("MediaId", ""))),)}


def _event(message: Mapping[str, str]) -> InboundFields | None:
    """Following the account is a hello, for a programme where its QR code names one (the scene is its slug), a menu's
    button what it sends; the rest happened without being said."""
    event = message.get("Event", "").lower()
    if event in ("subscribe", "scan"):
        scene = message.get("EventKey", "").removeprefix("qrscene_")
        return {"text": "你好", "event": "start", "programme": scene if scene in pack_slugs() else None}
    return {"text": message.get("EventKey", "")} if event == "click" else None


_READERS = {"text": _text, "voice": _voice, "image": _image, "event": _event}
channel = WeChat()


def init_app(app: Flask) -> None:
    """Let the account of the settings send, if they hold its secret; remind, if they name a template."""
    settings: Settings = app.config["BOLE"]
    own = api.from_settings(settings)
    if own is not None:
        kind = RemindingWeChat if settings.wechat_template else WeChat
        registry.add(app, kind(Sender(own, settings)))


@blueprint.get("/")
def check() -> Response:
    """The platform asks whether the address is ours: its own words back."""
    with refusing(NAME, bodies.MAX_BYTES):
        _account().verify(once(request.args))
    return Response(request.args.get("echostr", "")[:200], mimetype="text/plain")


@blueprint.post("/")
def receive() -> Response:
    """One message, answered in the same breath."""
    with refusing(NAME, bodies.MAX_BYTES):
        opened = channel.verify(request)
    text = _reply(opened)
    if not text:
        return Response(channel.acknowledge(opened), mimetype="text/plain")
    message = opened.message
    now = int(SystemClock().now().timestamp())
    body = bodies.write(
        {
            "ToUserName": message["FromUserName"],
            "FromUserName": message["ToUserName"],
            "CreateTime": now,
            "MsgType": "text",
            "Content": text,
        },
        as_json=opened.as_json,
    )
    if opened.key is not None:
        body = _account().seal(body, opened.key, request.args["nonce"], now, as_json=opened.as_json)
    return Response(body, mimetype="application/json" if opened.as_json else "application/xml")


def _reply(opened: Opened) -> str:
    """What to say, as one text that fits; empty for nothing. Counted before photos are fetched."""
    message = opened.message
    if events.take(message):
        return ""
    known_by = account.dedupe_key(message)
    flooded = too_fast(f"{NAME}:{message['FromUserName']}", relayed=True, once=known_by)
    for inbound in channel.read(opened):
        if flooded:
            reply = _without_taking(inbound)
        else:
            reply = reply_to(unless_kept(inbound, channel.with_media), channel.capabilities)
        db.session.rollback()
        return cut(passive.whole(reply), ROOM)[0]
    return ""


def _without_taking(inbound: InboundMessage) -> list[OutboundMessage]:
    """To one message too many: the reply that was given to it, where it has come before, else that it is too fast.
    Only reads, so a flood holds nobody up."""
    with reading():
        kept = conversation.kept_reply(db.session(), inbound)
        known = conversation.find(db.session(), NAME, inbound.account_id, inbound.sender_id) if kept is None else None
        db.session.rollback()
    if kept is not None:
        return fit(kept, channel.capabilities)
    return [OutboundMessage(say("chat.too_fast", known.language if known is not None else "zh"))]


def _opened(own: Account, given: Request) -> Opened:
    """Raises Forged and Malformed. Read with its limit whatever the header says."""
    data = given.stream.read(bodies.MAX_BYTES + 1)
    message, key = own.open(once(given.args), bodies.parse(data))
    if not all(_OPENID.fullmatch(message.get(name, "")) for name in ("FromUserName", "ToUserName")):
        raise Malformed("names")
    return Opened(message, key, bodies.is_json(data))


def _account() -> Account:
    own = account.from_settings(current_app.config["BOLE"])
    if own is None:
        abort(404)
    return own
