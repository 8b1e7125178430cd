"""What was given in another programme, offered in chat as a numbered choice: on each database."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import two_programmes
from flask import Flask
from sqlalchemy import select
from two_programmes import CARVERS, WEAVERS, carver

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage, MediaRef
from models.application import prefill, queries, reuse, service
from models.application.queries import ApplicationView
from models.application.tables import Application, Conversation
from models.extensions import db

QUESTION = "您在《木雕人才》里填过姓名、身份证号码等 8 项、4 张照片。要带到《织造人才》来吗？"


@pytest.fixture(autouse=True)
def programmes(monkeypatch: pytest.MonkeyPatch, persistent_app: Flask) -> Iterator[None]:
    """Both programmes are open; nothing could read a card, so that it is not offered besides."""
    monkeypatch.setattr(prefill, "reader_is_there", lambda: False)
    persistent_app.extensions["bole"].redis = None
    with two_programmes.packs(monkeypatch), persistent_app.app_context():
        two_programmes.open_rounds()
        yield
        db.session.remove()


class Talk:
    """Somebody's chat about one programme, on the site or on another channel."""

    def __init__(self, slug: str, sender: str = "p1", channel: str = "webchat", account: str | None = None) -> None:
        self.slug, self.sender, self.channel, self.count = slug, sender, channel, 0
        self.account = slug if account is None else account

    def says(self, *texts: str, photo: bytes | None = None) -> str:
        for text in texts or ("",):
            self.count += 1
            media = (MediaRef("0", photo),) if photo else ()
            reply = conversation.handle(
                InboundMessage(
                    self.channel, self.sender, f"{self.slug}{self.count}", text, media, self.account, self.slug
                )
            )
        return "\n".join(message.plain() for message in reply)

    def to_the_verdict(self) -> None:
        self.says("你好", "1", "1", "是", "2", "2")

    def to_the_offer(self) -> str:
        self.to_the_verdict()
        return self.says("继续")

    def at(self) -> str:
        found = db.session.scalars(
            select(Conversation).where(
                Conversation.programme == self.slug,
                Conversation.sender == self.sender,
                Conversation.channel == self.channel,
            )
        ).one()
        return str(found.state["at"])

    def view(self) -> ApplicationView:
        db.session.expire_all()
        app_id = db.session.scalar(select(Application.id).where(Application.programme == WEAVERS))
        assert app_id is not None
        return queries.view(app_id)


@pytest.fixture
def source() -> str:
    """A carver's application that this person carries on in the chat about carvers."""
    made = carver()
    conversation.join("webchat", CARVERS, "p1", CARVERS, made, "zh")
    return made


@pytest.fixture
def talk(source: str) -> Talk:
    return Talk(WEAVERS)


def test_after_the_verdict_it_is_offered_as_a_numbered_choice_with_all_that_would_be_taken(talk: Talk) -> None:
    said = talk.to_the_offer()
    assert QUESTION in said and talk.at() == "reuse"
    assert "· 姓名：测试甲" in said and "· 身份证照片：2 张照片" in said
    assert "· 身份证号码：4304*************" in said and two_programmes.ID_NUMBER not in said
    assert "回复 1 就是说：我同意把上面列出的内容从《木雕人才》带过来" in said
    assert "1. 我同意，带过来\n2. 不用，重新填" in said
    assert not any(key.startswith("field:") for key in talk.view().answers)


@pytest.mark.parametrize("word", ["1", "１", "我同意，带过来", "好的", "第一个"])
def test_a_yes_brings_it_over_and_goes_on_to_what_is_left(talk: Talk, word: str) -> None:
    talk.to_the_offer()
    said = talk.says(word)
    assert "已经带过来：姓名、身份证号码等 8 项、4 张照片。" in said
    assert talk.at() == "field:loom" and "织机" in said
    view = talk.view()
    assert view.answers["field:name"] == "测试甲" and len(view.pages) == 4
    assert reuse.sources(view.events) == (CARVERS,)
    talk.says("花楼机", "1")
    assert "已提交" in talk.says("提交") or talk.view().application.status == "submitted"


@pytest.mark.parametrize("word", ["2", "不用", "不用，重新填", "不"])
def test_a_no_is_as_easy_and_is_not_asked_again(talk: Talk, word: str) -> None:
    talk.to_the_offer()
    said = talk.says(word)
    assert "好的，我们重新填" in said and talk.at() == "field:name"
    assert QUESTION not in talk.says("测试乙")
    view = talk.view()
    assert view.answers["field:name"] == "测试乙" and not view.pages
    assert "「带过来」" in talk.says("进度")


def test_who_changes_their_mind_brings_the_rest_over_by_a_word(talk: Talk) -> None:
    talk.to_the_offer()
    talk.says("2", "测试乙")
    said = talk.says("带过来")
    assert talk.at() == "reuse" and "姓名" not in said.partition("回复")[0]
    talk.says("1")
    view = talk.view()
    assert view.answers["field:name"] == "测试乙" and view.answers["field:mobile"] == "13900000000"
    assert talk.at() == "field:loom"
    assert "没有可以带过来的内容" in talk.says("带过来") and talk.at() == "field:loom"


def test_a_wish_that_is_given_up_leads_back_to_where_the_person_was(talk: Talk) -> None:
    talk.to_the_offer()
    talk.says("2", "带过来")
    assert talk.at() == "reuse"
    talk.says("返回")
    assert talk.at() == "field:name"


def test_other_words_explain_and_keep_the_question(talk: Talk) -> None:
    talk.to_the_offer()
    for odd in ("也许", "3", "😀", "帮助", "进度", "您好"):
        talk.says(odd)
        assert talk.at() == "reuse", odd
    assert QUESTION in talk.says("您好")
    assert not any(key.startswith("field:") for key in talk.view().answers)


def test_a_photo_answers_no_offer(talk: Talk) -> None:
    talk.to_the_offer()
    assert "哪一种材料" in talk.says(photo=two_programmes.JPEG)
    said = talk.says("不要了")
    assert talk.at() == "reuse" and QUESTION in said
    assert not talk.view().pages


def test_what_changed_since_it_was_shown_is_shown_again(talk: Talk, source: str) -> None:
    talk.to_the_offer()
    service.record(source, {"field:name": "测试丁"}, "web")
    said = talk.says("1")
    assert "刚刚有变化" in said and "测试丁" in said and talk.at() == "reuse"
    assert "field:name" not in talk.view().answers
    talk.says("1")
    assert talk.view().answers["field:name"] == "测试丁"


def test_what_has_gone_meanwhile_leads_on(talk: Talk, source: str) -> None:
    talk.to_the_offer()
    service.delete(source)
    talk.says("1")
    assert talk.at() == "field:name"


def test_a_retry_of_the_yes_gets_the_same_answer_and_takes_nothing_twice(talk: Talk) -> None:
    talk.to_the_offer()
    first = talk.says("1")
    talk.count -= 1
    assert talk.says("1") == first
    assert len(talk.view().pages) == 4


def test_it_is_declined_in_the_browser_and_not_asked_in_chat(talk: Talk) -> None:
    talk.to_the_verdict()
    service.record(talk.view().application.id, {"verdict": True}, "web")
    reuse.decline(talk.view().application.id, CARVERS, "web")
    talk.says("继续")
    assert talk.at() == "field:name"


def test_it_can_be_said_in_english(talk: Talk) -> None:
    talk.to_the_verdict()
    talk.says("English")
    said = talk.says("go on")
    assert "In “Wood carvers” you gave: Name, ID number and more, 8 answers in all, photos: 4." in said
    ours = re.sub(r"测试甲|县木器厂", "", said)
    assert not re.search(r"[\u4e00-\u9fff]", ours), ours
    assert "Brought over: Name, ID number" in talk.says("1")


@pytest.mark.parametrize(
    ("sender", "channel", "account"),
    [("p2", "webchat", None), ("p1", "other", None), ("p1", "webchat", "elsewhere")],
)
def test_only_the_senders_own_conversations_count(source: str, sender: str, channel: str, account: str | None) -> None:
    """Another sender, another channel, and on channels that keep their accounts apart another account."""
    talk = Talk(WEAVERS, sender, channel, account)
    said = talk.to_the_offer()
    assert talk.at() == "field:name" and "木雕人才" not in said
    assert "没有可以带过来的内容" in talk.says("带过来")
