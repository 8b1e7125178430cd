"""What an account with rights sends by itself: customer-service messages, and reminders by a template.

Source: WeChat's 服务号 documentation (发送客服消息, 发送模板消息, 全局返回码).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import structlog

from bot_adapter.channels.wechat import bodies, templates
from bot_adapter.channels.wechat.api import STALE, Api, Away, Refused
from bot_adapter.messages import OutboundMessage, Problem, SendResult
from models import clock
from models.clock import CHINA
from models.settings import Settings

log = structlog.get_logger(__name__)
MINUTE = 60.0
_PROBLEMS: dict[int, Problem] = {
    **dict.fromkeys(STALE, "config"),
    -1: "transient",
    45015: "window_closed",
    45047: "window_closed",  # the quota: the next message of the person opens it again
    43004: "blocked",
    43019: "blocked",  # the account has them on its own black list
    48002: "blocked",  # they have switched the account's messages off
    50005: "blocked",
    43101: "rejected",  # of this template they want nothing
    45009: "throttled",
    45011: "throttled",
    **dict.fromkeys((40013, 40125, 40164, 40243, 41002, 41004, 48001, 48004, 48006, 50002, 61024), "config"),
    **dict.fromkeys((40037, 43116, 47003), "config"),  # the template: not the account's, banned, or other fields
}  # all others, such as 45002 (too long) and 40003 (another account's openid): rejected


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends for one account. Inside an app context."""

    api: Api
    settings: Settings

    def send(self, message: OutboundMessage) -> SendResult:
        """A customer-service message; its choices are numbered text. The platform gives it no id and tells nothing of
        it later, and does not notice when it comes twice: what it may have taken is not sent again."""
        assert message.recipient is not None
        text = str(bodies.clean(message.plain()))
        body = {"touser": message.recipient.sender_id, "msgtype": "text", "text": {"content": text}}

        def send() -> str:
            self.api.post("/cgi-bin/message/custom/send", body)
            return ""

        return _result(send)

    def remind(self, message: OutboundMessage) -> SendResult:
        """The template message with the way in; `client_msg_id` lets the platform drop the same one for ten minutes."""
        assert message.recipient is not None
        if not self.settings.wechat_template:
            return SendResult.problem("config", "no template")
        recipient = message.recipient.sender_id
        page = next((page.url for page in message.attachments), f"{self.settings.base_url}/wechat/enter")

        def send() -> str:
            sent = self.api.post(
                "/cgi-bin/message/template/send",
                {
                    "touser": recipient,
                    "template_id": self.settings.wechat_template,
                    "url": page,
                    "data": templates.filled(templates.fields(self.api, self.settings.wechat_template)),
                    "client_msg_id": hashlib.sha256(message.id.encode()).hexdigest()[:32],
                },
            )
            return str(sent.get("msgid", ""))

        try:
            return _result(send, repeatable=True)
        except templates.Unfillable as exc:
            return SendResult.problem("config", f"template field {exc}")


def _result(send: Callable[[], str], *, repeatable: bool = False) -> SendResult:
    try:
        return SendResult.sent(send())
    except Refused as exc:
        return SendResult.problem(_PROBLEMS.get(exc.code, "rejected"), str(exc.code), _wait(exc.code))
    except Away as exc:
        if exc.done and not repeatable:
            return SendResult("uncertain", error="transient", detail=exc.reason)
        return SendResult.problem("throttled" if exc.throttled else "transient", exc.reason, exc.retry_after)


def _wait(code: int) -> float | None:
    """The daily quota begins anew at midnight in China, that of a minute in a minute."""
    if code == 45011:
        return MINUTE
    if code != 45009:
        return None
    now = clock.current().now()
    midnight = datetime.combine(now.astimezone(CHINA).date() + timedelta(days=1), time(0, 5), CHINA)
    return (midnight - now).total_seconds()
