"""Telegram's webhook: an update is taken, answered at once, and replied to by a worker.

The platform delivers each person's updates one after the other, and again for a day what was not answered with 200: so
what cannot be taken now (a flood) is refused with the time to try again, and nothing of it is lost.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, abort, jsonify, request

from bot_adapter import pushing
from bot_adapter.channels import registry
from bot_adapter.channels.base import unless_kept
from bot_adapter.channels.limits import too_fast
from bot_adapter.channels.proving import refusing
from bot_adapter.channels.telegram import bodies
from bot_adapter.channels.telegram.channel import Telegram, acknowledgement, note_standing
from bot_adapter.channels.telegram.updates import NAME, Update
from bot_adapter.messages import OutboundMessage
from models.extensions import db

WAIT = 60  # seconds until the platform may try a flood's next message
blueprint = Blueprint(NAME, __name__, url_prefix="/telegram")


def init_app(app: Flask) -> None:
    """Let the settings' bot send. Raises SettingsError for a token that is none."""
    channel = Telegram.from_settings(app.config["BOLE"])
    if channel is not None:
        registry.add(app, channel)


def own() -> Telegram | None:
    """The bot that this application has, if it has one."""
    found = registry.find(NAME)
    return found if isinstance(found, Telegram) else None


@blueprint.post("/")
def receive() -> Response:
    """One update."""
    channel = own()
    if channel is None or not channel.listens:
        abort(404)
    with refusing(NAME, bodies.MAX_BYTES):
        update = channel.read(channel.verify(request))
    if update.message is not None and too_fast(f"{NAME}:{update.sender}", relayed=True):
        return Response(status=429, headers={"Retry-After": str(WAIT)})
    apology = take(channel, update)
    return jsonify(said_at_once(update, apology))


def take(channel: Telegram, update: Update) -> list[OutboundMessage]:
    """Keep what an update says, and promise the reply to it. What is returned could not be kept: an apology."""
    note_standing(update, channel.api.bot_id)
    if update.message is None:
        return []
    apology = pushing.accept(unless_kept(update.message, channel.with_media), channel.capabilities)
    db.session.rollback()
    return apology


def said_at_once(update: Update, apology: list[OutboundMessage]) -> dict[str, Any]:
    """The call that the platform makes of our answer: the apology, where one is due, else what ends a button's turning
    (which ends by itself as well)."""
    if not apology:
        return acknowledgement(update)
    return {"method": "sendMessage", "chat_id": int(update.sender), "text": apology[0].text}
