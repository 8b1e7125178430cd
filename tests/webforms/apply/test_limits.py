"""Attempts are counted once for all web processes, in Valkey; without it each process counts for itself."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from redis import Redis

from webforms import access


def _tries(made: Flask, count: int) -> list[int]:
    client = made.test_client()
    form = {"receipt": "BL-2222-2222", "last4": "0000"}
    return [client.post("/resume", data=form).status_code for _ in range(count)]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may keep the server waiting longer than a person should be."""
    monkeypatch.setattr(access, "LIMITER_PATIENCE", 10)


def test_attempts_are_counted_in_valkey(make_app: Any, settings: Any, valkey_url: str) -> None:
    made = make_app(settings.model_copy(update={"redis_url": valkey_url}))
    assert _tries(made, 3) == [422] * 3
    with Redis.from_url(valkey_url) as server:
        keys = [key.decode() for key in server.scan_iter()]
        counts = [int(server.get(key) or 0) for key in keys if "resume_by_code" in key]
        assert counts == [3, 3], "by address and by code"
        assert not [key for key in keys if "2222" in key], "the code itself is not kept"
        server.set(next(key for key in keys if "/5/" in key), 5)  # another process saw two more
    assert _tries(made, 1) == [429]


def test_the_embedded_server_is_used_where_no_other_is_named(make_app: Any, settings: Any) -> None:
    made = make_app(settings)
    address = made.config["RATELIMIT_STORAGE_URI"]
    assert address.startswith("redis+unix:///") and address.endswith("valkey.sock")
    assert _tries(made, 6) == [422] * 5 + [429], "the server is not there: counted in this process"


def test_only_failures_count(person: Any) -> None:
    """A whole office may sit behind one address."""
    person.to_the_form()
    receipt = person.view().application.receipt
    for _ in range(30):
        answer = person.app.test_client().post("/resume", data={"receipt": receipt, "last4": ""})
        assert answer.status_code == 302


def test_a_server_that_died_under_another_app_is_believed_in_again(
    make_app: Any, settings: Any, valkey_url: str
) -> None:
    assert _tries(make_app(settings), 1) == [422], "no server: counted in the process"
    made = make_app(settings.model_copy(update={"redis_url": valkey_url}))
    _tries(made, 1)
    with Redis.from_url(valkey_url) as server:
        assert [key for key in server.scan_iter() if b"resume_by_code" in key]
