"""Text messages: a way of last resort for three things (received, to be corrected, decided), behind one interface.

Who sends them is one object an app. The console's writes to the log what would go out, its number and code masked; a
gateway's would map `template` to the one that it has on file there, which takes the params and no free text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, cast

import structlog
from flask import Flask, current_app

from bot_adapter.messages import SendResult
from bot_adapter.routes import Template
from models.interview.wording import say
from models.office.masking import mask

CHANNEL, CONSOLE = "sms", "console"
_KEY = "bole.sms"
_NEVER = object()

log = structlog.get_logger(__name__)


class SmsSender(Protocol):
    """Sends one text message of a fixed form."""

    name: str  # what its sends are kept under: `CHANNEL`; of one that sends nothing, `CONSOLE`

    def send(self, phone: str, template: Template, params: Mapping[str, str], key: str) -> SendResult:
        """To a mobile number of eleven digits. `params`: language, programme, receipt, url; `key`: the send's own key,
        the same for every attempt. Never raises for what the gateway or the network does."""


class ConsoleSms:
    """Sends nothing: the log shows what would have gone out. Nobody counts as told by it."""

    name = CONSOLE

    def send(self, phone: str, template: Template, params: Mapping[str, str], key: str) -> SendResult:
        shown = {**params, "receipt": mask("", params["receipt"])}
        log.info("sms_not_sent", to=mask("phone", phone), text=text(template, shown), key=key)
        return SendResult.sent()


def text(template: Template, params: Mapping[str, str]) -> str:
    """The message in words, in the language of `params`."""
    given = dict(params)
    return say(f"sms.{template}", given.pop("language"), **given)


def use(app: Flask, sender: SmsSender | None) -> None:
    """Let `sender` send for this app instead of what the settings say; None: nobody."""
    app.extensions[_KEY] = sender


def find() -> SmsSender | None:
    """Who sends; None where no text messages are wanted."""
    given = current_app.extensions.get(_KEY, _NEVER)
    if given is _NEVER:
        return ConsoleSms() if current_app.config["BOLE"].sms_sender == "console" else None
    return cast("SmsSender | None", given)
