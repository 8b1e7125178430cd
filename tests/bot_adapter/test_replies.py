"""What a person says to a member of staff in chat, kept apart from what they answer the form."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot_adapter import conversation
from models.extensions import db
from models.office import enquiries, enquiry_moves, threads
from models.office.enquiries import answer
from models.office.staff import create_staff
from models.office.tables import Enquiry, Staff, UnitRow

NAME_STEP = ("你好", "1", "1", "1", "1", "2", "继续")
UNCLEAR = "可以开车进果园吗？"
BACK = "是哪一天来？"


@pytest.fixture
def office(chat_app: Any) -> str:
    unit = db.session.scalars(select(UnitRow).where(UnitRow.office)).one()
    create_staff(
        username="office",
        password="long-enough-for-tests",
        display_name="办",
        roles=("office",),
        unit_id=unit.id,
    )
    return "office"


def member() -> Staff:
    return db.session.scalars(select(Staff).where(Staff.username == "office")).one()


def asked() -> Enquiry:
    db.session.rollback()
    return db.session.scalars(select(Enquiry).order_by(Enquiry.created_at.desc())).first()  # type: ignore[return-value]


def ask_back(text: str = BACK) -> None:
    enquiry_moves.ask_back(member(), asked().id, text, asked().version)


def lines() -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in threads.read(db.session(), asked())]


def test_an_answer_to_the_form_goes_to_the_form_and_one_to_a_person_to_them(person: Any, office: str) -> None:
    person.says(*NAME_STEP, UNCLEAR)
    ask_back()
    heard = person.says("张三")
    assert BACK in heard and "发「答复」" in heard and "身份证号码" in heard, "the form has its answer"
    assert asked().state == "asked"
    heard = person.says("答复 下周一来")
    assert "您的回答已经转给工作人员" in heard and "我们接着刚才的" in heard and "身份证号码" in heard
    assert "您的问题排在第一个。" in heard
    assert asked().state == "open" and lines()[-1] == ("reply", "下周一来")


@pytest.mark.parametrize("said", ["答复：下周一来", "回复，下周一来", "答复　下周一来", "reply: 下周一来"])
def test_ways_to_write_it(person: Any, office: str, said: str) -> None:
    person.says(*NAME_STEP, UNCLEAR)
    ask_back()
    person.says("进度", said)
    assert lines()[-1] == ("reply", "下周一来")


@pytest.mark.parametrize("words", ["1", "下周一来", "是下周一吗？", "继续"])
def test_after_the_word_alone_the_next_message_is_the_answer_whatever_it_is(
    person: Any, office: str, words: str
) -> None:
    person.says(*NAME_STEP, UNCLEAR)
    ask_back()
    assert f"工作人员问：{BACK}" in person.says("答复")
    person.says(words)
    assert lines()[-1] == ("reply", words)
    assert "身份证号码" in person.says("张三"), "and the next one is the form's again"


def test_back_leaves_it_unanswered(person: Any, office: str) -> None:
    person.says(*NAME_STEP, UNCLEAR)
    ask_back()
    person.says("答复", "返回")
    assert asked().state == "asked" and "身份证号码" in person.says("张三")


def test_the_button_under_the_question_is_never_too_old(person: Any, office: str) -> None:
    person.says(*NAME_STEP, UNCLEAR)
    ask_back()
    told = [m for m in person.last if m.choices]
    person.says("张三")
    told = [m for m in person.last if BACK in m.text]
    assert [choice.send for choice in told[0].choices] == ["答复"]


def test_where_the_form_asks_nothing_plain_words_are_the_answer(person: Any, office: str, monkeypatch: Any) -> None:
    person.says(*NAME_STEP, UNCLEAR)
    ask_back()
    from bot_adapter import conversation_replies

    monkeypatch.setattr(conversation_replies.steps, "asks_nothing", lambda turn: True)
    person.says("这句话在看到追问之前就写好了吗？")
    states = sorted(one.state for one in db.session.scalars(select(Enquiry)))
    assert states == ["asked", "open"], "it was written before the person had heard: it is a question of its own"
    person.says("是下周一，行吗？")
    assert {one.state for one in db.session.scalars(select(Enquiry)).all()} == {"open"}


def test_not_solved_goes_on_with_what_a_person_answered(person: Any, office: str) -> None:
    person.says(*NAME_STEP, UNCLEAR)
    answer(asked().id, member(), "可以。", asked().version)
    heard = person.says("没解决")
    assert "可以。" in heard and "重新转给工作人员" in heard and "您的问题排在第一个。" in heard
    assert asked().state == "open" and lines()[-1] == ("reopened", "没解决。")
    answer(asked().id, member(), "停在门口。", asked().version)
    person.says("没解决：门口停满了")
    assert lines()[-1] == ("reopened", "门口停满了")


def test_not_solved_without_anything_answered_asks_what_it_is(person: Any, office: str) -> None:
    person.says(*NAME_STEP)
    assert "请把问题写成一句话" in person.says("没解决")


def test_nobody_waits_for_an_answer(person: Any, office: str) -> None:
    person.says(*NAME_STEP)
    assert "现在没有工作人员在等您的回答" in person.says("答复 你好")
    assert "身份证号码" in person.says("张三")


def test_a_word_more_while_it_waits(person: Any, office: str) -> None:
    person.says(*NAME_STEP, UNCLEAR)
    assert "补充的话已经转给工作人员" in person.says("答复 是小车")
    assert lines()[-1] == ("reply", "是小车")


def test_two_questions_asked_back_are_answered_one_after_the_other(person: Any, office: str, clock: Any) -> None:
    person.says(*NAME_STEP, UNCLEAR)
    ask_back("第一个？")
    clock.advance(minutes=1)
    person.says("人工 果园里能住吗")
    ask_back("第二个？")
    heard = person.says("答复 二")
    assert "第一个？" in heard and "第二个？" not in heard.split("已经转给")[-1]
    person.says("答复 一")
    said = {threads.read(db.session(), one)[-1].text for one in db.session.scalars(select(Enquiry))}
    assert said == {"一", "二"}


def test_a_retry_is_one_line(person: Any, office: str) -> None:
    person.says(*NAME_STEP, UNCLEAR)
    ask_back()
    message = person.message("答复 下周一")
    assert conversation.handle(message) == conversation.handle(message)
    assert [kind for kind, _text in lines()] == ["question", "ask_back", "reply"]
    assert enquiries.short("长" * 61).endswith("…")


def test_asked_by_whoever_reviews_the_form_goes_on_and_reply_reaches_them(person: Any, office: str) -> None:
    person.says(*NAME_STEP, UNCLEAR)
    first = asked()
    first.effect = f"{threads.OURS}1:n"  # as if staff had begun it
    db.session.commit()
    ask_back()
    heard = person.says("张三")
    assert f"工作人员想了解：{BACK}" in heard and "您问：" not in heard and "身份证号码" in heard
    assert f"工作人员问您，在等您的回答：{BACK}" in person.says("进度")
    assert "您的回答已经转给问您的工作人员" in person.says("答复 下周一来")
    assert "工作人员问过「" in person.says("进度")
    assert "工作人员问过：「" in person.says("答复")
