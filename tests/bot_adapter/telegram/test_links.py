"""Links to the bot that name a programme, where several are open."""

import pytest
import two_programmes
from sqlalchemy import select
from two_programmes import CARVERS, WEAVERS

from models.application import prefill
from models.application.tables import Application, Conversation
from models.extensions import db


@pytest.fixture
def line(app, monkeypatch, new_line):
    monkeypatch.setattr(prefill, "reader_is_there", lambda: False)
    app.extensions["bole"].redis = None
    with two_programmes.packs(monkeypatch), app.app_context():
        two_programmes.open_rounds()
        yield new_line(app)
        db.session.remove()


def programme():
    db.session.rollback()
    return db.session.scalars(select(Conversation.programme)).one()


def test_a_link_spares_a_stranger_the_choice(line):
    line.says(f"/start {WEAVERS}")
    assert programme() == WEAVERS


def test_without_one_the_person_chooses_by_a_button(line):
    line.says("/start")
    assert programme() is None
    line.presses("1. ")
    assert programme() == CARVERS


def test_a_link_settles_a_choice_that_stands_open(line):
    line.says("/start", "不知道")
    line.says(f"/start {WEAVERS}")
    assert programme() == WEAVERS


def test_a_link_of_another_programme_offers_to_go_there_and_changes_nothing_by_itself(line):
    line.says(f"/start {CARVERS}")
    heard = line.says(f"/start {WEAVERS}")
    assert f"/p/{WEAVERS}" in heard and "要换到织造人才吗" in heard
    assert programme() == CARVERS
    line.presses("1. ")
    assert programme() == WEAVERS
    assert "要换到" not in line.says(f"/start {WEAVERS}")
    line.says(f"/start {CARVERS}")
    line.presses("2. ")
    assert programme() == WEAVERS


def test_a_button_of_the_programme_left_behind_chooses_nothing_where_the_same_is_asked(line):
    line.says(f"/start {CARVERS}")
    old = line.phone.heard[-1]
    line.says("换项目 织造人才")
    heard = line.comes(line.phone.press("1. ", old))
    assert "这个按钮是前面一题的" in heard and programme() == WEAVERS
    assert not db.session.scalars(select(Application.id)).all()
