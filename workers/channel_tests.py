"""Whether each channel works, by a call that sends nothing to anybody: what is wrong is told by its kind."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import closing, suppress

from flask import current_app
from sqlalchemy.orm import Session

from bot_adapter.channels.kefu import account as kefu_account
from bot_adapter.channels.kefu.api import KefuApi
from bot_adapter.channels.telegram import api as telegram_api
from bot_adapter.channels.wechat import api, rights
from models.extensions import db
from models.office import channel_testing, letter_form
from models.office.channel_testing import Finding, Result
from models.settings import Settings
from workers import letters
from workers.runtime import run_prepared

SECONDS = 10.0  # for one answer of Telegram
# Source: 微信公众平台 getStableAccessToken, 企业微信 全局错误码
_CODES = {
    **dict.fromkeys((40001, 40013, 40091, 40125, 41002, 41004), "key"),
    **dict.fromkeys((40164, 60020), "ip"),
    **dict.fromkeys((89501, 89503, 89506, 89507), "confirm"),
    **dict.fromkeys((40243, 50004, 50007), "frozen"),
    **dict.fromkeys((45009, 45011), "limit"),
}
_GOOD = {"yes": True, "no": False, "unknown": None}
_UNREACHED = ("ConnectError", "ConnectTimeout", "UnsupportedProtocol", "InvalidURL")


def test_channel(outbox_id: str) -> None:
    """Job: try one channel and keep what came of it."""
    run_prepared(outbox_id, _try, _done)


def _done(_channel: str, _session: Session, _tried: None) -> None:
    """Nothing: the result was kept as it came."""


def _try(channel: str) -> None:
    settings: Settings = current_app.config["BOLE"]
    db.session.remove()  # no session is open while a platform is called
    channel_testing.keep(channel, _TESTS[channel](settings))


def _wechat(settings: Settings) -> Result:
    found = api.from_settings(settings)
    if found is None:
        return Result("not_set")
    result = _token(found)
    if result.kind != "ok":
        return result
    lines = (
        Finding(f"{channel_testing.RIGHT}{one.name}", _good(one), f"{one.code}:{one.field}")
        for one in rights.check(found, settings)[1:]
    )
    return Result("ok", findings=tuple(lines))


def _good(right: rights.Right) -> bool | None:
    """A template that nobody has chosen is no fault."""
    return None if right.name == "no_template" else _GOOD[right.state]


def _kefu(settings: Settings) -> Result:
    account = kefu_account.from_settings(settings)
    return Result("not_set") if account is None else _token(KefuApi.of(account))


def _token(found: api.Api) -> Result:
    try:
        found.renew()
    except api.Refused as refused:
        return Result(_CODES.get(refused.code, "refused"), str(refused.code))
    except api.Away as away:
        if away.throttled:
            return Result("limit", away.reason)
        if away.reason in _UNREACHED:
            return Result("network", away.reason)
        return Result("odd" if away.reason.startswith(("status", "no ")) else "silent", away.reason)
    return Result("ok")


def _telegram(settings: Settings) -> Result:
    found = telegram_api.from_settings(settings)
    if found is None:
        return Result("not_set")
    with closing(found):
        me = found.call("getMe", seconds=SECONDS)
        if not me.ok:
            return _telegram_refusal(me)
        name = me.result.get("username", "") if isinstance(me.result, dict) else ""
        return Result("ok", findings=(Finding("channel.found_bot", True, str(name)[:64]), *_webhook(found, settings)))


def _telegram_refusal(answer: telegram_api.Answer) -> Result:
    if answer.trouble:
        return Result("network" if answer.trouble == "unsent" else "silent", answer.trouble)
    kinds = {401: "key", 404: "key", 429: "limit"}
    return Result(kinds.get(answer.code, "odd" if answer.code >= 500 else "refused"), str(answer.code))


def _webhook(found: telegram_api.Api, settings: Settings) -> list[Finding]:
    """Whether the platform brings messages to us. What it last complained of is its own words, and not kept."""
    info = found.call("getWebhookInfo", seconds=SECONDS)
    if not info.ok or not isinstance(info.result, dict):
        return []
    address = info.result.get("url")
    if not address:
        return [Finding("channel.found_no_webhook", None)]
    ours = address == f"{settings.base_url}/telegram/"
    lines = [Finding("channel.found_webhook" if ours else "channel.found_other_webhook", ours)]
    waiting = info.result.get("pending_update_count", 0)
    if isinstance(waiting, int) and waiting:
        lines.append(Finding("channel.found_waiting", None, str(waiting)))
    return lines


def _email(settings: Settings) -> Result:
    if not settings.smtp_host:
        return Result("not_set")
    try:
        server = letters.connect(settings)
        try:
            return _as_sender(server)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()
    except smtplib.SMTPNotSupportedError:
        return Result("encryption", "not supported")
    except ssl.SSLCertVerificationError:
        return Result("certificate", "certificate")
    except ssl.SSLError:
        return Result("encryption", "SSLError")
    except smtplib.SMTPAuthenticationError as refused:
        return Result("key" if refused.smtp_code >= 500 else "silent", str(refused.smtp_code))
    except smtplib.SMTPServerDisconnected:
        return Result("silent", "disconnected")
    except smtplib.SMTPResponseException as refused:
        return Result("refused", str(refused.smtp_code))
    except TimeoutError:
        return Result("network", "TimeoutError")
    except (OSError, smtplib.SMTPException) as away:
        return Result("network", type(away).__name__)


def _as_sender(server: smtplib.SMTP) -> Result:
    """Begin a letter from our address and drop it again: servers refuse there who may not send as that address."""
    code, _said = server.noop()
    if code >= 400:
        return Result("refused", str(code))
    code, _said = server.docmd(f"MAIL FROM:<{letter_form.sender()}>")
    if code >= 400:
        return Result("sender", str(code))
    server.docmd("RSET")
    return Result("ok")


_TESTS: dict[str, Callable[[Settings], Result]] = {
    "wechat": _wechat,
    "kefu": _kefu,
    "telegram": _telegram,
    "email": _email,
}
