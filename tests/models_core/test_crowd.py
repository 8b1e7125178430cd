"""A process with all its threads at work says so, for a second; below that nothing is said."""

from contextlib import ExitStack

import pytest
from redis import Redis

from models import crowd
from models.crowd import Crowd
from models.queue_client import connect


@pytest.fixture
def redis(valkey_url):
    with Redis.from_url(valkey_url) as found:
        yield found


@pytest.fixture
def web(redis):
    made = Crowd(threads=3)
    made.redis = redis
    return made


def filled(web, requests):
    with ExitStack() as inside:
        for _ in range(requests):
            inside.enter_context(web)


@pytest.mark.parametrize(("requests", "said"), [(2, False), (3, True), (4, True)])
def test_it_is_said_from_the_last_free_thread_on(web, redis, requests, said):
    filled(web, requests)
    assert crowd.is_there(redis) is said


def test_requests_after_one_another_are_no_crowd_also_where_they_fail(web, redis):
    for _ in range(5):
        with pytest.raises(ValueError), web:
            raise ValueError
    filled(web, 2)
    assert not crowd.is_there(redis)


def test_it_is_over_a_second_after_it_was_said_last(web, redis):
    filled(web, 3)
    assert 0 < redis.pttl("bole:crowd") <= crowd.LASTS == 1000


def test_it_is_said_again_only_after_a_while(web, redis, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(crowd, "monotonic", lambda: now[0])
    filled(web, 3)
    redis.flushall()
    now[0] += 0.2
    filled(web, 3)
    assert not crowd.is_there(redis)
    now[0] += 0.1
    filled(web, 3)
    assert crowd.is_there(redis)


def test_without_a_server_nobody_hears_it_and_nothing_fails(web, settings):
    away = connect(settings)  # its socket is not there
    web.redis = away
    filled(web, 3)
    assert not crowd.is_there(away)
    web.redis = None
    filled(web, 3)
