"""The account of 微信客服 (WeCom) that the settings name, and what a callback to it must prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot_adapter.channels.errors import Forged
from bot_adapter.channels.wechat.envelope import AesKey, is_signed
from models.errors import SettingsError
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
    """The account, if one is set up. Raises SettingsError for a part of one, which would be silent for no reason that
    anybody sees."""
    given = {
        "BOLE_KEFU_CORP_ID": settings.kefu_corp_id,
        "BOLE_KEFU_ACCOUNT": settings.kefu_account,
        "BOLE_KEFU_SECRET": settings.kefu_secret,
        "BOLE_KEFU_TOKEN": settings.kefu_token,
        "BOLE_KEFU_AES_KEY": settings.kefu_aes_key,
    }
    missing = [name for name, value in given.items() if not value]
    if len(missing) == len(given):
        return None
    if missing:
        raise SettingsError(f"微信客服 is set up in part: {', '.join(missing)} missing (see docs/channels.md)")
    try:
        key = AesKey(settings.kefu_aes_key, settings.kefu_corp_id)
    except ValueError as exc:
        raise SettingsError(f"BOLE_KEFU_AES_KEY: {exc}") from None
    return Account(
        corp_id=settings.kefu_corp_id,
        open_kfid=settings.kefu_account,
        secret=settings.kefu_secret,
        token=settings.kefu_token,
        key=key,
        base=settings.kefu_api.rstrip("/"),
        programme=settings.kefu_programme,
    )
