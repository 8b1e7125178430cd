"""A statement sent by the driver writes and reads what SQLAlchemy would."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import bindparam, insert, literal, select, text

from models.application.channel_tables import ChannelState
from models.application.tables import Conversation, Round
from models.extensions import db
from models.statements import Statement
from models.unit_of_work import unit_of_work

AT = datetime(2026, 1, 2, 3, 4, 5, 6, UTC)
DAY = date(2026, 1, 1)
VALUES = [None, "text", "中文", 5, 1.5, True, [1, "a"], {"a": [None]}, ""]

BOUND = {"channel": "c", "account": "a", "name": "n", "sealed": b"\x00\xff", "updated_at": AT}
BOUND |= {"expires_at": None, "lease_until": None}


def adding(table):
    return Statement(insert(table.__table__).values({c.name: bindparam(c.name) for c in table.__table__.columns}))


def reading(table):
    return Statement(select(*table.__table__.columns))


ADD_ROUND, ADD_TALK, ADD_STATE = adding(Round), adding(Conversation), adding(ChannelState)
ROUNDS, TALKS = reading(Round), reading(Conversation)
TABLES = ("conversation", "channel_state", "round")
ON = Statement(select(Round.name, literal(DAY), literal(AT, Round.created_at.type)).where(Round.opens == literal(DAY)))


@pytest.fixture
def app(persistent_core_app):
    with persistent_core_app.app_context():
        yield persistent_core_app


def a_round(name, closes):
    kept = {"programme": "p", "opens": DAY, "closes": closes, "demo": False, "notice": True}
    return {"id": name, "name": name, "created_at": AT, **kept}


def a_talk(number, state):
    kept = {"channel": "wechat", "account": "a", "programme": None, "application_id": None, "language": "zh"}
    times = {"heard_at": None, "blocked_at": None, "bound_at": AT, "created_at": AT, "updated_at": AT}
    return {"id": f"t{number}", "sender": f"s{number}", "pushes": 0, "version": 1, "state": state, **kept, **times}


def raw(table):
    """What lies in SQLite's own file, with its types."""
    rows = db.session.execute(text(f"SELECT * FROM {table}")).all()
    db.session.rollback()
    return [[(type(value), value) for value in row] for row in rows]


@pytest.mark.parametrize("closes", [None, date(2026, 2, 1)])
def test_days_instants_and_flags(app, closes):
    with unit_of_work() as session:
        ADD_ROUND.run(session, a_round("a", closes))
    with unit_of_work() as session:
        (row,) = ROUNDS.rows(session, {})
        names = [column.key for column in Round.__table__.columns]
        assert dict(zip(names, ROUNDS.converted(session, row), strict=True)) == a_round("a", closes)
        assert ROUNDS.value(session, names.index("created_at"), row[names.index("created_at")]) == AT
        assert ROUNDS.value(session, names.index("name"), row[names.index("name")]) == "a"
    found = db.session.scalars(select(Round)).one()
    assert (found.opens, found.closes, found.created_at, found.notice) == (DAY, closes, AT, True)


def test_what_the_statement_says_itself_is_sent_as_well(app):
    for _ in range(2):
        with unit_of_work() as session:
            ADD_ROUND.run(session, a_round(f"a{_}", None))
            rows = ON.rows(session, {})
            assert [tuple(ON.converted(session, row)) for row in rows][-1][1:] == (DAY, AT)


def test_json(app):
    talks = [a_talk(number, value) for number, value in enumerate(VALUES)]
    with unit_of_work() as session:
        for talk in talks:
            ADD_TALK.run(session, talk)
    with unit_of_work() as session:
        names = [column.key for column in Conversation.__table__.columns]
        read = [dict(zip(names, TALKS.converted(session, row), strict=True)) for row in TALKS.rows(session, {})]
    assert sorted(read, key=lambda talk: talk["id"]) == talks
    found = db.session.scalars(select(Conversation).order_by(Conversation.id)).all()
    assert [talk.state for talk in found] == VALUES


def test_bytes(app):
    with unit_of_work() as session:
        ADD_STATE.run(session, BOUND)
    assert bytes(db.session.scalars(select(ChannelState.sealed)).one()) == b"\x00\xff"


def test_on_sqlite_both_ways_leave_the_same_in_the_file(make_core_app, settings):
    with make_core_app(settings).app_context():
        talks = [a_talk(number, value) for number, value in enumerate(VALUES)]
        db.session.add_all([*(Conversation(**talk) for talk in talks), ChannelState(**BOUND)])
        db.session.add(Round(**a_round("a", None)))
        db.session.commit()
        theirs = [raw(name) for name in TABLES]
        for name in TABLES:
            db.session.execute(text(f"DELETE FROM {name}"))
        db.session.commit()
        with unit_of_work() as session:
            for talk in talks:
                ADD_TALK.run(session, talk)
            ADD_STATE.run(session, BOUND)
            ADD_ROUND.run(session, a_round("a", None))
        assert [raw(name) for name in TABLES] == theirs


def test_json_of_another_hand_is_read_however_it_is_spaced(make_core_app, settings):
    place = Conversation.__table__.columns.keys().index("state")
    with make_core_app(settings).app_context(), unit_of_work() as session:
        for written, value in (
            ('{"at": "x"}', {"at": "x"}),
            (' {"at":\n"x"} ', {"at": "x"}),
            ('"\\u4e2d"', "中"),
            (5, 5),
        ):
            assert TALKS.value(session, place, written) == value
