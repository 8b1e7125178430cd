"""Each message is sent once by its own key, whatever dies in between; how it ended is written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.application import deliveries, receipts
from models.application.channel_tables import Delivery
from models.extensions import db

ABOUT = {"channel": "test", "purpose": "reply"}


@pytest.fixture
def now(persistent_core_app, clock):
    with persistent_core_app.app_context():
        yield clock.now()
        db.session.remove()


def row() -> Delivery:
    db.session.rollback()
    return db.session.scalars(select(Delivery)).one()


def test_a_message_is_taken_once_and_then_it_is_over(now):
    assert deliveries.claim("m", ABOUT, now).go
    assert deliveries.claim("m", ABOUT, now).until == now + deliveries.LEASE, "somebody is at it"
    assert deliveries.settle("m", now, "sent", external_id="x") is None
    assert deliveries.claim("m", ABOUT, now) == deliveries.Claim(go=False)
    assert (row().state, row().external_id, row().lease_until) == ("sent", "x", None)


@pytest.mark.parametrize(("repeatable", "go", "state"), [(False, False, "uncertain"), (True, True, "sending")])
def test_whoever_died_while_sending_leaves_it_uncertain(now, repeatable, go, state):
    deliveries.claim("m", ABOUT, now)
    later = now + deliveries.LEASE
    assert deliveries.claim("m", ABOUT, later, repeatable=repeatable) == deliveries.Claim(go=go)
    assert row().state == state


def test_what_is_deferred_waits_longer_each_time_and_then_has_failed(now):
    assert deliveries.claim("m", ABOUT, now).go
    waits = []
    while (again := deliveries.settle("m", now, "deferred", error="transient")) is not None:
        assert deliveries.claim("m", ABOUT, again - timedelta(seconds=1)).until == again
        waits.append(again - now)
        now = again
        assert deliveries.claim("m", ABOUT, now).go
    assert len(waits) == deliveries.MAX_SENDS - 1
    assert waits == sorted(waits) and waits[0] == deliveries.FIRST_WAIT
    assert (row().state, row().error) == ("failed", "transient")


def test_what_the_platform_has_queued_is_not_sent_again(now):
    deliveries.claim("m", ABOUT, now)
    deliveries.settle("m", now, "queued", external_id="x")
    assert deliveries.claim("m", ABOUT, now + deliveries.LEASE) == deliveries.Claim(go=False)
    assert receipts.receipt("test", "x", "delivered", now)


def test_the_platform_says_how_long_to_wait(now):
    deliveries.claim("m", ABOUT, now)
    assert deliveries.settle("m", now, "deferred", error="throttled", retry_after=700) == now + timedelta(seconds=700)


def test_a_receipt_reaches_what_was_sent_and_a_late_one_changes_nothing(now):
    deliveries.claim("m", ABOUT, now)
    deliveries.settle("m", now, "sent", external_id="x")
    assert receipts.receipt("test", "x", "delivered", now)
    assert not receipts.receipt("test", "x", "failed", now, error="blocked"), "it has arrived"
    assert not receipts.receipt("other", "x", "delivered", now)
    assert row().state == "delivered"
