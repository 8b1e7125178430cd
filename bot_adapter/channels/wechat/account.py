"""The official account that the settings name, and what a request to it must prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from bot_adapter.channels.errors import Forged
from bot_adapter.channels.wechat import bodies
from bot_adapter.channels.wechat.envelope import AesKey, is_signed, open_with, signature
from models.digests import sha256
from models.settings import Settings

Mode = Literal["plain", "compatible", "safe"]


@dataclass(frozen=True, slots=True)
class Account:
    """Token and keys of one account. `keys`: the current EncodingAESKey, then the previous one for a while."""

    token: str = field(repr=False)
    mode: Mode
    keys: tuple[AesKey, ...]

    def verify(self, query: Mapping[str, str]) -> None:
        """The signature of a GET check or a plain message. Raises Forged."""
        if not is_signed(_one(query, "signature"), self.token, _one(query, "timestamp"), _one(query, "nonce")):
            raise Forged("signature")

    def open(self, query: Mapping[str, str], body: Mapping[str, str]) -> tuple[dict[str, str], AesKey | None]:
        """The message in a parsed body, and the key that its reply is to be encrypted with (None: in plain text).

        In safe mode only what is encrypted counts. Raises Forged, and Malformed where the message inside is none.
        """
        if query.get("encrypt_type", "raw") != "aes":
            if self.mode == "safe":
                raise Forged("plain text to an account in safe mode")
            self.verify(query)
            return dict(body), None
        encrypted = body.get("Encrypt", "")
        signed = (self.token, _one(query, "timestamp"), _one(query, "nonce"), encrypted)
        if not self.keys or not encrypted or not is_signed(_one(query, "msg_signature"), *signed):
            raise Forged("msg_signature")
        message, key = open_with(self.keys, encrypted)
        return bodies.parse(message), key

    def seal(self, reply: bytes, key: AesKey, nonce: str, timestamp: int, *, as_json: bool) -> bytes:
        """An encrypted reply."""
        encrypted = key.seal(reply)
        signed = signature(self.token, str(timestamp), nonce, encrypted)
        fields: dict[str, str | int] = {
            "Encrypt": encrypted,
            "MsgSignature": signed,
            "TimeStamp": timestamp,
            "Nonce": nonce,
        }
        return bodies.write(fields, as_json=as_json)


def from_settings(settings: Settings) -> Account | None:
    """The account, if one is set up."""
    if not settings.wechat_token:
        return None
    keys = tuple(AesKey(key, settings.wechat_app_id) for key in settings.wechat_aes_keys)
    return Account(settings.wechat_token, settings.wechat_mode or ("safe" if keys else "plain"), keys)


def dedupe_key(message: Mapping[str, str]) -> str:
    """The same for every delivery of one message: by its id, or, for events, by what and when; the sender is added by
    the conversation."""
    said = message.get
    parts = (said("MsgId", ""), said("CreateTime", ""), said("Event", ""), said("EventKey", ""))
    return sha256("\n".join(parts).encode())


def sent_at(message: Mapping[str, str]) -> datetime | None:
    """When the person sent it (CreateTime, whole seconds); None where the message does not say it in digits."""
    seconds = message.get("CreateTime", "")
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 10):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


def _one(query: Mapping[str, str], name: str) -> str:
    if not query.get(name):
        raise Forged(f"{name} is missing")
    return query[name]
