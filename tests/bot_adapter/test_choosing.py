"""Choosing by number and by words, whatever the width of the digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_adapter.choosing import Chosen, Entry, choose_many, choose_one, numbers, to_number
from bot_adapter.commands import Command, find_command, is_question, may_ask

GRADES = [
    Entry("junior", ("初级", "Junior")),
    Entry("tech", ("技师", "Technician")),
    Entry("senior", ("高级技师", "Senior technician")),
    Entry("unsure", ("不确定", "Not sure")),
]
_CHINESE_NUMBERS = "一二三四五六七八九十"


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("1", "junior"),
        ("２", "tech"),
        ("③", "senior"),
        ("一", "junior"),
        ("第二个", "tech"),
        ("第3项", "senior"),
        ("选2", "tech"),
        ("我选2", "tech"),
        ("2.", "tech"),
        ("2、", "tech"),
        ("「2」", "tech"),
        ("技师", "tech"),
        ("高级技师", "senior"),
        ("我是高级技师", "senior"),
        ("SENIOR TECHNICIAN", "senior"),
        ("不确定", "unsure"),
        ("四", "unsure"),
        ("选第二个", "tech"),
        ("我选第二个。", "tech"),
        ("第二个吧", "tech"),
        ("嗯，那我就选第二个吧", "tech"),
        ("The second one", "tech"),
        ("option two", "tech"),
        ("3rd", "senior"),
        ("#2", "tech"),
    ],
)
def test_one_is_chosen(text: str, token: str) -> None:
    assert choose_one(text, GRADES).tokens == (token,)


YES_NO = [Entry("yes", ("是", "Yes", "有")), Entry("no", ("不是", "No")), Entry("unsure", ("不确定", "Not sure"))]
KINDS = [Entry("firm", ("企业",)), Entry("none", ("都不是，也不在这里",)), Entry("office", ("机关（算公务员的是）",))]


@pytest.mark.parametrize(("text", "token"), [("yes sure", "yes"), ("Well, yes", "yes"), ("是", "yes"), ("有", "yes")])
def test_a_word_of_yes_or_no(text: str, token: str) -> None:
    assert choose_one(text, YES_NO).tokens == (token,)


@pytest.mark.parametrize("text", ["I know nothing", "yesterday", "noon", "not yet"])
def test_letters_within_another_word_are_no_word(text: str) -> None:
    assert choose_one(text, YES_NO).tokens == ()


@pytest.mark.parametrize("text", ["是", "在", "对", "好的", "可以", "嗯"])
def test_a_bare_yes_chooses_no_option_that_has_this_sign_somewhere(text: str) -> None:
    assert choose_one(text, KINDS) == Chosen()


def test_the_beginning_of_a_word_is_enough() -> None:
    assert choose_one("senior tech", GRADES).tokens == ("senior",)


@pytest.mark.parametrize(
    "text",
    ["不是高级技师", "没有技师", "十几年", "初级和技师", "1 2", "0", "5", "九十九", "", "级", "no one", "one day"],
)
def test_what_is_not_clear_chooses_nothing(text: str) -> None:
    assert choose_one(text, GRADES).tokens == ()


def test_an_unclear_word_names_the_candidates() -> None:
    entries = [Entry("a", ("省级荣誉",)), Entry("b", ("市级荣誉",))]
    assert choose_one("荣誉", entries).candidates == ("a", "b")


def test_a_number_that_is_not_on_the_list_is_said() -> None:
    assert choose_one("7", GRADES).bad_number == 7


def test_an_option_that_is_a_number_is_chosen_by_its_words() -> None:
    years = [Entry("y2", ("2", "two years")), Entry("y1", ("1", "one year"))]
    assert choose_one("1", years).tokens == ("y1",)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("1 3", ("junior", "senior")),
        ("1,3、2", ("junior", "senior", "tech")),
        ("１，３", ("junior", "senior")),
        ("13", ("junior", "senior")),
        ("1-3", ("junior", "tech", "senior")),
        ("一到三", ("junior", "tech", "senior")),
        ("第一个和第三个", ("junior", "senior")),
        ("初级、高级技师", ("junior", "senior")),
        ("2 2", ("tech",)),
        ("the first and third", ("junior", "senior")),
        ("one, two", ("junior", "tech")),
    ],
)
def test_several_are_chosen(text: str, tokens: tuple[str, ...]) -> None:
    assert choose_many(text, GRADES).tokens == tokens


@pytest.mark.parametrize("text", ["1 9", "初级、博士", "3-1", "1-"])
def test_one_wrong_part_chooses_nothing(text: str) -> None:
    assert choose_many(text, GRADES).tokens == ()


@given(st.integers(1, 99))
def test_chinese_numerals_are_read_as_written(number: int) -> None:
    tens, ones = divmod(number, 10)
    written = (_CHINESE_NUMBERS[tens - 1] if tens > 1 else "") + ("十" if tens else "")
    written += _CHINESE_NUMBERS[ones - 1] if ones else ""
    assert to_number(written) == number


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=8, unique=True),
    st.sampled_from([" ", ",", "，", "、", "；", " 和 ", "\n", ", "]),
    st.booleans(),
)
def test_a_list_of_numbers_is_read_in_its_order(wanted: list[int], separator: str, wide: bool) -> None:
    text = separator.join(str(number) for number in wanted)
    if wide:
        text = text.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    assert numbers(text, 30, many=True) == tuple(wanted)


@given(st.text(max_size=40), st.booleans())
def test_whatever_is_typed_only_listed_tokens_are_chosen(text: str, many: bool) -> None:
    chosen = (choose_many if many else choose_one)(text, GRADES)
    tokens = {entry.token for entry in GRADES}
    assert set(chosen.tokens) | set(chosen.candidates) <= tokens
    assert not (chosen.tokens and chosen.candidates)
    assert many or len(chosen.tokens) <= 1


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("帮助", Command.HELP, ""),
        ("？", Command.HELP, ""),
        ("「进度」", Command.STATUS, ""),
        ("返回。", Command.BACK, ""),
        ("人工 我的证书丢了", Command.HUMAN, "我的证书丢了"),
        ("修改 电话", Command.EDIT, "电话"),
        ("ＥＮＧＬＩＳＨ", Command.ENGLISH, ""),
        ("Status", Command.STATUS, ""),
    ],
)
def test_commands(text: str, command: Command, rest: str) -> None:
    said = find_command(text)
    assert said is not None
    assert (said.command, said.rest) == (command, rest)


@pytest.mark.parametrize("text", ["返回家乡工作", "进度条", "人工智能", "help me", "网页设计师", "1", "中文系"])
def test_a_command_is_the_whole_message(text: str) -> None:
    assert find_command(text) is None


@pytest.mark.parametrize(
    "text", ["要交什么材料？", "请问在哪里办", "怎么拍照", "can I apply twice", "能不能补交?", "是吗？？"]
)
def test_questions(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize("text", ["张三", "Howard", "whole", "2", "?", "衡阳市第一中学", "whoever"])
def test_answers_are_no_questions(text: str) -> None:
    assert not is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "年龄有限制吗",
        "籍贯怎么填",
        "照片要多大的",
        "公示几天",
        "是不是每年都要交",
        "证书是谁发的。",
        "网站打不开怎么办",
    ],
)
def test_a_question_without_its_mark_may_be_one(text):
    assert may_ask(text) and not is_question(text)


@pytest.mark.parametrize(
    "text",
    ["什么都没有", "不知道选哪个", "哪个都不是", "没什么荣誉", "谁", "几个都行", "3个", "没有多少"],
)
def test_these_ask_nothing(text):
    assert not may_ask(text)


@pytest.mark.parametrize("text", ["人工 证书丢了，怎么办？", "　人工　证书丢了，怎么办？ ", "HUMAN 证书丢了，怎么办？"])
def test_a_question_to_staff_stays_as_it_was_written(text):
    said = find_command(text)
    assert (said.command, said.rest) == (Command.HUMAN, "证书丢了，怎么办？")
