"""A session that was left clean is used again; no other is, and never two at once."""

import threading
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from waiting import PATIENCE

from models import statements
from models.application.tables import Round
from models.extensions import db
from models.unit_of_work import after_commit, unit_of_work

NAMES = statements.Statement(select(Round.name).order_by(Round.name))


def a_round(name):
    day = date(2026, 1, 1)
    made = Round(id=name, name=name, programme="p", opens=day, closes=None, demo=False, notice=False)
    made.created_at = datetime.now(UTC)
    return made


@pytest.fixture
def app(persistent_core_app):
    return persistent_core_app


def session_of(app, *, use=lambda session: None):
    with app.app_context():
        session = db.session()
        assert db.session() is session
        use(session)
        return session


def test_one_that_nobody_used_is_the_next_context_s(app):
    first = session_of(app)
    assert session_of(app) is first


def test_one_that_was_left_in_a_transaction_is_not_used_again_and_what_it_wrote_is_gone(app):
    def write(session):
        session.add(a_round("a"))
        session.flush()

    used = session_of(app, use=write)
    with app.app_context():
        assert db.session() is not used
        assert db.session.scalars(select(Round)).all() == []
    assert not used.in_transaction()


def test_one_that_holds_something_is_not_used_again(app):
    kept = []

    def write(session):
        session.add(a_round("a"))
        session.commit()
        kept.append(session.scalars(select(Round)).one())
        session.rollback()

    used = session_of(app, use=write)
    with app.app_context():
        assert db.session() is not used
        assert kept[0] not in db.session()
    assert list(used.identity_map) == []


def test_what_was_noted_in_a_session_is_not_there_the_next_time(app):
    first = session_of(app, use=lambda session: session.info.update(noted=True))
    with app.app_context():
        assert db.session() is first
        assert "noted" not in db.session().info


def test_a_failed_unit_of_work_leaves_nothing_for_the_next_context(app):
    def fail(session):
        with pytest.raises(ZeroDivisionError), unit_of_work():
            after_commit(lambda: done.append("never"))
            raise ZeroDivisionError

    done = []
    session_of(app, use=fail)
    with app.app_context():
        after_commit(lambda: done.append("at once"))
        with unit_of_work() as session:
            session.add(a_round("a"))
            after_commit(lambda: done.append("afterwards"))
        assert NAMES.rows(db.session(), {}) == [("a",)]
    assert done == ["at once", "afterwards"]


def test_a_context_in_a_context_has_a_session_of_its_own(app):
    with app.app_context():
        outer = db.session()
        inner = session_of(app)
        assert inner is not outer
        assert db.session() is outer


def test_threads_that_run_at_once_have_one_each(app):
    session_of(app)
    both, found = threading.Barrier(2), []

    def ask():
        with app.app_context():
            found.append(db.session())
            both.wait(PATIENCE)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len({id(session) for session in found}) == 2


def test_one_that_is_used_again_speaks_to_the_database_of_the_app_that_runs(app, make_core_app, settings, tmp_path):
    other = make_core_app(settings.model_copy(update={"data": tmp_path / "other", "database_url": ""}))
    first = session_of(app)
    with other.app_context(), unit_of_work() as session:
        assert session is first
        session.add(a_round("elsewhere"))
    with other.app_context():
        assert NAMES.rows(db.session(), {}) == [("elsewhere",)]
    with app.app_context():
        assert NAMES.rows(db.session(), {}) == []


def test_removed_by_hand_it_is_closed_and_the_next_one_is_another(app):
    with app.app_context():
        before = db.session()
        before.add(a_round("a"))
        db.session.remove()
        assert not before.in_transaction()
        assert db.session.scalars(select(Round)).all() == []


def test_without_an_app_there_is_none():
    with pytest.raises(RuntimeError, match="application context"):
        db.session()
    with pytest.raises(RuntimeError, match="application context"):
        db.engine  # noqa: B018
