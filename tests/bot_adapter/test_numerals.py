"""Numbers as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_adapter.numerals import Number, Unclear, digits, number, whole

YEARS, MONTHS, MONEY = "种果树多少年了？", "您每年在这里工作几个月？", "年收入多少元？"


@pytest.mark.parametrize(
    ("said", "question", "value"),
    [
        ("三万五", MONEY, 35_000),
        ("三万五千", MONEY, 35_000),
        ("三万零五百", MONEY, 30_500),
        ("3.5万", MONEY, 35_000),
        ("3万5", MONEY, 35_000),
        ("3w", MONEY, 30_000),
        ("35,000元", MONEY, 35_000),
        ("３５０００", MONEY, 35_000),
        ("大概三万左右", MONEY, 30_000),
        ("30万", "年收入多少万元？", 30),
        ("一百二", MONEY, 120),
        ("一百零二", MONEY, 102),
        ("三十五年。", YEARS, 35),
        ("我干了八年了", YEARS, 8),
        ("两年", YEARS, 2),
        ("about 3 years", YEARS, 3),
        ("十二个月", MONTHS, 12),
        ("全年", MONTHS, 12),
        ("有三项", "获得过几项专利？", 3),
    ],
)
def test_a_number(said: str, question: str, value: int) -> None:
    assert number(said, question) == Number(value)


@pytest.mark.parametrize(
    ("said", "question", "key"),
    [
        ("5年半", YEARS, "chat.number_half"),
        ("半年", YEARS, "chat.number_half"),
        ("二十几年", YEARS, "chat.number_vague"),
        ("三五年", YEARS, "chat.number_vague"),
        ("10多年", YEARS, "chat.number_vague"),
        ("一年", MONTHS, "chat.number_unit"),
        ("3 months", YEARS, "chat.number_unit"),
    ],
)
def test_what_is_no_certain_number_is_asked_again(said: str, question: str, key: str) -> None:
    unclear = number(said, question)
    assert isinstance(unclear, Unclear)
    assert unclear.key == key


@pytest.mark.parametrize("said", ["", "张三", "3.5", "三点五", "1 2", "全年", "十百"])
def test_what_is_no_number_is_left_alone(said: str) -> None:
    assert number(said, YEARS) is None


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("一三八一二三四五六七八。", "13812345678"),
        ("幺三八 1234 5678", "13812345678"),
        ("四三零四零零一九八零零五零六零一二叉", "43040019800506012x"),
        ("138-1234-5678", "13812345678"),
        ("张三", None),
        ("一三八x", "138x"),
        ("x138", None),
    ],
)
def test_digits_one_by_one(said: str, plain: str | None) -> None:
    assert digits(said) == plain


_CHINESE = "零一二三四五六七八九"


@given(st.integers(1, 9_999))
def test_what_is_written_in_characters_is_read_back(value: int) -> None:
    written, zero = "", False
    for scale, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // scale % 10
        if digit:
            written += ("零" if zero and written else "") + _CHINESE[digit] + sign
        zero = not digit
    assert whole(written) == value


@given(st.text(max_size=20), st.sampled_from([YEARS, MONTHS, MONEY, "万元"]))
def test_whatever_is_said_is_a_number_a_question_or_nothing(said: str, question: str) -> None:
    read = number(said, question)
    assert read is None or isinstance(read, (Number, Unclear))
