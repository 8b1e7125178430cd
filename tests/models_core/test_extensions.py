"""The database's rules: durable, one writer at a time, readers beside it, times always UTC."""

import multiprocessing
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError, StatementError
from structlog.testing import capture_logs
from waiting import PATIENCE

from models.application.tables import Event, Round
from models.extensions import UtcDateTime, db, reading
from models.unit_of_work import after_commit, unit_of_work


def a_round(name="r", at=None):
    day = datetime(2026, 1, 1).date()
    return Round(programme="p", name=name, opens=day, closes=day, created_at=at or datetime.now(UTC))


def rounds():
    return db.session.scalar(select(func.count()).select_from(Round))


@pytest.fixture
def app(persistent_core_app):
    with persistent_core_app.app_context():
        yield persistent_core_app


def test_sqlite_is_durable_and_keeps_foreign_keys(make_core_app, settings):
    with make_core_app(settings).app_context(), db.engine.connect() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "wal_autocheckpoint": 4000}


def test_a_row_that_refers_to_nothing_is_refused(app):
    db.session.add(Event(application_id="0" * 32, seq=1, type="started", at=datetime.now(UTC), actor="a"))
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()


def test_times_come_back_in_utc_wherever_they_were_given(app):
    given = datetime(2026, 1, 1, 8, 30, tzinfo=timezone(timedelta(hours=8)))
    db.session.add(a_round(at=given))
    db.session.commit()
    stored = db.session.scalar(select(Round.created_at))
    assert stored == given
    assert stored.utcoffset() == timedelta(0)


HOUR = timedelta(hours=1)
INSTANTS = [
    datetime(2026, 1, 2, 3, 4, 5, 6, UTC),
    datetime(2026, 1, 2, 3, 4, 5, 7, UTC),  # the next of the same second
    datetime(2026, 1, 2, 3, 4, 59, 999999, UTC),
    datetime(2026, 1, 2, 3, 5, tzinfo=UTC),
    datetime(2026, 1, 2, 3, 4, 5, 6, timezone(8 * HOUR)),
    datetime(2025, 12, 31, 23, 59, 59, tzinfo=timezone(-8 * HOUR)),
    datetime(1, 1, 1, 0, 0, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, UTC),
]


def test_on_sqlite_a_time_is_the_text_that_sqlalchemy_would_write():
    speaks = sqlite.dialect()
    written = UtcDateTime().dialect_impl(speaks).bind_processor(speaks)
    read = UtcDateTime().dialect_impl(speaks).result_processor(speaks, None)
    theirs = sqlite.DATETIME().bind_processor(speaks)
    for instant in [*INSTANTS, *INSTANTS, INSTANTS[0], INSTANTS[0], None]:
        naive = None if instant is None else instant.astimezone(UTC).replace(tzinfo=None)
        assert written(instant) == theirs(naive)
        assert read(written(instant)) == instant
    assert read("2026-01-02 03:04:05.000006").tzinfo is UTC


def test_a_naive_time_is_refused(app):
    db.session.add(a_round(at=datetime(2026, 1, 1)))
    with pytest.raises(StatementError, match="naive"):
        db.session.commit()
    db.session.rollback()


def test_a_reader_may_be_there_while_somebody_writes(app):
    with unit_of_work() as session:
        session.add(a_round())
        session.flush()
        with reading(), db.engine.connect() as other:
            assert other.scalar(select(func.count()).select_from(Round)) == 0


def test_what_was_read_before_does_not_spoil_the_unit_of_work(app):
    with reading():
        assert rounds() == 0  # a transaction that was declared read-only is open now
        with unit_of_work() as session:
            session.add(a_round())
    db.session.rollback()
    assert rounds() == 1


def test_an_inner_block_rolls_back_alone_with_its_hooks(app):
    ran = []
    with unit_of_work() as session:
        session.add(a_round("kept"))
        with pytest.raises(ZeroDivisionError), unit_of_work() as inner:
            inner.add(a_round("lost"))
            after_commit(lambda: ran.append("lost"))
            raise ZeroDivisionError
        after_commit(lambda: ran.append("kept"))
        assert ran == []
    assert ran == ["kept"]
    assert db.session.scalars(select(Round.name)).all() == ["kept"]


def _write_many(path, count, out):
    """Read and write in each transaction, as a service does, from a process of its own."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE)
    for _ in range(count):
        connection.execute("BEGIN IMMEDIATE")
        (value,) = connection.execute("SELECT n FROM counter").fetchone()
        connection.execute("UPDATE counter SET n = ?", (value + 1,))
        connection.execute("COMMIT")
    out.put(count)


def test_a_writer_process_beside_us_loses_no_update(make_core_app, settings):
    app = make_core_app(settings)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE counter (n INTEGER)"))
            connection.execute(text("INSERT INTO counter VALUES (0)"))
        spawn = multiprocessing.get_context("spawn")
        out = spawn.Queue()
        beside = spawn.Process(target=_write_many, args=(str(settings.data / "bole.sqlite3"), 100, out))
        beside.start()
        for _ in range(100):
            with unit_of_work() as session:
                value = session.scalar(text("SELECT n FROM counter"))
                session.execute(text("UPDATE counter SET n = :n"), {"n": value + 1})
        beside.join(PATIENCE)
        assert out.get(timeout=PATIENCE) == 100
        assert db.session.scalar(text("SELECT n FROM counter")) == 200


def test_two_threads_of_ours_lose_no_update(make_core_app, settings):
    app = make_core_app(settings)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    failures = []

    def write():
        try:
            with app.app_context():
                for _ in range(40):
                    with unit_of_work() as session:
                        value = session.scalar(text("SELECT n FROM counter"))
                        session.execute(text("UPDATE counter SET n = :n"), {"n": value + 1})
        except Exception as exc:
            failures.append(exc)

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with app.app_context():
        assert db.session.scalar(text("SELECT n FROM counter")) == 80


def test_a_hook_that_fails_after_the_commit_is_logged_and_the_others_run(app):
    """The change stands: its caller hears of no failure, and what the hook left is for the sweep."""
    ran = []

    def fails():
        raise OSError("disk away")

    with capture_logs() as logged, unit_of_work() as session:
        session.add(a_round("kept"))
        after_commit(fails)
        after_commit(lambda: ran.append("second"))
    assert ran == ["second"]
    assert rounds() == 1
    assert [(line["event"], line["error"]) for line in logged] == [("after_commit_failed", "OSError")]
