"""Counting goes on when its server dies, also for requests that meet the dead server at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from flask_limiter.util import get_remote_address
from limits.storage import MemoryStorage

from models.extensions import AppLimiter


class Watched(AppLimiter):
    """Says when it has marked its server dead."""

    def __init__(self, *args, **options):
        self.marked = threading.Event()
        super().__init__(*args, **options)

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "_storage_dead" and value:
            self.marked.set()


def dying(limiter, together):
    """The server dies under `together` requests at once: the others have begun when the first one marks it dead."""
    barrier = threading.Barrier(together)

    def incr(*_args, **_options):
        if barrier.wait() > 0:
            limiter.marked.wait()
        raise ConnectionError("gone")

    limiter.storage.incr = incr


def counting(limit):
    limiter = Watched(
        get_remote_address, storage_uri="memory://", in_memory_fallback_enabled=True, default_limits=[limit]
    )
    app = Flask("counted")
    limiter.init_app(app)
    app.add_url_rule("/", "root", lambda: "ok")
    return app, limiter


def test_all_who_meet_the_dead_server_are_served_and_counted():
    app, limiter = counting("5 per hour")
    assert isinstance(limiter.storage, MemoryStorage)
    dying(limiter, 3)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _n: app.test_client().get("/").status_code, range(3)))
    assert answers == [200, 200, 200]
    assert [app.test_client().get("/").status_code for _ in range(3)] == [200, 200, 429]


def test_alone_too():
    app, limiter = counting("1 per hour")
    dying(limiter, 1)
    assert [app.test_client().get("/").status_code for _ in range(2)] == [200, 429]
