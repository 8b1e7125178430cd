"""Composition root: `create_app` binds settings, database, keys, files, doors and office into one Flask app."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from models import extensions
from models.clock import SystemClock
from models.crypto import KeyRing
from models.keys import kept_ring, load_keys
from models.queue_client import connect
from models.settings import Settings
from models.storage import open_storage
from webforms import errors
from webforms.flask_app import BoleFlask
from webforms.services import Services

if TYPE_CHECKING:
    from models.clock import Clock

MAX_REQUEST = 40 * 1024 * 1024  # one 30 MB photo and the form around it
MIGRATIONS = Path(__file__).parent.parent / "models" / "migrations"

# Blueprints of the doors: those guarded by signed tickets are exempt from the session's CSRF token.
_TICKETED = (
    "webforms.apply",
    "bot_adapter.channels.webchat",
    "bot_adapter.channels.wechat.webhook",
    "bot_adapter.channels.telegram.webhook",
    "bot_adapter.channels.kefu.webhook",
)
_SESSION = ("webforms.office",)
# Blueprints and endpoints, see `webforms.flask_app`.
_MACHINES = frozenset({"wechat", "telegram", "kefu", "healthz", "readyz"})
_PARTS = (
    "webforms.requests",
    "webforms.assets",
    "webforms.i18n",
    "webforms.errors",
    "webforms.access",
    "webforms.security",
    "webforms.readiness",
)

_HARDENING = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; script-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}

csrf = CSRFProtect()


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> Flask:
    """The whole application. Reads no environment beyond `Settings.from_env` when `settings` is not given.

    Raises SettingsError when a secret is missing or weak.
    """
    settings = settings or Settings.from_env()
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = load_keys(settings)
    app = BoleFlask(__name__)
    app.machines = _MACHINES
    app.config.from_mapping(
        BOLE=settings,
        SECRET_KEY=keys.secret,
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MIGRATIONS_DIR=str(MIGRATIONS),
        MAX_CONTENT_LENGTH=MAX_REQUEST,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        WTF_CSRF_TIME_LIMIT=None,
    )
    ring = KeyRing.from_text(keys.ring, kept_ring(settings))
    app.extensions["bole"] = Services(
        settings=settings,
        clock=clock or SystemClock(settings.today),
        ring=ring,
        storage=open_storage(settings, ring),
        redis=connect(settings),
    )
    app.crowd.redis = app.extensions["bole"].redis
    extensions.init_app(app)
    csrf.init_app(app)
    app.before_all += [_declare_readers, errors.bind]
    for name in _PARTS:
        _module(name, app)
    for name in (*_TICKETED, *_SESSION):
        _door(name, app)
    app.after_all.append(_harden)
    app.add_url_rule("/healthz", "healthz", _healthy)
    if settings.proxies:  # without it every visitor has the proxy's address, and one limit is everybody's
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _healthy() -> str:
    """For the supervisor and a load balancer: this process answers. It touches nothing else on purpose, so that a
    database that is slow for a moment does not make the supervisor restart a healthy web process."""
    return "ok"


def _engine_options(settings: Settings) -> dict[str, object]:
    if settings.sqlalchemy_url.startswith("sqlite"):
        return {}
    return {"pool_pre_ping": True, "pool_size": 10}


def _module(name: str, app: Flask) -> None:
    if importlib.util.find_spec(name) is not None:
        importlib.import_module(name).init_app(app)


def _door(name: str, app: Flask) -> None:
    if importlib.util.find_spec(name) is None:
        return
    module = importlib.import_module(name)
    app.register_blueprint(module.blueprint)
    if name in _TICKETED:
        csrf.exempt(module.blueprint)
    if hasattr(module, "init_app"):
        module.init_app(app)


def _declare_readers() -> None:
    """GET and HEAD only read; everything else takes SQLite's write lock at BEGIN (see `models.extensions`)."""
    extensions.set_reading(request.method in ("GET", "HEAD", "OPTIONS"))


def _harden(response: Response) -> Response:
    """What every answer says to a browser, where the view did not say otherwise."""
    headers = response.headers
    said = {name.lower() for name, _ in headers}  # of Headers, `in` searches a list each time
    for name, value in _HARDENING.items():
        if name.lower() not in said:
            headers.add(name, value)
    endpoint = request.endpoint or ""
    if "cache-control" not in said and endpoint != "static" and not endpoint.endswith(".static"):
        headers.add("Cache-Control", "no-cache, private")
    return response
