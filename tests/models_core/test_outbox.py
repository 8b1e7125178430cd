"""The outbox: promised once, claimed once, fenced, retried, given up."""

import threading
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import func, select

from models import outbox, queue_client
from models.application.tables import Outbox
from models.errors import Conflict
from models.extensions import db
from models.queue import JOBS, MAX_ATTEMPTS, OFFICE
from models.queue_client import connect
from models.settings import Settings
from models.unit_of_work import unit_of_work


@pytest.fixture
def app(persistent_core_app):
    with persistent_core_app.app_context():
        yield persistent_core_app


def promise(effect="e", **options):
    with unit_of_work() as session:
        row = outbox.promise(session, "check_application", "s" * 32, effect, **options)
        return None if row is None else row.id


def state(outbox_id):
    with db.engine.connect() as connection:
        return connection.execute(
            select(Outbox.state, Outbox.attempts, Outbox.error).where(Outbox.id == outbox_id)
        ).one()


def test_an_effect_is_promised_once(app):
    assert promise() is not None
    assert promise() is None
    assert db.session.scalar(select(func.count()).select_from(Outbox)) == 1


def test_a_promise_goes_with_its_transaction(app):
    with pytest.raises(ZeroDivisionError), unit_of_work() as session:
        outbox.promise(session, "check_application", "s", "e")
        raise ZeroDivisionError
    assert promise() is not None


def test_claimed_worked_and_finished(app, clock):
    row_id = promise()
    row = outbox.claim(row_id, clock.now())
    assert (row.subject_id, row.attempts) == ("s" * 32, 1)
    assert row.lease_until > clock.now() + timedelta(seconds=JOBS["check_application"].timeout)
    assert outbox.claim(row_id, clock.now()) is None
    with unit_of_work() as session:
        outbox.finish(session, row)
    assert state(row_id).state == "done"
    assert outbox.claim(row_id, clock.now() + timedelta(days=9)) is None


def test_what_is_not_due_is_not_claimed(app, clock):
    row_id = promise(not_before=clock.now() + timedelta(seconds=10))
    assert outbox.claim(row_id, clock.now()) is None
    clock.advance(seconds=10)
    assert outbox.claim(row_id, clock.now()) is not None
    assert outbox.claim("0" * 32, clock.now()) is None


def test_an_overtaken_worker_cannot_finish(app, clock):
    row_id = promise()
    slow = outbox.claim(row_id, clock.now())
    clock.advance(minutes=10)
    quick = outbox.claim(row_id, clock.now())
    with pytest.raises(Conflict), unit_of_work() as session:
        outbox.finish(session, slow)
    with unit_of_work() as session:
        outbox.finish(session, quick)
    assert state(row_id) == ("done", 2, None)


def test_failures_back_off_and_are_given_up_and_retried_by_staff(app, clock):
    row_id = promise()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert outbox.claim(row_id, clock.now()).attempts == attempt
        outbox.fail(row_id, "ValueError at photos.py:1", clock.now())
        wait = 10 * 2 ** (attempt - 1)
        clock.advance(seconds=wait - 1)
        assert outbox.claim(row_id, clock.now()) is None
        clock.advance(seconds=1)
    assert state(row_id) == ("failed", MAX_ATTEMPTS, "ValueError at photos.py:1")
    with unit_of_work() as session:
        assert outbox.retry(session, row_id)
    with unit_of_work() as session:
        assert not outbox.retry(session, row_id)
    db.session.rollback()
    assert outbox.claim(row_id, clock.now()).attempts == 1


def test_a_row_that_kills_its_worker_each_time_is_given_up(app, clock):
    row_id = promise()
    for _ in range(MAX_ATTEMPTS):
        assert outbox.claim(row_id, clock.now()) is not None
        clock.advance(minutes=10)
    assert outbox.claim(row_id, clock.now()) is None
    outbox.sweep(clock.now())
    assert (state(row_id).state, state(row_id).error) == ("failed", "worker died")


def test_two_workers_at_once_one_claim(app, clock):
    ids = [promise(f"e{n}") for n in range(10)]
    db.session.remove()
    won, barrier = [], threading.Barrier(4)

    def work():
        with app.app_context():
            barrier.wait()
            for row_id in ids:
                if outbox.claim(row_id, clock.now()) is not None:
                    won.append(row_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == sorted(ids)


class TestQueue:
    @pytest.fixture
    def queue(self, app, valkey_url):
        redis = Redis.from_url(valkey_url)
        app.extensions["bole"].redis = redis
        yield queue_client.queue(OFFICE, redis)
        app.extensions["bole"].redis = None
        redis.close()

    def test_handed_over_after_the_commit_with_an_id_and_nothing_else(self, app, queue):
        with unit_of_work() as session:
            row_id = outbox.promise(session, "check_application", "s", "e").id
            assert queue.count == 0
        (job,) = queue.jobs
        assert (job.id, job.func_name, list(job.args)) == (
            f"{row_id}-0",
            "workers.completeness.check_application",
            [row_id],
        )
        assert job.data.startswith(b"[")  # JSON: a pickle would let whoever writes to the server run code in a worker

    def test_nothing_is_handed_over_where_the_transaction_fails(self, app, queue):
        with pytest.raises(ZeroDivisionError), unit_of_work() as session:
            outbox.promise(session, "check_application", "s", "e")
            raise ZeroDivisionError
        assert queue.count == 0

    def test_the_sweep_hands_over_what_redis_lost_but_not_twice_a_minute(self, app, queue, clock):
        row_id = promise()
        assert outbox.sweep(clock.now()) == 0
        queue.connection.flushall()
        assert outbox.sweep(clock.now()) == 1
        assert outbox.sweep(clock.now()) == 0
        assert [job.id for job in queue.jobs] == [f"{row_id}-0"]

    def test_the_sweep_hands_over_a_row_whose_worker_died(self, app, queue, clock):
        row_id = promise()
        outbox.claim(row_id, clock.now())
        assert outbox.sweep(clock.now()) == 0
        clock.advance(minutes=10)
        assert outbox.sweep(clock.now()) == 1
        assert queue.jobs[-1].id == f"{row_id}-1"

    def test_what_is_due_later_is_left_to_the_sweep(self, app, queue, clock):
        promise(not_before=clock.now() + timedelta(seconds=10))
        assert queue.count == 0
        clock.advance(seconds=11)
        assert outbox.sweep(clock.now()) == 1

    def test_redis_down_loses_nothing(self, app, queue, clock, tmp_path):
        away = Settings(data=tmp_path, redis_url=f"unix://{tmp_path}/nobody")
        with connect(away) as nobody:
            app.extensions["bole"].redis = nobody
            row_id = promise()
            assert outbox.sweep(clock.now()) == 0
        app.extensions["bole"].redis = queue.connection
        assert outbox.sweep(clock.now()) == 1
        assert state(row_id).state == "pending"

    def test_a_backlog_of_photographs_keeps_nothing_else_from_being_handed_over(self, app, queue, clock, monkeypatch):
        monkeypatch.setattr(outbox, "SWEEP_LIMIT", 2)
        with unit_of_work() as session:
            for n in range(3):
                outbox.promise(session, "process_page", "s", f"page-{n}")
            soon = clock.now() + timedelta(seconds=10)
            later = outbox.promise(session, "carry_bulk", "s", "bulk", not_before=soon).id
        clock.advance(seconds=11)
        assert outbox.sweep(clock.now()) == 1
        assert [job.id for job in queue.jobs] == [f"{later}-0"]

    def test_what_somebody_looks_at_until_it_is_done_goes_first(self, app, queue):
        with unit_of_work() as session:
            for job in ("assemble_workbook", "assemble_workbook", "read_return"):
                outbox.promise(session, job, "s", f"{job}-{outbox.new_id()}")
        assert [job.description for job in queue.jobs] == ["read_return", "assemble_workbook", "assemble_workbook"]
