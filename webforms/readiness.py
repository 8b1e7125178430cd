"""`/readyz`: whether the parts behind this process are well, for whoever watches over the machine.

`/healthz` says that the process answers; it decides about restarts and touches nothing. This one looks: yes or no for
each part, 503 where any is not well. No numbers and no names, since anybody may ask.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, jsonify
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from models import clock, health
from models.extensions import db


def init_app(app: Flask) -> None:
    """Add the page."""
    app.add_url_rule("/readyz", "readyz", ready)


def ready() -> tuple[Response, int]:
    """Every part by its name."""
    redis: Redis | None = current_app.extensions["bole"].redis
    now = clock.current().now()
    beat = health.clockwork(redis)
    parts = {
        **_database(),
        "queue": _answers(redis),
        "scheduler": beat is not None and now - beat <= health.SILENT,
        "disk": not health.disk().low,
    }
    well = all(parts.values())
    return jsonify({"ok": well, **parts}), 200 if well else 503


def _database() -> dict[str, bool]:
    try:
        now = clock.current().now()
        oldest = health.oldest_due(db.session(), now)
    except SQLAlchemyError:
        return {"database": False, "work": False}
    return {"database": True, "work": not health.stands_still(oldest, now)}


def _answers(redis: Redis | None) -> bool:
    try:
        return redis is not None and bool(redis.ping())
    except (RedisError, OSError):
        return False
