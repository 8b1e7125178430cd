"""Links to the bot that name a programme, where several are open."""

import pytest
import two_programmes
from sqlalchemy import select
from two_programmes import CARVERS, WEAVERS

from models.application import prefill
from models.application.tables import Conversation
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


def test_a_link_of_another_programme_is_told_where_that_one_is_and_changes_nothing(line):
    question = line.says(f"/start {CARVERS}").splitlines()[-1]
    heard = line.says(f"/start {WEAVERS}")
    assert f"/p/{WEAVERS}" in heard and heard.endswith(question)
    assert programme() == CARVERS
    assert f"/p/{WEAVERS}" not in line.says(f"/start {CARVERS}")
    assert f"/p/{WEAVERS}" not in line.says("你好")
