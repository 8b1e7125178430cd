"""Tokens and cursors: encrypted, shared, renewed by one process at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.application import channel_state
from models.application.channel_tables import ChannelState
from models.extensions import db

KEY = ("test", "account", "token")
HOUR = timedelta(hours=1)


@pytest.fixture
def at(persistent_core_app, clock):
    with persistent_core_app.app_context():
        yield clock
        db.session.remove()


def never() -> bool:
    raise AssertionError("nothing to wait for")


def test_what_is_kept_is_read_back_until_it_expires_and_is_encrypted(at):
    assert channel_state.get(KEY, at.now()) is None
    channel_state.put(KEY, "secret-token", at.now(), at.now() + HOUR)
    assert channel_state.get(KEY, at.now()) == "secret-token"
    assert channel_state.get(("test", "other", "token"), at.now()) is None
    assert b"secret-token" not in db.session.scalars(select(ChannelState.sealed)).one()
    assert channel_state.get(KEY, at.now() + HOUR) is None


def test_only_what_does_not_hold_any_more_is_forgotten(at):
    channel_state.put(KEY, "new", at.now(), at.now() + HOUR)
    channel_state.forget(KEY, "old", at.now())
    assert channel_state.get(KEY, at.now()) == "new"
    channel_state.forget(KEY, "new", at.now())
    assert channel_state.get(KEY, at.now()) is None


def test_one_process_renews_and_the_others_wait_for_it(at):
    asked = []

    def renew():
        asked.append(1)
        assert not channel_state.lease(KEY, at.now()), "it is being renewed"
        return "fresh", HOUR

    assert channel_state.renewed(KEY, at.now, renew, never) == "fresh"
    assert channel_state.renewed(KEY, at.now, renew, never) == "fresh"
    assert asked == [1]


def test_who_waits_gets_what_the_other_has_renewed_or_gives_up(at):
    assert channel_state.lease(KEY, at.now())

    def other() -> bool:
        channel_state.put(KEY, "theirs", at.now(), at.now() + HOUR)
        return True

    assert channel_state.renewed(KEY, at.now, never, other) == "theirs"
    at.advance(hours=2)
    assert channel_state.lease(KEY, at.now())
    assert channel_state.renewed(KEY, at.now, never, lambda: False) is None


def test_a_process_that_died_while_renewing_holds_nobody_up_for_long(at):
    channel_state.lease(KEY, at.now())
    at.instant += channel_state.LEASE
    assert channel_state.renewed(KEY, at.now, lambda: ("fresh", HOUR), never) == "fresh"


def test_a_failed_renewal_lets_the_next_one_try(at):
    def broken():
        raise OSError

    with pytest.raises(OSError):
        channel_state.renewed(KEY, at.now, broken, never)
    assert channel_state.renewed(KEY, at.now, lambda: ("fresh", HOUR), never) == "fresh"


def test_two_processes_at_once_renew_once(at, at_once):
    asked = []

    def renew():
        asked.append(1)
        return "fresh", HOUR

    patient = lambda: True  # noqa: E731
    both = at_once(*[lambda: channel_state.renewed(KEY, at.now, renew, patient)] * 2)
    assert both == ["fresh", "fresh"] and asked == [1]


def test_what_may_happen_once_happens_once_and_is_not_kept_for_ever(at):
    once = ("test", "account", "used:1")
    assert channel_state.first(once, at.now(), at.now() + HOUR)
    assert not channel_state.first(once, at.now(), at.now() + HOUR)
    assert channel_state.first(("test", "other", "used:1"), at.now(), at.now() + HOUR)
    channel_state.put(KEY, "secret", at.now(), at.now() + HOUR)
    channel_state.lease(("test", "account", "cursor"), at.now())
    at.advance(hours=1)
    assert channel_state.first(("test", "account", "used:2"), at.now(), at.now() + HOUR)
    names = db.session.scalars(select(ChannelState.name).where(ChannelState.account == "account")).all()
    assert sorted(names) == ["cursor", "token", "used:2"]
