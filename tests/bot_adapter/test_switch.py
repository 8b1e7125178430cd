"""「换项目」: several applications in one chat, on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import two_programmes
from flask import Flask
from sqlalchemy import select
from telling import carry
from two_programmes import CARVERS, WEAVERS

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage, OutboundMessage
from models.application import notices, prefill
from models.application.channel_tables import Carried
from models.application.tables import Application, Conversation, Notice
from models.extensions import db
from models.unit_of_work import unit_of_work


@pytest.fixture(autouse=True)
def programmes(monkeypatch: pytest.MonkeyPatch, persistent_app: Flask) -> Iterator[None]:
    """Both programmes are open."""
    monkeypatch.setattr(prefill, "reader_is_there", lambda: False)
    persistent_app.extensions["bole"].redis = None
    with two_programmes.packs(monkeypatch), persistent_app.app_context():
        two_programmes.open_rounds()
        yield
        db.session.remove()


class Chat:
    """Somebody in a chat where any programme may be talked about."""

    def __init__(self, sender: str = "p1", channel: str = "chat") -> None:
        self.sender, self.channel, self.count = sender, channel, 0
        self.last: list[OutboundMessage] = []

    def says(self, *texts: str, **about: object) -> str:
        for text in texts or ("",):
            self.count += 1
            message = InboundMessage(self.channel, self.sender, f"k{self.count}", text, account_id="acc", **about)  # type: ignore[arg-type]
            self.last = conversation.handle(message)
        return self.heard

    def comes_by_link(self, slug: str) -> str:
        return self.says("你好", programme=slug, event="start")

    @property
    def heard(self) -> str:
        return "\n".join(message.plain() for message in self.last)

    @property
    def row(self) -> Conversation:
        db.session.rollback()
        query = select(Conversation).where(Conversation.sender == self.sender, Conversation.channel == self.channel)
        return db.session.scalars(query).one()


@pytest.fixture
def chat() -> Chat:
    """Somebody who is in the middle of the carvers' questions."""
    found = Chat()
    found.comes_by_link(CARVERS)
    found.says("1", "1", "是")
    return found


def application(slug: str) -> Application:
    db.session.rollback()
    return db.session.scalars(select(Application).where(Application.programme == slug)).one()


def test_the_list_says_what_is_open_and_the_choice_begins_there(chat: Chat) -> None:
    said = chat.says("换项目")
    assert "现在办的是木雕" in said and "1. 织造" in said and "可以申报" in said and "2. 不换，接着办木雕" in said
    assert chat.row.programme == CARVERS
    said = chat.says("1")
    assert "好，现在办织造" in said and "木雕" in said and "换回去" in said
    assert chat.row.programme == WEAVERS and chat.row.application_id is None
    chat.says("1", "1")
    assert chat.row.application_id == application(WEAVERS).id


def test_back_again_it_goes_on_at_the_same_question_with_one_line_of_context(chat: Chat) -> None:
    question = chat.says("返回")
    at = chat.row.state["at"]
    chat.says("换项目", "1", "1", "1")
    other = chat.row.application_id
    said = chat.says("换项目")
    assert f"木雕人才：填写中（编号 {application(CARVERS).receipt}）" in said
    said = chat.says("1")
    assert "上次填到" in said and chat.last[-1].text in question
    assert chat.row.state["at"] == at and chat.row.application_id == application(CARVERS).id
    assert [one.application_id for one in db.session.scalars(select(Carried))] == [other]


@pytest.mark.parametrize("word", ["换个项目", "其他项目", "「换项目」", "Switch programme", "other program"])
def test_it_is_understood_in_other_words(chat: Chat, word: str) -> None:
    assert "1. 织造" in chat.says(word)


def test_news_of_the_one_left_behind_arrives_with_its_name(chat: Chat) -> None:
    chat.says("换项目", "1", "1", "1")
    left = application(CARVERS)
    with unit_of_work() as session:
        notices.tell(session, session.merge(left), "x", "notice.approved", receipt=left.receipt)
    carry()
    said = chat.says("进度")
    assert f"关于您的木雕人才（编号 {left.receipt}）" in said and "「换项目 木雕人才」" in said
    assert [one.state for one in db.session.scalars(select(Notice))] == ["sent"]
    assert "上次填到" in chat.says("换项目 木雕")
