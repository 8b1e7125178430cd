"""Where the queue's server is: REDIS_URL, or the embedded Valkey's unix socket."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from models.settings import Settings

SERIALIZER = JSONSerializer  # RQ's own default is pickle: whoever writes to the server could run code in a worker

SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes with its NUL; Valkey appends nothing, so keep a margin


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
    if settings.redis_url:
        return Redis.from_url(settings.redis_url, socket_connect_timeout=2, health_check_interval=30, retry=retry)
    path = str(socket_path(settings))
    return Redis(unix_socket_path=path, socket_connect_timeout=2, health_check_interval=30, retry=retry)


def queue(name: str, connection: Redis) -> Queue:
    """The queue of that name as both sides speak to it."""
    return Queue(name, connection=connection, serializer=SERIALIZER)
