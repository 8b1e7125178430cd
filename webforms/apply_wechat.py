"""From WeChat into the form as the same person (网页授权, snsapi_base: nothing is asked, nothing but the openid comes).

The state is signed, bound to the browser by a cookie, and holds once: nobody can finish in somebody else's browser
what they began in their own, and so have them write into a stranger's application. The openid is in no address and no
cookie; the code in the address is the platform's, and it takes it once.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import structlog
from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from bot_adapter.channels.wechat import api, entering
from bot_adapter.channels.wechat.api import Away, Refused
from models import clock, crypto
from models.application import channel_state, handoff
from models.settings import Settings
from webforms import access
from webforms.access import limiter
from webforms.apply_base import blueprint, open_pack, page
from webforms.apply_resume import BY_LINK

AUTHORIZE = "https://open.weixin.qq.com/connect/oauth2/authorize"
STATE_COOKIE, CHAT_COOKIE = "bole_wechat_state", "bole_wechat_chat"
STATE_AGE = timedelta(minutes=10)
CHAT_AGE = timedelta(hours=2)  # from coming in to beginning an application
_CODE = re.compile(r"[A-Za-z0-9_-]{1,512}")
log = structlog.get_logger(__name__)


@blueprint.get("/wechat/enter", defaults={"slug": ""})
@blueprint.get("/wechat/enter/<slug>")
def wechat_enter(slug: str) -> ResponseReturnValue:
    """To the platform, which tells us who it is. Outside WeChat, and without the right, to the programme's page."""
    if slug:
        open_pack(slug)
    settings = _settings()
    if api.from_settings(settings) is None or "MicroMessenger" not in (request.user_agent.string or ""):
        return redirect(_front(slug))
    nonce = secrets.token_hex(16)
    query = {
        "appid": settings.wechat_app_id,
        "redirect_uri": f"{settings.base_url}{url_for('apply.wechat_entered')}",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": _state(nonce),
    }
    response = redirect(f"{AUTHORIZE}?{urlencode(query)}#wechat_redirect")
    _set(response, STATE_COOKIE, crypto.ring().sign(STATE_COOKIE, {"n": nonce, "p": slug}), STATE_AGE, "/wechat")
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _failed(response: Response) -> bool:
    """Only what failed is counted: a whole office may sit behind one address."""
    return "/wechat/again" in (response.location or "")


@blueprint.get("/wechat/entered")
@limiter.limit(BY_LINK, deduct_when=_failed)
def wechat_entered() -> ResponseReturnValue:
    """Back from the platform: to the application of this person's chat, or to where one is begun that the chat will
    carry on."""
    begun = _begun()
    own, code = api.from_settings(_settings()), request.args.get("code", "")
    if own is None or begun is None or not _CODE.fullmatch(code) or not _is_first(own, begun["n"]):
        return _refused(begun)
    try:
        openid = own.openid(code)
    except Refused as exc:
        log.warning("wechat_entry_refused", code=exc.code)
        return _refused(begun)
    except Away as exc:
        log.warning("wechat_entry_away", reason=exc.reason)
        return _refused(begun, away=True)
    response = redirect(_front(begun["p"])) if openid is None else _enter(openid, begun["p"])
    response.delete_cookie(STATE_COOKIE, path="/wechat")
    return response


@blueprint.get("/wechat/again", defaults={"slug": ""})
@blueprint.get("/wechat/again/<slug>")
def wechat_again(slug: str) -> ResponseReturnValue:
    """It did not work: why, and three ways on."""
    if slug:
        open_pack(slug)
    again = url_for("apply.wechat_enter", slug=slug) if slug else url_for("apply.wechat_enter")
    return page("wechat", away=bool(request.args.get("away")), again=again, front=_front(slug))


def carried_in_wechat(response: Response, slug: str, application_id: str) -> Response:
    """After an application was begun: if the person has come from WeChat for it, their chat carries it on."""
    came = _read(CHAT_COOKIE, CHAT_AGE)
    if came is not None and came.get("p") == slug:
        entering.carry_on(str(came["c"]), application_id)
        response.delete_cookie(CHAT_COOKIE)
    return response


def _enter(openid: str, slug: str) -> Response:
    conversation = entering.conversation_of(openid)
    application = entering.application_of(conversation, slug) if conversation is not None else None
    if application is not None and slug in ("", application.programme):
        held = access.application_id(application.programme)
        if held not in (None, application.id):  # another one is being filled in on this device: the link asks first
            return redirect(url_for("apply.handoff", token=handoff.make(application.id)))
        access.hold(application.programme, application.id)
        return redirect(url_for("apply.go_on", slug=application.programme))
    slug = slug or (conversation.programme or "" if conversation is not None else "")
    response = redirect(_front(slug))
    if slug and conversation is not None and application is None:
        payload = {"c": conversation.id, "p": slug}
        _set(response, CHAT_COOKIE, crypto.ring().sign(CHAT_COOKIE, payload), CHAT_AGE, "/")
    return response


def _begun() -> dict[str, Any] | None:
    """What this browser has begun, if the state is of that; None for a forged, another browser's or old one."""
    begun = _read(STATE_COOKIE, STATE_AGE)
    state = request.args.get("state", "")
    if begun is None or not hmac.compare_digest(_state(str(begun.get("n"))).encode(), state.encode()):
        return None
    return begun


def _is_first(own: api.Api, nonce: str) -> bool:
    now = clock.current().now()
    return channel_state.first((api.CHANNEL, own.app_id, f"used:{nonce}"), now, now + STATE_AGE)


def _state(nonce: str) -> str:
    """Letters and digits, which is all that the platform brings back, and fewer than its 128."""
    return nonce + crypto.ring().blind_index(nonce, "wechat-state")[:40]


def _refused(begun: dict[str, Any] | None, away: bool = False) -> Response:
    """To a page with ways on, whose address holds neither code nor state."""
    slug = str(begun["p"]) if begun is not None else ""
    return redirect(url_for("apply.wechat_again", slug=slug or None, away=int(away) or None))


def _front(slug: str) -> str:
    slug = slug or _settings().wechat_programme
    return url_for("apply.programme", slug=slug) if slug else url_for("apply.home")


def _read(name: str, age: timedelta) -> dict[str, Any] | None:
    try:
        return crypto.ring().unsign(name, request.cookies.get(name, ""), age)
    except crypto.Damaged:
        return None


def _set(response: Response, name: str, value: str, age: timedelta, path: str) -> None:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(name, value, max_age=age, path=path, httponly=True, samesite="Lax", secure=secure)


def _settings() -> Settings:
    found: Settings = current_app.config["BOLE"]
    return found
