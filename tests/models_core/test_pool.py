"""A connection that is handed out without a proxy: it is counted, comes back, and may become SQLAlchemy's own."""

import threading

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import OperationalError, TimeoutError
from waiting import PATIENCE

from models.extensions import db, install_sqlite_rules
from models.pool import Pool
from models.unit_of_work import unit_of_work

AT_ONCE = 0.0  # seconds for which one waits for a connection


@pytest.fixture
def engine(tmp_path):
    made = create_engine(
        f"sqlite:///{tmp_path / 'a.sqlite3'}", poolclass=Pool, pool_size=1, max_overflow=1, pool_timeout=AT_ONCE
    )
    install_sqlite_rules(made)
    yield made
    made.dispose()


def test_what_is_taken_is_counted_until_it_is_given_back_and_is_the_next_one_s(engine):
    taken = engine.pool.take()
    assert engine.pool.checkedout() == 1
    driver = taken.dbapi_connection
    engine.pool.give(taken)
    assert (engine.pool.checkedout(), engine.pool.checkedin()) == (0, 1)
    with engine.connect() as connection:
        assert connection.connection.dbapi_connection is driver


def test_there_are_never_more_than_the_pool_allows_and_who_waits_too_long_hears_of_it(engine):
    both = [engine.pool.take(), engine.pool.take()]
    with pytest.raises(TimeoutError):
        engine.pool.take()
    for one in both:
        engine.pool.give(one)
    assert (engine.pool.checkedout(), engine.pool.checkedin()) == (0, 1)  # the one too many was closed
    engine.pool.give(engine.pool.take())


def test_who_waits_has_what_somebody_else_gives_back(tmp_path):
    engine = create_engine(
        f"sqlite:///{tmp_path / 'a.sqlite3'}", poolclass=Pool, pool_size=1, max_overflow=0, pool_timeout=PATIENCE
    )
    taken = engine.pool.take()
    got = []
    thread = threading.Thread(target=lambda: got.append(engine.pool.take()))
    thread.start()
    engine.pool.give(taken)
    thread.join(PATIENCE)
    assert got == [taken]
    engine.pool.give(taken)
    engine.dispose()


def test_the_rules_of_a_connection_hold_for_one_that_is_taken(engine):
    taken = engine.pool.take()
    assert taken.dbapi_connection.execute("PRAGMA foreign_keys").fetchall() == [(1,)]
    assert taken.dbapi_connection.execute("PRAGMA synchronous").fetchall() == [(2,)]
    engine.pool.give(taken)


def test_as_sqlalchemy_s_own_it_is_given_back_once_and_what_is_open_is_undone(engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE a (b)"))
    taken = engine.pool.take()
    taken.dbapi_connection.execute("BEGIN")
    taken.dbapi_connection.execute("INSERT INTO a VALUES (1)")
    proxy = engine.pool.proxied(taken)
    assert engine.pool.checkedout() == 1
    proxy.close()
    assert (engine.pool.checkedout(), engine.pool.checkedin()) == (0, 1)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM a")) == 0


def test_one_that_broke_meanwhile_is_made_anew(engine):
    taken = engine.pool.take()
    before = taken.dbapi_connection
    engine.pool.proxied(taken).invalidate()
    assert engine.pool.checkedout() == 0
    again = engine.pool.take()
    assert again.dbapi_connection not in (None, before)
    engine.pool.give(again)


def test_one_that_was_away_when_the_engine_was_disposed_of_is_not_used_again(engine):
    old, taken = engine.pool, engine.pool.take()
    engine.dispose()
    fresh = engine.pool.take()
    assert fresh.dbapi_connection is not taken.dbapi_connection
    old.give(taken)
    engine.pool.give(fresh)
    assert (engine.pool.checkedin(), engine.pool.checkedout()) == (1, 0)
    old.dispose()


def test_a_connection_that_cannot_be_made_leaves_nothing_behind(engine):
    def refuse(*_):
        raise ZeroDivisionError

    event.listen(engine, "do_connect", refuse, insert=True)
    with pytest.raises(ZeroDivisionError):
        engine.pool.take()
    event.remove(engine, "do_connect", refuse)
    assert engine.pool.checkedout() == 0
    engine.pool.give(engine.pool.take())


def test_a_unit_of_work_without_a_database_says_so_and_holds_no_connection(make_core_app, settings):
    app = make_core_app(settings)
    with app.app_context():
        path = settings.data / "bole.sqlite3"
        path.unlink()
        path.mkdir()
        for _ in range(2):
            with pytest.raises(OperationalError), unit_of_work() as session:
                session.execute(text("SELECT 1"))
            assert db.engine.pool.checkedout() == 0


def test_the_app_s_pool_is_this_one(make_core_app, settings):
    with make_core_app(settings).app_context():
        assert isinstance(db.engine.pool, Pool)
