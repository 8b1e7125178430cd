"""Several answers in one message: taken where each is certain, said back line by line, and none of another person's."""

from __future__ import annotations

from typing import Any

import pytest

from models.application import queries
from models.application.tables import Conversation
from models.extensions import db

TO_FORM = ("你好", "1", "1", "1", "1", "2", "继续")


def answers() -> Any:
    db.session.expire_all()
    return queries.view(db.session.query(Conversation).one().application_id or "").answers


def test_named_values_go_to_their_questions_and_the_first_that_is_left_is_asked(person: Any, id_number: str) -> None:
    heard = person.says(*TO_FORM, f"姓名：张三 电话：13812345678，身份证号码：{id_number}")
    given = answers()
    assert (given["field:name"], given["field:phone"]) == ("张三", "13812345678")
    assert "· 姓名：张三" in heard
    assert "· 联系电话：" in heard
    assert "13812345678" not in heard, "said back as everywhere: masked"
    assert "出生日期" in person.last[-1].plain()


@pytest.mark.parametrize("separator", ["\n", "；", "，", " "])
def test_however_they_are_parted(person: Any, separator: str) -> None:
    person.says(*TO_FORM, separator.join(("姓名：张三", "联系电话：13812345678")))
    assert (answers()["field:name"], answers()["field:phone"]) == ("张三", "13812345678")


def test_a_value_that_is_not_valid_is_left_and_said(person: Any) -> None:
    heard = person.says(*TO_FORM, "姓名：张三 电话：1381234567 年龄：50")
    assert answers()["field:name"] == "张三"
    assert "field:phone" not in answers()
    assert "联系电话：没有记" in heard
    assert "手机号应为 11 位" in heard


def test_none_of_them_valid_takes_nothing(person: Any) -> None:
    heard = person.says(*TO_FORM, "身份证号码：123 电话：456")
    assert "都还不能记" in heard
    assert "姓名" in person.last[-1].plain()
    assert not {key for key in answers() if key.startswith("field:")}


def test_one_after_the_other_as_they_will_be_asked(person: Any, id_number: str) -> None:
    heard = person.says(*TO_FORM, f"张三，{id_number}")
    assert (answers()["field:name"], answers()["field:id_number"]) == ("张三", id_number)
    assert "一次收到好几项" in heard
    assert "出生日期" in person.last[-1].plain()


@pytest.mark.parametrize(
    "text", ["张三，李四", "张三，13812345678", "张三，123", "张三，1", "张三，是", "张 三", "欧阳，", "姓名：张三"]
)
def test_what_is_not_certain_in_order_is_one_answer_or_none(person: Any, text: str) -> None:
    person.says(*TO_FORM, text)
    given = {key for key in answers() if key.startswith("field:")}
    assert given <= {"field:name"}


def test_a_comma_in_words_of_ones_own_changes_nothing(person: Any, id_number: str) -> None:
    person.says(*TO_FORM, "张三", id_number, "对", "13812345678", "阿三，老三")
    assert answers()["field:nickname"] == "阿三，老三"


def test_before_the_form_nothing_is_taken_for_it(person: Any) -> None:
    person.says("你好", "1", "1", "1", "姓名：张三 电话：13812345678")
    assert not {key for key in answers() if key.startswith("field:")}


def test_numbers_of_a_list_that_was_not_shown_yet_answer_nothing(person: Any, id_number: str) -> None:
    person.says(*TO_FORM, "张三", id_number, "对", "13812345678", "跳过")
    person.says("桃 2")
    assert "field:also" not in answers()


def test_in_english(person: Any) -> None:
    heard = person.says(*TO_FORM, "English", "Name: Zhang San, Telephone: 13812345678")
    assert answers()["field:name"] == "Zhang San"
    assert "Several at once" in heard
