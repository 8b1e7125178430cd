"""Writers of one process queue for SQLite, and whatever becomes of one, the next is let in."""

import gc
import sqlite3
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from waiting import PATIENCE, wait_for

from models import write_queue
from models.extensions import db, reading, writing
from models.unit_of_work import unit_of_work
from models.write_queue import WriteQueue


@pytest.fixture
def app(make_core_app, settings):
    made = make_core_app(settings)
    with made.app_context(), writing():  # a request of an earlier test may have left this thread reading
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE counter (n INTEGER UNIQUE)"))
        yield made


@pytest.fixture
def queue(settings):
    return write_queue.queue_of(str((settings.data / "bole.sqlite3").resolve()))


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(write_queue, "SECONDS", 0.05)


def writes():
    """Whether somebody else may write now."""
    with db.engine.begin() as connection:
        return connection.execute(text("SELECT 1")).scalar() == 1


def test_two_transactions_of_one_thread_end_in_an_error_and_not_in_a_standstill(app, hurried):
    with db.engine.begin() as first:
        with pytest.raises(OperationalError, match="database is locked"):
            db.engine.connect().begin()
        first.execute(text("INSERT INTO counter VALUES (1)"))
    assert writes()


def test_a_reader_does_not_queue(app, hurried):
    with db.engine.begin(), reading(), db.engine.connect() as other:
        assert other.execute(text("SELECT count(*) FROM counter")).scalar() == 0


def test_the_turn_is_kept_through_savepoints_and_statements_that_fail(app, hurried):
    with unit_of_work() as session:
        session.execute(text("INSERT INTO counter VALUES (1)"))
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text("INSERT INTO counter VALUES (1)"))
        with pytest.raises(OperationalError, match="locked"):
            writes()
    assert writes()


def test_the_turn_ends_with_a_rollback(app, hurried):
    connection = db.engine.connect()
    connection.begin().rollback()
    assert writes()
    connection.close()


def test_the_turn_ends_with_an_error_in_the_transaction(app, hurried):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        raise ZeroDivisionError
    assert writes()


def test_the_turn_ends_with_an_invalidated_connection(app, hurried):
    connection = db.engine.connect()
    connection.begin()
    connection.invalidate()
    assert writes()
    connection.close()


def test_the_turn_ends_with_a_connection_that_is_returned_or_closed_in_the_middle(app, hurried):
    connection = db.engine.connect()
    connection.begin()
    connection.close()
    assert writes()
    detached = db.engine.connect()
    detached.detach()
    detached.begin()
    detached.connection.dbapi_connection.close()
    assert writes()
    detached.invalidate()
    detached.close()


def test_the_turn_ends_with_the_thread_that_died(app, hurried):
    engine = db.engine
    thread = threading.Thread(target=lambda: engine.connect().begin())
    thread.start()
    thread.join(PATIENCE)
    gc.collect()
    assert writes()


def test_the_turn_ends_with_a_connection_that_nobody_has_any_more(tmp_path):
    path = tmp_path / "other.sqlite3"
    held = [sqlite3.connect(path, factory=write_queue.QueueingConnection)]
    held[0].wait_to_write()
    queue = write_queue.queue_of(str(path.resolve()))
    assert not queue.enter("other", 0)
    held.clear()
    gc.collect()
    assert queue.enter("other", 0)


class Collecting:
    """What stands in the place of a lock's `with`: the garbage is collected inside, as it may be anywhere."""

    def __init__(self, guard):
        self.guard = guard

    def __enter__(self):
        self.guard.acquire()
        gc.collect()

    def __exit__(self, *_error):
        self.guard.release()

    def acquire(self, blocking=True):
        return self.guard.acquire(blocking)

    def release(self):
        self.guard.release()


@pytest.mark.parametrize("does", ["enter", "leave", "give up"])
def test_a_connection_that_is_collected_while_the_guard_is_held_lets_go_after_it(tmp_path, does):
    path = tmp_path / "other.sqlite3"
    held = [sqlite3.connect(path, factory=write_queue.QueueingConnection)]
    held[0].wait_to_write()
    held[0].itself = held  # a circle, which only the collection finds
    queue = write_queue.queue_of(str(path.resolve()))
    queue._guard = Collecting(queue._guard)
    came = []

    def work():
        if does == "enter":
            came.append(queue.enter("other", PATIENCE))
        elif does == "leave":
            queue.leave("somebody else")
        else:
            queue._give_up("other", threading.Lock())

    gc.disable()
    try:
        del held
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(PATIENCE)
    finally:
        gc.enable()
    assert not thread.is_alive()
    assert came == [True] if does == "enter" else queue.enter("other", 0)


def test_a_database_in_memory_is_its_connection_s_alone(hurried):
    both = [sqlite3.connect(":memory:", factory=write_queue.QueueingConnection) for _ in range(2)]
    for one in both:
        one.wait_to_write()
        one.close()


def test_a_writer_of_another_process_costs_nobody_their_turn(app, settings, queue):
    other = sqlite3.connect(settings.data / "bole.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with reading(), db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout(0)")  # as if the time were over
    with pytest.raises(OperationalError, match="database is locked"):
        writes()
    other.execute("COMMIT")
    other.close()
    assert writes()
    assert queue.enter("anybody", 0)
    queue.leave("anybody")


def test_who_comes_first_is_served_first():
    queue, served = WriteQueue(), []
    assert queue.enter("first", 0)

    def work(number):
        if queue.enter(number, PATIENCE):
            served.append(number)
            queue.leave(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for number, thread in enumerate(threads):
        thread.start()
        wait_for(lambda number=number: queue.waiting() == number + 1)
    assert not queue.enter("hurried", 0)  # and is not waited for
    queue.leave("somebody else")
    assert served == []
    queue.leave("first")
    for thread in threads:
        thread.join(PATIENCE)
    assert served == [0, 1, 2, 3, 4]
    assert queue.enter("again", 0)
    assert queue.enter("again", 0)  # whoever has it has it
