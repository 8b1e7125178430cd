"""Counting goes on when its server dies, also for requests that meet the dead server at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask_limiter.util import get_remote_address
from limits import parse_many
from limits.storage import MemoryStorage, RedisStorage
from redis import Redis
from redis.exceptions import RedisError

from models.extensions import AppLimiter

TWICE = "2 per 1000 days"


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


@pytest.fixture
def shared(valkey_url):
    """A limiter whose counts lie in a real server."""
    limiter = AppLimiter(get_remote_address, storage_uri=valkey_url.replace("unix://", "redis+unix://"))
    app = Flask("counted")
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    limiter.init_app(app)
    yield limiter
    limiter.storage.storage.close()


def test_several_limits_are_counted_at_once_under_the_library_s_names(shared):
    assert isinstance(shared.storage, RedisStorage)
    minute, hour = parse_many("2 per 1000 days; 3 per 1001 days")
    assert [shared.allows("2 per 1000 days; 3 per 1001 days", "who", "a") for _ in range(3)] == [True, True, False]
    assert shared.limiter.get_window_stats(minute, "who", "a").remaining == 0
    assert shared.limiter.get_window_stats(hour, "who", "a").remaining == 1  # the third broke the first and is no more
    assert shared.limiter.hit(hour, "who", "a")
    assert not shared.limiter.hit(hour, "who", "a")
    assert shared.allows("2 per 1000 days; 3 per 1001 days", "who", "b")


def test_a_later_limit_is_broken_as_well_and_each_window_ends(shared):
    assert [shared.allows("9 per 1000 days; 1 per 1001 days", "who", "a") for _ in range(2)] == [True, False]
    server = shared.storage.storage
    days = sorted(round(server.ttl(name) / 86_400) for name in server.keys("*who*"))
    assert days == [1000, 1001]


def test_threads_count_together_each_over_its_own_connection(shared):
    both = threading.Barrier(2)

    def count(_number):
        both.wait()
        answers.append(shared.allows(TWICE, "who", "a"))
        both.wait()
        return len(shared.storage.storage.client_list())

    answers = []
    with ThreadPoolExecutor(2) as pool:
        seen = list(pool.map(count, range(2)))
    assert answers == [True, True]
    assert max(seen) >= 3  # the two threads', and who asks for the list
    assert not shared.allows(TWICE, "who", "a")


def test_a_connection_that_was_cut_is_made_anew(shared):
    assert shared.allows(TWICE, "who", "a")
    shared.storage.storage.client_kill_filter(_type="normal", skipme=True)
    assert shared.allows("9 per 1000 days", "who", "b")  # counted for itself
    assert [shared.allows(TWICE, "who", "a") for _ in range(2)] == [True, False]


def test_without_the_server_each_process_counts_for_itself(shared, monkeypatch):
    def gone(*_args, **_options):
        raise RedisError("gone")

    monkeypatch.setattr(Redis, "evalsha", gone)
    assert [shared.allows("1 per 1000 days", "who", "a") for _ in range(2)] == [True, False]


def test_what_comes_again_is_not_counted_as_often_as_a_platform_asks(shared, monkeypatch):
    def allowed():
        given = [shared.allows("2 per 1000 days", "who", "a", once=thing) for thing in ("m1", "m1", "m1", "m1", "m1")]
        return [*given, shared.allows("9 per 1000 days", "who", "b", once="m1")]

    def gone(*_args, **_options):
        raise RedisError("gone")

    assert allowed() == [True, True, True, True, False, True], "the fourth is counted again, and so is another's"
    monkeypatch.setattr(Redis, "evalsha", gone)
    assert allowed() == [True, True, True, True, False, True]


def test_what_was_refused_does_not_pass_the_second_time(shared):
    assert shared.allows("1 per 1000 days", "who", "a", once="m1")
    assert [shared.allows("1 per 1000 days", "who", "a", once="m2") for _ in range(2)] == [False, False]
