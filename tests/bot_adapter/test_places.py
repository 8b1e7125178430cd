"""A place in chat: a part of a name gives numbered candidates, any other text passes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import two_programmes
from flask import Flask
from two_programmes import CARVERS, carver

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models.application import queries
from models.application.tables import Conversation
from models.extensions import db


class Talk:
    """Somebody among the carvers who is asked for the ancestral home next."""

    def __init__(self) -> None:
        self.app_id = carver(photos=False, **{"field:home": None})
        conversation.join("webchat", CARVERS, "p1", CARVERS, self.app_id, "zh")
        self.count = 0
        self.says("")

    def says(self, text: str) -> str:
        self.count += 1
        message = InboundMessage("webchat", "p1", str(self.count), text, (), CARVERS, CARVERS)
        return "\n".join(one.plain() for one in conversation.handle(message))

    @property
    def home(self) -> object:
        db.session.expire_all()
        return queries.view(self.app_id).answers.get("field:home")

    @property
    def at(self) -> str:
        return str(db.session.query(Conversation).one().state["at"])


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch, app: Flask) -> Iterator[Talk]:
    app.extensions["bole"].redis = None
    with two_programmes.packs(monkeypatch), app.app_context():
        two_programmes.open_rounds()
        made = Talk()
        assert made.at == "field:home"
        yield made
        db.session.remove()


def test_a_part_of_a_name_is_answered_by_numbered_names_and_a_number_takes_one(talk: Talk) -> None:
    said = talk.says("朝阳")
    assert "您说的是下面哪一个？" in said
    assert "1. 北京市朝阳区" in said and "2. 辽宁省朝阳市" in said and "8. 就填“朝阳”" in said
    assert talk.home is None and talk.at == "field:home"
    talk.says("２")
    assert talk.home == "辽宁省朝阳市" and talk.at != "field:home"


def test_one_name_that_fits_is_still_the_persons_to_choose(talk: Talk) -> None:
    assert "1. 湖南省衡阳市衡东县\n2. 就填“衡东”" in talk.says("衡东")
    talk.says("第一个")
    assert talk.home == "湖南省衡阳市衡东县"


@pytest.mark.parametrize("place", ["湖南省衡阳市衡东县", "河北省获鹿县", "衡东县石湾镇", "越南河内", "英语"])
def test_a_whole_name_and_one_that_is_not_in_the_list_pass_at_once(talk: Talk, place: str) -> None:
    talk.says(place)
    assert talk.home == place


@pytest.mark.parametrize("again", ["衡东", "2", "就填“衡东”"])
def test_what_was_written_can_be_meant(talk: Talk, again: str) -> None:
    talk.says("衡东")
    talk.says(again)
    assert talk.home == "衡东"


def test_other_words_are_looked_for_anew(talk: Talk) -> None:
    talk.says("朝阳")
    assert "1. 辽宁省朝阳市朝阳县" in talk.says("朝阳县")
    talk.says("1")
    assert talk.home == "辽宁省朝阳市朝阳县"


def test_a_number_that_is_not_on_the_list_is_said(talk: Talk) -> None:
    talk.says("衡东")
    said = talk.says("7")
    assert "7" in said and "1. 湖南省衡阳市衡东县" in said
    assert talk.home is None


def test_skipping_and_commands_still_work_beside_the_names(talk: Talk) -> None:
    talk.says("衡东")
    assert "随时可发" in talk.says("帮助")
    assert talk.at == "field:home"
    talk.says("跳过")
    assert talk.home == ""


def test_what_was_typed_is_sealed_in_the_conversation(talk: Talk) -> None:
    talk.says("衡东")
    assert "衡东" not in str(db.session.query(Conversation).one().state)


def test_another_question_forgets_the_names(talk: Talk) -> None:
    talk.says("衡东")
    talk.says("跳过")
    assert "places" not in db.session.query(Conversation).one().state
