"""Who sends text messages, in memory: keeps what it is given and answers as it is told. Strict: the same key twice is
an error, as is a number that takes no text messages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot_adapter import sms
from bot_adapter.messages import SendResult
from bot_adapter.routes import Template


class RecordingSms:
    """`results` are given one after the other, then every message is sent."""

    name = sms.CHANNEL

    def __init__(self) -> None:
        self.results: list[SendResult] = []
        self.sent: list[tuple[str, str]] = []
        self._keys: set[str] = set()

    def send(self, phone: str, template: Template, params: Mapping[str, str], key: str) -> SendResult:
        assert re.fullmatch(r"1[3-9]\d{9}", phone) and key
        result = self.results.pop(0) if self.results else SendResult.sent()
        if result.state == "sent":
            assert key not in self._keys, "sent twice"
            self._keys.add(key)
            self.sent.append((phone, sms.text(template, params)))
        return result
