"""Who may go on with which application on this device, without accounts.

Two proofs, either is enough for a POST: the device's cookie, and the signed **ticket** that every page carries in its
form. WeChat drops cookies and people leave a page open for a day: the ticket still saves what they typed, and because
no other site can know it, it is the guard against forged requests too (see docs/decisions.md).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, current_app, g, request
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot_adapter.channels.origin import forbid_cross_site
from models import crypto
from models.application import receipt
from models.extensions import limiter as limiter
from models.queue_client import socket_path
from webforms.errors import PageExpired

COOKIE = "bole_door"
COOKIE_AGE = timedelta(days=30)
TICKET_AGE = timedelta(days=14)
LIMITER_PATIENCE = 0.2  # seconds that a request waits for the server that counts attempts


def init_app(app: Flask) -> None:
    """Bind the limiter (counts shared through Valkey where there is one) and the device's cookie to `app`."""
    settings = app.config["BOLE"]
    server = settings.redis_url or f"unix://{socket_path(settings)}"
    # "redis+unix" is the limiter's name for a unix socket. While the server is away each process counts for itself.
    app.config.setdefault("RATELIMIT_STORAGE_URI", server.replace("unix://", "redis+unix://", 1))
    # No retries: the library's own back off for seconds, and a message would wait for them.
    patience = dict.fromkeys(("socket_connect_timeout", "socket_timeout"), LIMITER_PATIENCE)
    quick = {**patience, "retry": Retry(NoBackoff(), 0)}
    app.config.setdefault("RATELIMIT_STORAGE_OPTIONS", quick)
    app.config.setdefault("RATELIMIT_IN_MEMORY_FALLBACK_ENABLED", True)
    limiter.init_app(app)
    app.after_request(_write)


def held() -> dict[str, dict[str, str]]:
    """What this device holds, by programme: ``app`` (its id), where it was told ``link`` (resume token), and ``read``:
    up to when it has shown the messages."""
    if "door" not in g:
        g.door = _read(request.cookies.get(COOKIE, ""), "door", COOKIE_AGE) or {}
    found: dict[str, dict[str, str]] = g.door
    return found


def application_id(slug: str) -> str | None:
    """The application of this programme that this device holds."""
    return held().get(slug, {}).get("app")


def hold(slug: str, app_id: str, link: str = "") -> None:
    """Remember the application on this device."""
    known = held().get(slug, {})
    same = known if known.get("app") == app_id else {}
    _put(slug, {**same, "app": app_id, "link": link or same.get("link", "")})


def read_until(slug: str) -> datetime | None:
    """Up to when this device has shown the messages of its application; None where it has shown none."""
    at = held().get(slug, {}).get("read", "")
    return datetime.fromisoformat(at) if at else None


def mark_read(slug: str, at: datetime) -> None:
    """The messages up to `at` are on the page that this request answers with."""
    known, until = held().get(slug), read_until(slug)
    if known and (until is None or at > until):
        _put(slug, {**known, "read": at.isoformat()})


def _put(slug: str, entry: dict[str, str]) -> None:
    if held().get(slug) != entry:
        g.door = {**held(), slug: entry}
        g.door_changed = True


def let_go(slug: str) -> None:
    """Forget the application on this device; the application itself stays."""
    if slug in held():
        g.door = {name: entry for name, entry in held().items() if name != slug}
        g.door_changed = True


def ticket(slug: str, app_id: str) -> str:
    """The signed ticket that a page's forms carry."""
    return crypto.ring().sign("ticket", {"s": slug, "a": app_id})


def tag(app_id: str) -> str:
    """What a page calls its application to its own script: says nothing, opens nothing."""
    return crypto.ring().blind_index(app_id, "page")[:16]


def require(slug: str) -> str:
    """The application id of this request; raises PageExpired when neither ticket nor cookie proves one.

    A POST needs the ticket, and the ticket wins over the cookie: the page that was filled in is what is saved.
    """
    if request.method in ("GET", "HEAD"):
        app_id = application_id(slug)
        if app_id is None:
            raise PageExpired
        return app_id
    forbid_cross_site()
    payload = _ticket()
    if payload is None or payload.get("s") != slug:
        raise PageExpired
    app_id = str(payload["a"])
    hold(slug, app_id)
    return app_id


def application_of_ticket() -> str:
    """The application that this request's ticket names; empty without a valid one."""
    payload = _ticket()
    return str(payload["a"]) if payload else ""


def _ticket() -> dict[str, Any] | None:
    return _read(request.form.get("_ticket", ""), "ticket", TICKET_AGE)


def receipt_key() -> str:
    """Counts attempts by the receipt code that is tried, whoever tries it; the code itself is not kept."""
    code = receipt.normalise(request.form.get("receipt", "")) or "malformed"
    return crypto.ring().blind_index(code, "limit")


def _read(token: str, purpose: str, age: timedelta) -> dict[str, Any] | None:
    if not token:
        return None
    try:
        return crypto.ring().unsign(purpose, token, max_age=age)
    except crypto.Damaged:
        return None


def _write(response: Response) -> Response:
    if g.get("door_changed"):
        response.set_cookie(
            COOKIE,
            crypto.ring().sign("door", g.door),
            max_age=int(COOKIE_AGE.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    return response
