"""The channels of the installation: what is set, how each has gone lately, and a test; for administrators."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from bot_adapter.channels.wechat.rights import Right
from models import clock
from models.extensions import db
from models.interview import wording
from models.office import channel_facts, channel_testing, scope
from models.office.channel_testing import Finding, Result
from models.settings import Settings
from webforms.office_base import lang, page, staff, staff_route
from webforms.office_setup_words import CHANNEL

_STATES = {True: "yes", False: "no", None: "unknown"}
_STYLES = {"ok": "success", channel_testing.WAITING: "info", "not_set": "secondary"}


@staff_route("/channels", scope.ADMIN)
def channels_page() -> ResponseReturnValue:
    """Every channel, set up or not."""
    settings: Settings = current_app.config["BOLE"]
    found = channel_facts.channels(db.session(), settings)
    db.session.rollback()  # what is kept of a test is read by a connection of its own
    tests = {name: _shown(channel_testing.latest(name)) for name in channel_testing.TESTED}
    return page("channels.html", channels=found, tests=tests, names=CHANNEL, say=_say)


@staff_route("/channels/test", scope.ADMIN, methods=("POST",))
def test_channel() -> ResponseReturnValue:
    """Have a channel tried by a worker."""
    channel = request.form.get("channel", "")
    channel_testing.ask(staff(), channel)
    flash(_("正在测试，几秒后这里显示结果。"), "info")
    return redirect(url_for("office.channels_page", _anchor=f"c-{channel}"))


def _shown(result: Result | None) -> dict[str, Any] | None:
    """How a test ended, in words."""
    if result is None or result.at is None:
        return None
    late = result.kind == channel_testing.WAITING and clock.current().now() - result.at >= channel_testing.PATIENCE
    kind = "late" if late else result.kind
    return {
        "kind": kind,
        "at": result.at,
        "style": _STYLES.get(kind, "danger" if kind != "late" else "warning"),
        "text": _say(f"test_{kind}", code=result.code),
        "lines": [(one.good, _line(one)) for one in result.findings],
    }


def _line(finding: Finding) -> str:
    if finding.name.startswith(channel_testing.RIGHT):
        code, _colon, about = finding.value.partition(":")
        name = finding.name.removeprefix(channel_testing.RIGHT)
        if name == "no_template":  # chosen so, and no refusal
            return wording.say(finding.name, lang())
        return Right(name, _STATES[finding.good], int(code), about).line(lang())  # type: ignore[arg-type]
    return wording.say(finding.name, lang(), value=finding.value)


def _say(name: str, **params: object) -> str:
    return wording.say(f"channel.{name}", lang(), **params)
