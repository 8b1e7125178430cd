"""Who is talking in the built-in chat: a signed cookie, and the signed ticket that every page carries.

The ticket authorises a post and guards it against forgery, so a browser that drops cookies loses nothing.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask import current_app, request
from werkzeug.wrappers import Response

from models.crypto import Damaged, ring

COOKIE = "bole_chat"
_TICKET, _SENDER = "chat-ticket", "chat-sender"
_TICKET_AGE = timedelta(days=30)
_SENDER_AGE = timedelta(days=180)


def sender() -> str:
    """The sender whom this browser's cookie names; a new one without it."""
    try:
        return str(ring().unsign(_SENDER, request.cookies.get(COOKIE, ""), _SENDER_AGE)["s"])
    except (Damaged, KeyError):
        return secrets.token_urlsafe(18)


def ticket(sender: str, slug: str) -> str:
    """The ticket of a page that `sender` sees."""
    return ring().sign(_TICKET, {"s": sender, "p": slug})


def sender_of(token: str, slug: str) -> str | None:
    """The sender whose ticket this is, if it holds for this programme."""
    try:
        found = ring().unsign(_TICKET, token, _TICKET_AGE)
    except Damaged:
        return None
    return str(found["s"]) if found.get("p") == slug and found.get("s") else None


def remember(response: Any, sender: str) -> Response:
    """The response, with the sender's cookie."""
    response.set_cookie(
        COOKIE,
        ring().sign(_SENDER, {"s": sender}),
        max_age=_SENDER_AGE,
        path="/chat",
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config.get("SESSION_COOKIE_SECURE")),
    )
    answer: Response = response
    return answer
