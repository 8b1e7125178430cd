"""Messages fit every channel, keep everything, and say both languages."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_adapter import search
from bot_adapter.messages import Capabilities, Choice, OutboundMessage, fit
from models.programme.pack import Option, Text

_choices = st.lists(st.builds(Choice, st.sampled_from("123456789"), st.text(min_size=1, max_size=10)), max_size=4)
_messages = st.builds(
    OutboundMessage, st.text(max_size=300), _choices.map(tuple), st.text(max_size=10), st.booleans(), st.booleans()
)


@given(_messages)
def test_a_message_survives_being_kept(message: OutboundMessage) -> None:
    assert OutboundMessage.from_json(message.to_json()) == message


@given(_messages)
def test_what_is_written_of_a_message_is_its_json_with_its_mark(message: OutboundMessage) -> None:
    for one in (message, message.marked("3f09ac"), message.kept_for_all().marked("3f09ac")):
        assert json.loads(one.to_bytes()) == one.to_json()
        assert one.to_bytes() == one.to_bytes() == json.dumps(one.to_json(), ensure_ascii=False).encode()
    assert b"3f09ac" not in message.to_bytes()


@given(st.lists(_messages, min_size=1, max_size=6), st.integers(1, 4), st.integers(10, 200), st.sampled_from([0, 4]))
def test_fitting_drops_nothing(messages: list[OutboundMessage], most: int, longest: int, buttons: int) -> None:
    fitted = fit(messages, Capabilities(max_messages=most, max_text=longest, max_choices=buttons))
    assert all(len(message.text) <= longest for message in fitted)
    if buttons:
        assert fitted[-1].choices == messages[-1].choices
    else:
        assert all(len(message.plain()) <= longest for message in fitted)
    before, after = ("".join("".join(m.plain().split()) for m in some) for some in (messages, fitted))
    assert after == before


def test_where_there_are_no_buttons_long_choices_are_cut_by_bytes_with_the_text() -> None:
    long = OutboundMessage("选一个：", tuple(Choice(str(n), "某某职称" * 5) for n in range(1, 40)), "发数字")
    capabilities = Capabilities(max_text=2000, text_unit="bytes")
    fitted = fit([long], capabilities)
    assert len(fitted) == 2 and all(len(message.plain().encode()) <= 2000 for message in fitted)
    assert "\n".join(message.text for message in fitted) == long.plain()
    short = OutboundMessage("选一个：", (Choice("1", "甲"),))
    assert fit([short], capabilities) == [short]


@pytest.mark.parametrize(
    ("choice", "line"),
    [
        (Choice("2", "不是"), "2. 不是"),
        (Choice("不确定", "先空着"), "「不确定」先空着"),
        (Choice("Not sure", "leave it open for now"), "“Not sure”: leave it open for now"),
    ],
)
def test_a_word_to_send_stands_in_its_languages_quotation_marks(choice: Choice, line: str) -> None:
    assert choice.line == line


def _option(value: str, zh: str, en: str, group: str = "", group_en: str = "") -> Option:
    return Option(value=value, label=Text(zh=zh, en=en), group=group, group_en=group_en)


TITLES = [
    _option("t1", "高等学校教师", "University teacher", "教育", "Education"),
    _option("t2", "中学教师", "School teacher", "教育", "Education"),
    _option("t3", "教师", "Teacher", "教育", "Education"),
    _option("t4", "工程师", "Engineer", "工程", "Construction"),
]


def test_search_puts_the_exact_label_first() -> None:
    assert [o.value for o in search.search("教师", TITLES)] == ["t3", "t1", "t2"]
    assert [o.value for o in search.search("TEACHER", TITLES)] == ["t3", "t1", "t2"]


def test_search_reads_headings_and_abbreviations() -> None:
    assert [o.value for o in search.search("工程", TITLES)] == ["t4"]
    assert [o.value for o in search.search("高教师", TITLES)] == ["t1"]
    assert [o.value for o in search.search("construction", TITLES)] == ["t4"]
    assert search.search("律师", TITLES) == []


def test_headings_are_in_the_persons_language() -> None:
    assert search.groups(TITLES, "zh") == ["教育", "工程"]
    assert search.groups(TITLES, "en") == ["Education", "Construction"]


@given(st.sampled_from(TITLES), st.data())
def test_any_part_of_a_label_finds_it(option: Option, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(option.label.zh) - 1))
    end = data.draw(st.integers(start + 1, len(option.label.zh)))
    assert option in search.search(option.label.zh[start:end], TITLES)
