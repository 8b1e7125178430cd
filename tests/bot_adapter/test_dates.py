"""Days and months as people say them; what has two readings is asked again."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_adapter import dates
from bot_adapter.numerals import Unclear

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("76.5.3", "1976-5-3"),
        ("76年5月3号", "1976-5-3"),
        ("一九七六年五月三日。", "1976-5-3"),
        ("七六年五月三号", "1976-5-3"),
        ("二〇〇五年十二月三十一日", "2005-12-31"),
        ("我是1976年5月3号生的", "1976-5-3"),
        ("1976，5，3", "1976-5-3"),
        ("19760503", "1976-05-03"),
        ("760503", "1976-05-03"),
        ("3 May 1976", "1976-5-3"),
        ("May 3rd, 1976", "1976-5-3"),
        ("昨天", "2026-11-26"),
        ("26.5.3", "2026-5-3"),
        ("37.5.3", "1937-5-3"),
    ],
)
def test_a_day(said: str, means: str) -> None:
    assert dates.day(said, TODAY) == means


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("1976年5月", "chat.date_day"),
        ("上个月", "chat.date_day"),
        ("1976", "chat.date_month"),
        ("五月三号", "chat.date_year"),
        ("05.10", "chat.date_year"),
        ("27.5.3", "chat.year_four"),
        ("36.5.3", "chat.year_four"),
        ("农历五月初三", "chat.date_lunar"),
    ],
)
def test_what_a_day_still_lacks(said: str, key: str) -> None:
    unclear = dates.day(said, TODAY)
    assert isinstance(unclear, Unclear)
    assert unclear.key == key


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("1976年的5月", "1976-5"),
        ("一九七六年五月", "1976-5"),
        ("76.5", "1976-5"),
        ("05年10月", "2005-10"),
        ("2012年元月", "2012-1"),
        ("May 1976", "1976-5"),
        ("2005年七月份", "2005-7"),
        ("上个月", "2026-10"),
        ("去年九月", "2025-9"),
        ("大概1976年5月", "1976-5"),
        ("1976年5月3日", "1976-5-3"),
        ("200503", "2005-03"),
    ],
)
def test_a_month(said: str, means: str) -> None:
    assert dates.month(said, TODAY) == means


def test_the_month_before_january_is_in_the_year_before() -> None:
    assert dates.month("上个月", date(2026, 1, 2)) == "2025-12"


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("1976", "chat.month_month"),
        ("去年", "chat.month_month"),
        ("五月", "chat.month_year"),
        ("05.10", "chat.year_four"),
    ],
)
def test_what_a_month_still_lacks(said: str, key: str) -> None:
    unclear = dates.month(said, TODAY)
    assert isinstance(unclear, Unclear)
    assert unclear.key == key


@pytest.mark.parametrize("said", ["", "张三", "上上个月", "200503", "5/3/76 or so", "19 76"])
def test_what_is_no_day_is_left_alone(said: str) -> None:
    assert dates.day(said, TODAY) is None


@given(st.text(max_size=30))
def test_whatever_is_said_is_a_day_a_question_or_nothing(said: str) -> None:
    for read in (dates.day(said, TODAY), dates.month(said, TODAY)):
        assert read is None or isinstance(read, (str, Unclear))


@given(st.dates(date(1937, 1, 1), TODAY))
def test_two_digits_of_a_year_are_its_own_century(given_day: date) -> None:
    said = f"{given_day:%y}年{given_day.month}月{given_day.day}日"
    assert dates.day(said, TODAY) == f"{given_day.year}-{given_day.month}-{given_day.day}"


@pytest.mark.parametrize("said", ["07/2008", "7.2008", "7 / 2008"])
def test_a_month_before_its_year(said: str) -> None:
    assert dates.month(said, TODAY) in ("2008-7", "2008-07")
    unclear = dates.day(said, TODAY)
    assert isinstance(unclear, dates.Unclear) and unclear.key == "chat.date_day"
