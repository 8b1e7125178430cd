"""WeCom's API as one account of 微信客服 may use it: as the official account's (`channels.wechat.api`), with a token of
its own kind.

Source: 企业微信开发者中心, 获取access_token (90664), 接收消息和事件 (94670), 发送消息 (94677), 发送欢迎语等事件响应消息
(95122), 获取临时素材 (90254).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot_adapter.channels.kefu.account import NAME, Account
from bot_adapter.channels.wechat import api
from models.application import channel_state
from models.application.photo_format import MAX_BYTES

PAGE = 50  # messages asked for at once; of 1,000 that would be allowed a page could outlast the lease
MEDIA_SECONDS = 20.0
BAD_CURSOR_TOKEN = 95007  # the ping's token holds no longer


@dataclass(frozen=True, slots=True)
class KefuApi(api.Api):
    """`app_id` is the enterprise's id, `secret` the one of 微信客服."""

    open_kfid: str

    @classmethod
    def of(cls, account: Account) -> KefuApi:
        return cls(account.corp_id, account.secret, account.base, account.open_kfid)

    def sync(self, cursor: str, token: str) -> Mapping[str, Any]:
        """The next page of what came. Without a ping's `token` the platform allows few calls. Raises Refused, Away."""
        body = {"open_kfid": self.open_kfid, "limit": PAGE}
        body |= {"cursor": cursor} if cursor else {}
        try:
            return self.post("/cgi-bin/kf/sync_msg", body | ({"token": token} if token else {}))
        except api.Refused as exc:
            if not token or exc.code != BAD_CURSOR_TOKEN:
                raise
            return self.post("/cgi-bin/kf/sync_msg", body)

    def send(self, body: Mapping[str, Any]) -> str:
        """Send a message in the person's window; the platform's name for it. Raises Refused, Away."""
        return str(self.post("/cgi-bin/kf/send_msg", {**body, "open_kfid": self.open_kfid}).get("msgid", ""))

    def welcome(self, code: str, body: Mapping[str, Any]) -> None:
        """The one message to somebody who has come in and written nothing, within 20 seconds. Raises Refused, Away."""
        self.post("/cgi-bin/kf/send_msg_on_event", {**body, "code": code})

    def photo(self, media_id: str) -> bytes:
        """An image or a file of a person, for three days. Raises Refused, Away."""
        return self.media(media_id, MEDIA_SECONDS, MAX_BYTES)

    @property
    def _key(self) -> channel_state.Key:
        return NAME, self.app_id, "token"

    def _fetch(self, until: float) -> tuple[str, timedelta]:
        query = {"corpid": self.app_id, "corpsecret": self.secret}
        url = f"{self.base}/cgi-bin/gettoken"
        found = api.exchange("GET", url, query, seconds=until - time.monotonic()).json()
        return api.token_in(found)
