"""Links to a 微信客服 account whose scene names a programme, where several are open."""

import pytest
import two_programmes
from sqlalchemy import select
from two_programmes import CARVERS, WEAVERS

from models.application import prefill
from models.application.tables import Conversation
from models.extensions import db

PERSON = "wmMade_Up-Person0123456789"


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
    found = db.session.scalars(select(Conversation.programme)).one()
    db.session.rollback()
    return found


def test_a_stranger_is_greeted_for_the_programme_of_the_link_and_answers_that(line):
    line.platform.enters(PERSON, WEAVERS)
    line.turn()
    (greeting,) = line.platform.texts(PERSON)
    assert "织造人才" in greeting
    line.says("同意")
    assert programme() == WEAVERS


def test_the_greeting_by_a_link_names_what_changes_the_programme_and_that_word_works_at_once(line):
    line.platform.enters(PERSON, WEAVERS)
    line.turn()
    (greeting,) = line.platform.texts(PERSON)
    assert "重来、网页、换项目。" in greeting
    assert "1. 木雕人才" in line.says("换项目")
    line.says("1")
    assert programme() == CARVERS
    assert "织造人才" in line.says("换项目"), "and later as well, though the link named one programme"


def test_without_a_scene_of_ours_nobody_is_greeted_and_the_person_chooses(line):
    line.platform.enters(PERSON)
    line.turn()
    assert line.platform.sent == []
    assert "1. 木雕人才" in line.says("你好")


def test_who_comes_by_another_programmes_link_is_offered_to_go_there(line):
    line.platform.enters(PERSON, CARVERS)
    line.turn()
    line.says("同意")
    line.platform.enters(PERSON, WEAVERS)
    heard = line.turn()
    assert "要换到织造人才吗" in heard and programme() == CARVERS
    line.presses("1. ")
    assert programme() == WEAVERS
    before = len(line.platform.sent)
    line.platform.enters(PERSON, WEAVERS)
    line.turn()
    assert len(line.platform.sent) == before


@pytest.mark.parametrize(("hours", "minutes"), [(49, 0), (0, 3)], ids=["no window", "read too late"])
def test_an_offer_that_could_not_arrive_in_time_is_not_made(line, clock, hours, minutes):
    line.platform.enters(PERSON, CARVERS)
    line.turn()
    line.says("同意")
    clock.advance(hours=hours)
    before = len(line.platform.sent)
    line.platform.enters(PERSON, WEAVERS)
    clock.advance(minutes=minutes)
    line.turn()
    assert len(line.platform.sent) == before and programme() == CARVERS
