"""A unit of work begins at the driver; the session joins the same transaction, and the two end as one."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import bindparam, event, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from models import direct
from models.application.tables import Round
from models.extensions import db
from models.statements import Statement
from models.unit_of_work import unit_of_work

COLUMNS = Round.__table__.columns
ADD = Statement(insert(Round.__table__).values({column.name: bindparam(column.name) for column in COLUMNS}))
BACKEND = Statement(select(func.pg_backend_pid()))
NAMES = Statement(select(Round.name).order_by(Round.name))
DAY = date(2026, 1, 1)


def values(name):
    kept = {"programme": "p", "opens": DAY, "closes": None, "demo": False, "notice": False}
    return {"id": name, "name": name, "created_at": datetime.now(UTC), **kept}


def names():
    found = list(db.session.scalars(select(Round.name).order_by(Round.name)))
    db.session.rollback()
    return found


@pytest.fixture
def app(persistent_core_app):
    with persistent_core_app.app_context():
        yield persistent_core_app


def test_what_only_the_driver_sent_is_kept_and_the_session_was_in_no_transaction(app):
    with unit_of_work() as session:
        ADD.run(session, values("a"))
        assert NAMES.rows(session, {}) == [("a",)]
        assert not session.in_transaction()
    assert db.engine.pool.checkedout() == 0
    assert names() == ["a"]


def test_nobody_waits_for_who_has_sent_nothing(app):
    with unit_of_work() as outer:
        with app.app_context(), unit_of_work() as session:
            ADD.run(session, values("a"))
        assert NAMES.rows(outer, {}) == [("a",)]
    assert names() == ["a"]


def test_the_session_sees_what_the_driver_sent_and_the_other_way_round(app):
    with unit_of_work() as session:
        ADD.run(session, values("a"))
        assert session.scalars(select(Round.name)).all() == ["a"]
        session.add(Round(**values("b")))  # not flushed: the statement does it
        assert NAMES.rows(session, {}) == [("a",), ("b",)]
        ADD.run(session, values("c"))
    assert db.engine.pool.checkedout() == 0
    assert names() == ["a", "b", "c"]


def test_what_is_only_added_to_the_session_is_kept_with_the_rest(app):
    with unit_of_work() as session:
        ADD.run(session, values("a"))
        session.add(Round(**values("b")))
    assert names() == ["a", "b"]


@pytest.mark.parametrize("joined", [False, True])
def test_a_failure_undoes_both(app, joined):
    with pytest.raises(ZeroDivisionError), unit_of_work() as session:
        ADD.run(session, values("a"))
        if joined:
            session.add(Round(**values("b")))
            session.flush()
        raise ZeroDivisionError
    assert db.engine.pool.checkedout() == 0
    assert names() == []
    with unit_of_work() as session:  # and the next one is none the worse
        ADD.run(session, values("c"))
    assert names() == ["c"]


@pytest.mark.parametrize("before", [False, True], ids=["at once", "after the session was used"])
def test_an_inner_block_undoes_what_the_driver_sent_in_it(app, before):
    with unit_of_work() as session:
        ADD.run(session, values("kept"))
        if before:
            session.execute(select(Round.id)).all()
        with pytest.raises(ZeroDivisionError), unit_of_work() as inner:
            ADD.run(inner, values("lost"))
            raise ZeroDivisionError
        with unit_of_work() as inner:
            ADD.run(inner, values("too"))
    assert names() == ["kept", "too"]


def test_the_driver_s_error_is_sqlalchemy_s_without_what_was_sent(app):
    with unit_of_work() as session:
        ADD.run(session, values("a"))
    with pytest.raises(IntegrityError) as caught, unit_of_work() as session:
        ADD.run(session, values("b"))
        ADD.run(session, values("a"))
    assert "INSERT INTO round" in str(caught.value)
    assert "parameters" not in str(caught.value)
    assert names() == ["a"]


def test_a_connection_that_is_gone_is_not_used_again(settings, make_core_app, postgres_url):
    with make_core_app(settings.model_copy(update={"database_url": postgres_url})).app_context():
        with pytest.raises(OperationalError) as caught, unit_of_work() as session:
            ((backend,),) = BACKEND.rows(session, {})
            with db.engine.begin() as other:
                other.execute(select(func.pg_terminate_backend(backend)))
            ADD.run(session, values("a"))
        assert caught.value.connection_invalidated
        with unit_of_work() as session:
            ADD.run(session, values("b"))
        assert names() == ["b"]


def test_who_listens_hears_of_each_statement_once(app):
    heard = []

    def listener(*given):
        heard.append(given[2].split()[0])

    event.listen(db.engine, "before_cursor_execute", listener)
    with unit_of_work() as session:
        ADD.run(session, values("a"))
        session.scalars(select(Round.name)).all()
        ADD.run(session, values("b"))
    event.remove(db.engine, "before_cursor_execute", listener)
    begin = ["BEGIN"] if db.engine.dialect.name == "sqlite" else []
    assert heard == [*begin, "INSERT", "SELECT", "INSERT"]


def test_outside_a_unit_of_work_the_session_has_its_own_transaction(app):
    assert direct.of(db.session()) is None
    ADD.run(db.session(), values("a"))
    assert db.session().in_transaction()
    db.session.rollback()
    assert names() == []
