"""「什么意思」 at a question explains it and asks it again; who asks once more is helped by people."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from bot_adapter import conversation
from models.application.tables import Conversation
from models.extensions import db
from models.office.tables import Enquiry
from models.programme import idnumber

TO_FACTS = ("你好", "1", "1", "1")
ID_NUMBER = idnumber.make("430400", date(1980, 5, 6), 12)


def questions() -> list[str]:
    return list(db.session.scalars(select(Enquiry.question)))


def at() -> str:
    return str(db.session.scalars(select(Conversation)).one().state["at"])


def test_a_question_is_explained_by_its_reason_clause_and_example_and_asked_again(person: Any) -> None:
    asked = person.says(*TO_FACTS)
    here = at()
    heard = person.says("什么意思")
    explained, again = person.last
    assert "只有在本市种果树的人可以申报" in explained.text
    assert "依据：通知二（条件）：“在本市种果树，技术等级在中级以上”" in explained.text
    assert "例如：在本市承包了果园" in explained.text and "比如发「1」" in explained.text
    assert [(choice.send, choice.label) for choice in explained.choices] == [("人工", "不明白？转人工")]
    assert again.text in asked and [choice.send for choice in again.choices][:2] == ["1", "2"]
    assert heard.count("您在本市种果树吗？") == 2, "in the explanation, and asked again"
    assert (at(), questions()) == (here, [])
    person.says("1")
    assert at() != here, "the question stood, and is answered as before"


def test_in_english(person: Any) -> None:
    heard = person.says("hello", "1", "1", "1", "What does that mean?")
    assert "Let me explain this one" in heard and "It rests on the notice, 二" in heard
    assert "Still unclear? Ask our staff" in heard and questions() == []


def test_who_asks_twice_is_helped_by_people_who_read_what_it_is_about(person: Any) -> None:
    person.says(*TO_FACTS)
    assert "转给工作人员" not in person.says("看不懂")
    assert "转给工作人员" in person.says("还是不明白")
    assert questions() == ["还是不明白（您在本市种果树吗？）"]


def test_the_way_to_people_under_the_explanation_needs_no_more_words(person: Any) -> None:
    person.says(*TO_FACTS, "这个怎么填", "人工")
    assert questions() == ["这个怎么填（您在本市种果树吗？）"]


def test_how_a_date_or_a_number_may_be_written_where_the_programme_gives_no_example(person: Any) -> None:
    person.says("你好", "1", "1", "荣誉能手", "1")
    assert at() == "fact:years" and "只写一个数字就行" in person.says("怎么填")


def test_a_column_of_a_row_is_explained_by_itself(person: Any) -> None:
    person.says(*TO_FACTS, "1", "2", "继续", "张三", ID_NUMBER, "对", "13812345678", "跳过", "苹果", "跳过")
    assert at() == "field:jobs"
    heard = person.says("什么意思")
    assert "说细一点——起始年月" in heard and "2008年7月" in heard
    assert "说细一点——结束年月" in person.says("2008.7", "什么意思"), "the next column was not explained yet"
    assert questions() == []


@pytest.mark.parametrize("words", ["看不懂", "怎么填", "这是什么意思"])
def test_it_is_never_taken_for_what_is_written(person: Any, words: str) -> None:
    person.says(*TO_FACTS, "1", "2", "继续")
    assert at() == "field:name"
    heard = person.says(words)
    assert at() == "field:name" and "姓名" in heard
    assert "身份证号码" in person.says("张三")


def test_at_the_verdict(person: Any) -> None:
    person.says(*TO_FACTS, "1", "2")
    assert at() == "verdict" and "回复前面的数字就行" in person.says("什么意思")
    assert at() == "verdict" and "符合" in person.heard


def test_who_begins_with_it_is_greeted(person: Any) -> None:
    assert "您好，这里是" in person.says("什么意思") and questions() == []


def test_after_the_hand_in_it_is_a_question_for_people(person: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(conversation.conversation_explaining.steps, "asks_nothing", lambda _turn: True)
    person.says(*TO_FACTS, "这是什么意思？")
    assert questions() == ["这是什么意思？"]
