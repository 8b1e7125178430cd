"""The account of 微信客服 (WeCom) that the settings name, and what a callback to it must prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot_adapter.channels.errors import Forged
from bot_adapter.channels.wechat.envelope import AesKey, is_signed
from models.settings import Settings

NAME = "kefu"


@dataclass(frozen=True, slots=True)
class Account:
    """One customer-service account (`open_kfid`) of an enterprise; `key` is bound to the enterprise's id."""

    corp_id: str
    open_kfid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    key: AesKey
    base: str
    programme: str = ""  # what the account is for; empty: the person chooses

    def open(self, query: Mapping[str, str], encrypted: str) -> bytes:
        """What a callback carries, or the words of the check of its address. Raises Forged.

        Callbacks are always encrypted; what is not is not from the platform.
        """
        given = [query.get(name, "") for name in ("msg_signature", "timestamp", "nonce")]
        if not encrypted or not all(given) or not is_signed(given[0], self.token, *given[1:], encrypted):
            raise Forged("msg_signature")
        return self.key.open(encrypted)


def from_settings(settings: Settings) -> Account | None:
    """The account, once all of it is set; a part of it is of no use."""
    needed = (
        settings.kefu_corp_id,
        settings.kefu_account,
        settings.kefu_secret,
        settings.kefu_token,
        settings.kefu_aes_key,
    )
    if not all(needed):
        return None
    corp_id, open_kfid, secret, token, aes_key = needed
    key = AesKey(aes_key, corp_id)
    return Account(corp_id, open_kfid, secret, token, key, settings.kefu_api.rstrip("/"), settings.kefu_programme)
