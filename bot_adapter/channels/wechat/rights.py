"""What the account may do, asked of the platform itself: each right by a call that changes and sends nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot_adapter.channels.wechat import templates
from bot_adapter.channels.wechat.api import MAX_ANSWER, SECONDS, STALE, Api, Away, Refused
from models.interview.wording import say
from models.settings import Settings

NOBODY = "nobody"  # no openid, and no media id
_CUSTOM = {"touser": NOBODY, "msgtype": "text", "text": {"content": "?"}}
_KNOWN = (40013, 40037, 40125, 40164, 40243, 45009, 48001, 48004)
State = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Right:
    """One thing that the account can do, cannot, or that nobody could be asked about. `code`: the platform's; `field`:
    the kind of a template's field that cannot be filled in."""

    name: str
    state: State
    code: int = 0
    field: str = ""

    def line(self, lang: str) -> str:
        """For people: what, whether, and what to do."""
        return f"{say(f'wechat.right_{self.name}', lang)}: {self._why(lang)}"

    def _why(self, lang: str) -> str:
        if self.field:
            return say("wechat.why_field", lang, field=self.field)
        if self.code in STALE:
            return say("wechat.why_token", lang, code=self.code)
        if self.code in _KNOWN:
            return say(f"wechat.why_{self.code}", lang)
        return say(f"wechat.state_{self.state}", lang, code=self.code)


def check(api: Api, settings: Settings) -> list[Right]:
    """Every right. Where not even the token comes, that alone."""
    token = _asked("token", api.renew)
    if token.state != "yes":
        return [token]
    return [
        token,
        _asked("custom", lambda: api.post("/cgi-bin/message/custom/send", _CUSTOM), 40003),
        _template(api, settings),
        _asked("menu", lambda: api.get("/cgi-bin/menu/get"), 46003),
        _asked("media", lambda: api.media(NOBODY, SECONDS, MAX_ANSWER), 40007),
        Right("web", "unknown"),
    ]


def _asked(name: str, ask: Callable[[], object], *means_yes: int) -> Right:
    """`means_yes`: what somebody with the right is answered to a call about nothing."""
    try:
        ask()
    except Refused as exc:
        return Right(name, "yes") if exc.code in means_yes else Right(name, "no", exc.code)
    except Away:
        return Right(name, "unknown")
    return Right(name, "yes")


def _template(api: Api, settings: Settings) -> Right:
    chosen = settings.wechat_template
    if not chosen:
        return Right("no_template", "no")
    try:
        return _asked("template", lambda: templates.filled(templates.names(templates.content(api, chosen))))
    except templates.Unfillable as exc:
        return Right("template", "no", field=str(exc))
