"""Where the queue's server is: REDIS_URL, or the embedded Valkey's unix socket."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from models.settings import Settings

SERIALIZER = JSONSerializer  # RQ's own default is pickle: whoever writes to the server could run code in a worker

SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes with its NUL; Valkey appends nothing, so keep a margin

_NEAR, _FAR = 0.15, 1.0  # seconds


def socket_path(settings: Settings) -> Path:
    """The embedded server's socket: in the data folder, or, where that path is too long for a socket address
    (unix(7): 108 bytes), under the temporary folder with a name derived from the data folder."""
    inside = settings.data / "run" / "valkey.sock"
    if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(os.fsencode(settings.data)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"bole-{os.getuid()}-{digest}" / "valkey.sock"


def connect(settings: Settings) -> Redis:
    """A lazy client: it connects at the first command, so the app starts while the server is still starting."""
    # One quick retry: the default backs off for seconds, and a commit that only wants to enqueue would wait for it;
    # what cannot be handed over now is left to the sweep.
    retry = Retry(ConstantBackoff(0.05), 1)
    # A server that hangs is waited for as shortly; RQ's workers lengthen `socket_timeout` for their blocking reads.
    if settings.redis_url:
        far: dict[str, Any] = {"socket_connect_timeout": _FAR, "socket_timeout": _FAR}
        return Redis.from_url(settings.redis_url, health_check_interval=30, retry=retry, **far)
    near: dict[str, Any] = {"socket_connect_timeout": _NEAR, "socket_timeout": _NEAR}
    return Redis(unix_socket_path=str(socket_path(settings)), health_check_interval=30, retry=retry, **near)


def queue(name: str, connection: Redis) -> Queue:
    """The queue of that name as both sides speak to it."""
    return Queue(name, connection=connection, serializer=SERIALIZER)
