"""「换项目」: several applications in one chat, on each database."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import two_programmes
from flask import Flask
from sqlalchemy import event, select
from telling import carry
from two_programmes import CARVERS, WEAVERS

from bot_adapter import begun, conversation, exchanges
from bot_adapter.messages import InboundMessage, MediaRef, OutboundMessage
from models.application import binding, notices, prefill, queries, service
from models.application.channel_tables import Carried
from models.application.tables import Application, Conversation, Inbound, Notice, Round
from models.errors import NotFound
from models.extensions import db
from models.office.tables import Enquiry
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


def test_the_greeting_names_it_where_there_is_something_to_change_to() -> None:
    assert "重来、网页、换项目。" in Chat("p2").comes_by_link(CARVERS)
    assert "web, switch." in Chat("p3").says("hello", programme=CARVERS, event="start", language="en")
    assert "重来、网页。" in Chat("p4").says("你好", programme=CARVERS), "the account is for one programme"
    assert "换项目" not in conversation.greeting(CARVERS, "zh")[0].text
    with unit_of_work() as session:
        for intake in session.scalars(select(Round).where(Round.programme == WEAVERS)):
            session.delete(intake)
    assert "重来、网页。" in Chat("p5").comes_by_link(CARVERS)


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


def test_back_is_where_one_was_last(chat: Chat) -> None:
    chat.says("换项目 织造人才", "1", "1")
    assert "好，现在办木雕人才" in chat.says("换回去") and chat.row.programme == CARVERS
    assert "好，现在办织造人才" in chat.says("Switch back")


def test_it_is_understood_in_other_words(chat: Chat) -> None:
    for word in ("换个项目", "其他项目", "「换项目」", "Switch programme", "other program"):
        assert "1. 织造" in chat.says(word), word


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


def test_a_row_half_typed_is_there_when_one_comes_back(chat: Chat) -> None:
    chat.says("2", "继续", "测试甲", two_programmes.ID_NUMBER, "对", "本科", "县木器厂", "13900000000", "群众", "跳过")
    chat.says("1990.7")
    asked, column = chat.last[-1].text, chat.row.state["rows"]["column"]
    chat.says("换项目 织造人才", "1", "1")
    assert "rows" not in chat.row.state
    chat.says("换项目 木雕人才")
    assert chat.last[-1].text == asked and chat.row.state["rows"]["column"] == column
    chat.says("至今", "县木器厂", "完成")
    assert queries.view(application(CARVERS).id).answers["field:career"][0]["start"] == "1990-07"


def test_what_is_said_to_the_list_and_is_no_choice_explains_and_keeps_it(chat: Chat) -> None:
    chat.says("换项目")
    assert "1. 织造" in chat.says("7")
    assert "1. 织造" in chat.says("也许吧")
    assert chat.row.state["mode"] == "switch"
    said = chat.says("不换")
    assert "在哪个县" in said and "mode" not in chat.row.state and chat.row.programme == CARVERS


def test_a_submitted_one_says_how_it_stands(chat: Chat) -> None:
    app_id = chat.row.application_id
    chat.says("换项目 织造人才", "1")
    db.session.rollback()
    service.withdraw(str(app_id))
    assert "已撤回" in chat.says("换项目")
    said = chat.says("1")
    assert "好，现在办木雕人才" in said and "已撤回" in said


def test_what_has_been_deleted_is_no_choice_any_more(chat: Chat) -> None:
    app_id = str(chat.row.application_id)
    chat.says("换项目 织造人才", "1", "换项目")
    service.delete(app_id)
    said = chat.says("1")
    assert "那份申报已经删除了" in said
    assert chat.row.programme == WEAVERS
    assert db.session.scalar(select(Carried.application_id)) is None


def test_one_that_is_deleted_takes_what_was_said_about_it_and_leaves_the_others(chat: Chat) -> None:
    first = str(chat.row.application_id)
    chat.says("换项目 织造人才", "1", "1", "请问补贴多少钱？")
    second = str(chat.row.application_id)
    before = db.session.scalars(select(Inbound.id).where(Inbound.application_id == second)).all()
    questions = db.session.scalars(select(Enquiry.id)).all()
    db.session.rollback()
    service.delete(first)
    db.session.rollback()
    left = db.session.execute(select(Inbound.id, Inbound.application_id)).all()
    assert {row.application_id for row in left} == {second} and len(left) == len(before)
    assert db.session.scalars(select(Enquiry.id)).all() == questions
    assert chat.row.state["at"] == "fact:certificate"


def test_the_last_deleted_takes_its_own_state(chat: Chat) -> None:
    chat.says("换项目 织造人才", "1", "1")
    second = str(chat.row.application_id)
    chat.says("换项目 木雕人才")
    service.delete(second)
    assert chat.row.application_id == application(CARVERS).id and chat.row.state["at"]
    assert "这个聊天里还有" not in chat.says("进度")


def test_what_was_given_in_the_one_is_offered_in_the_other(chat: Chat) -> None:
    chat.says("2", "继续", "测试甲")
    chat.says("换项目 织造人才", "1", "1", "是", "2", "2")
    said = chat.says("继续")
    assert "您在《木雕人才》里填过" in said and chat.row.state["at"] == "reuse"


def test_letting_go_says_what_is_left_and_all_is_let_go_by_a_word(chat: Chat) -> None:
    chat.says("换项目 织造人才", "1", "1")
    said = chat.says("解绑")
    assert "不再显示您的申报" in said and "木雕人才：填写中" in said and "全部解绑" in said
    chat.says("换项目", "1")
    assert chat.row.application_id == application(CARVERS).id
    chat.says("换项目 织造人才", "1", "1")
    said = chat.says("全部解绑")
    assert application(CARVERS).receipt in said
    assert chat.row.application_id is None and db.session.scalars(select(Carried)).all() == []
    assert "可以申报" in chat.says("换项目") and "编号" not in chat.heard


def test_a_code_of_another_chat_is_carried_on_and_the_one_before_waits(chat: Chat) -> None:
    other = Chat("p2", "other")
    other.comes_by_link(WEAVERS)
    other.says("1", "1")
    code = re.search(r"(\d{4} \d{4})", other.says("绑定"))
    assert code is not None
    said = chat.says(f"绑定 {code[1]}")
    assert "发「换项目」可以换回去" in said
    assert chat.row.application_id == application(WEAVERS).id and chat.row.programme == WEAVERS
    assert "上次填到" in chat.says("换项目 木雕人才")
    carrying = {one.channel for one in binding.bound(db.session(), application(WEAVERS).id)}
    assert carrying == {"chat", "other"}
    binding.unbind(application(WEAVERS).id, chat.row.id)
    with pytest.raises(NotFound):
        binding.unbind(application(WEAVERS).id, chat.row.id)
    assert [one.channel for one in binding.bound(db.session(), application(WEAVERS).id)] == ["other"]


def test_who_lets_go_hands_what_waits_to_the_chat_that_carries_it_beside_another(chat: Chat) -> None:
    left = application(CARVERS).id
    code = re.search(r"(\d{4} \d{4})", chat.says("绑定"))
    assert code is not None
    chat.says("换项目 织造人才")
    other = Chat("p2", "other")
    other.says(f"绑定 {code[1]}")
    other.says("你好")
    chat.says("1")
    there = other.row.id
    with unit_of_work() as session:
        carved = session.get_one(Application, left)
        told = notices.tell(session, carved, "x", "notice.approved", receipt=carved.receipt)
        assert told is not None
        told.conversation_id = there
    binding.unbind(left, there)
    assert "关于您的木雕人才" in chat.says("你好")


def heard(chat: Chat, code: str, *, pushed: bool) -> None:
    """News of the carvers' application, after the person has gone on to the weavers."""
    chat.says("换项目 织造人才", "1", "1")
    left = application(CARVERS)
    with unit_of_work() as session:
        params = {"document": "document:diploma", "page": 1, "reason": "不清楚。"}
        notice = notices.tell(session, session.get_one(Application, left.id), code, code, **params)
        assert notice is not None
        ident = notice.id
    if pushed:
        notices.take(ident, chat.row.id)
        begun.told(ident, chat.row.id)
    else:
        chat.says("进度")


@pytest.mark.parametrize("pushed", [True, False], ids=["pushed", "heading a reply"])
def test_a_photo_after_news_that_asks_for_one_is_asked_about_first(chat: Chat, pushed: bool) -> None:
    heard(chat, "notice.page_retake", pushed=pushed)
    photo = (MediaRef("0", two_programmes.JPEG),)
    said = chat.says("", media=photo)
    assert "这张照片是给哪一个的" in said and "1. 木雕人才" in said
    assert "好，现在办木雕人才" in chat.says("1")
    assert chat.row.application_id == application(CARVERS).id


def test_a_good_after_news_is_no_answer_to_the_question_that_stands_open(chat: Chat) -> None:
    heard(chat, "notice.page_retake", pushed=True)
    asked = chat.row.state["at"]
    assert "您这句是说木雕人才的事吗" in chat.says("好的")
    chat.says("2")
    assert chat.row.state["at"] == asked == "fact:certificate"
    chat.says("好的")
    assert queries.view(application(WEAVERS).id).answers["fact:certificate"] is True


def test_an_answer_after_news_is_an_answer(chat: Chat) -> None:
    heard(chat, "notice.page_retake", pushed=True)
    chat.says("是")
    assert queries.view(application(WEAVERS).id).answers["fact:certificate"] is True


def test_the_sites_own_chat_says_where_the_others_are_and_how_they_stand(chat: Chat) -> None:
    def says(slug: str, text: str) -> str:
        chat.count += 1
        message = InboundMessage("webchat", "w1", f"w{chat.count}", text, account_id=slug, programme=slug)
        return "\n".join(one.plain() for one in conversation.handle(message))

    says(CARVERS, "你好")
    says(CARVERS, "1")
    says(WEAVERS, "你好")
    said = says(WEAVERS, "换项目")
    assert "· 木雕人才（填写中）：http" in said and f"/chat/{CARVERS}" in said


def test_it_is_said_in_english(chat: Chat) -> None:
    chat.says("English", "switch")
    ours = chat.heard
    chat.says("1", "1", "1")
    chat.says("status")
    ours += chat.heard + chat.says("switch Wood carvers") + chat.says("unbind")
    assert not re.search(r"[\u4e00-\u9fff]", ours.replace("中文", "")), ours


def test_the_answer_to_what_was_asked_before_there_was_an_application_names_its_programme(chat: Chat) -> None:
    chat.says("换项目 织造人才", "请问补贴多少钱？", "换回去")
    with unit_of_work() as session:
        enquiry = session.scalars(select(Enquiry)).one()
        assert enquiry.application_id is None and enquiry.programme == WEAVERS
        told = Notice(effect=f"enquiry:{enquiry.id}:1", code="office.answered", text="没有补贴。")
        told.conversation_id, told.params = enquiry.conversation_id, {"question": enquiry.question}
        told.created_at = enquiry.created_at
        session.add(told)
    assert "关于织造人才：\n" in chat.says("进度") and "没有补贴。" in chat.heard


def test_before_a_programme_is_known_the_word_asks_which_one(chat: Chat) -> None:
    stranger = Chat("p9")
    stranger.says("你好")
    assert "1. 木雕人才" in stranger.says("换项目") and "没有看懂" not in stranger.heard
    assert "织造人才" in stranger.says("换项目 织造人才") and stranger.row.programme == WEAVERS


def test_a_link_of_one_that_is_closed_says_so_and_of_one_that_is_carried_leads_there(chat: Chat) -> None:
    chat.says("换项目 织造人才", "1", "1")
    for round_ in db.session.scalars(select(Round).where(Round.programme == CARVERS)):
        round_.closes = round_.opens
    db.session.commit()
    said = chat.comes_by_link(CARVERS)
    assert "要换到木雕人才吗" in said and "填写中" in said
    assert "好，现在办木雕人才" in chat.says("1") and "现在不接受申报" in chat.heard
    chat.says("换项目 织造人才")
    service.delete(application(CARVERS).id)
    assert "现在不接受申报。我们接着办织造人才" in chat.comes_by_link(CARVERS)


def test_an_ordinary_answer_after_switching_asks_the_database_no_more(chat: Chat) -> None:
    chat.says("换项目 织造人才", "1", "1")
    sent: list[str] = []

    def listener(*given: object) -> None:
        sent.append(str(given[2]))

    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        chat.says("是")
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    assert not [one for one in sent if "carried" in one]


def test_who_has_let_go_of_everything_begins_where_the_link_leads(chat: Chat) -> None:
    chat.says("解绑")
    assert "您好，这里是织造人才" in chat.comes_by_link(WEAVERS) and chat.row.programme == WEAVERS


def test_staff_of_the_one_read_nothing_of_the_other(chat: Chat) -> None:
    first = application(CARVERS).receipt
    chat.says("换项目 织造人才", "1", "1", "请问补贴多少钱？", "进度", "换项目", "不换")
    chat.says("换回去")
    heard(chat, "notice.page_retake", pushed=False)
    assert first in chat.heard
    talk = chat.row
    read = exchanges.about(db.session(), talk, WEAVERS, begun=True)
    said = "\n".join(part.plain() for one in read for part in one.reply)
    assert [one.text for one in read][-1] == "进度" and "织造人才：办到哪里了" in said
    assert "木雕" not in said and first not in said
    read = exchanges.about(db.session(), talk, CARVERS, begun=True)
    assert {one.text for one in read} == {"1", "是", "换回去"} and "织造" not in "".join(
        p.text for one in read for p in one.reply
    )
