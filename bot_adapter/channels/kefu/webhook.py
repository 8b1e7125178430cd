"""The callback of 微信客服: only a ping. It is verified, leaves a promise to pull, and is answered at once."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, abort, request

from bot_adapter.channels import registry
from bot_adapter.channels.kefu import account, pings
from bot_adapter.channels.kefu.channel import Kefu
from bot_adapter.channels.proving import once, refusing
from bot_adapter.channels.wechat import bodies

blueprint = Blueprint("kefu", __name__, url_prefix="/kefu")


def init_app(app: Flask) -> None:
    """Set the channel up, where the settings name an account."""
    own = account.from_settings(app.config["BOLE"])
    if own is not None:
        registry.add(app, Kefu(own))


def channel() -> Kefu | None:
    """The channel, where it is set up."""
    found = registry.find(account.NAME)
    return found if isinstance(found, Kefu) else None


@blueprint.get("/")
def check() -> Response:
    """The platform asks whether the address is ours: its own words back, decrypted."""
    kefu = _channel()
    with refusing(account.NAME, bodies.MAX_BYTES):
        words = kefu.account.open(once(request.args), request.args.get("echostr", ""))
    return Response(words[:200], mimetype="text/plain")


@blueprint.post("/")
def receive() -> Response:
    """One ping."""
    kefu = _channel()
    with refusing(account.NAME, bodies.MAX_BYTES):
        ping = kefu.verify(request)
    if ping is not None:
        pings.take(kefu.account, ping)
    return Response(kefu.acknowledge(ping), mimetype="text/plain")


def _channel() -> Kefu:
    found = channel()
    if found is None:
        abort(404)
    return found
