"""What people really send: 「无」, 「跳过」, 「你好」, nonsense, the wrong thing at the wrong step.

Nothing of it loses the place, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot_adapter import rendering
from bot_adapter.choosing import Entry, choose_one
from bot_adapter.commands import is_hello
from bot_adapter.prompting import Prompt, option_entries, prompt
from bot_adapter.understanding import Answer, Misread, understand
from models.application import queries
from models.application.tables import Conversation
from models.extensions import db
from models.interview.prepared import prepared
from models.interview.steps import Ask, Stage
from models.programme.loader import load_pack
from models.programme.pack import Option, Pack, Text

HENGYANG = "hengyang-2015"
TO_FORM = ("你好", "1", "1", "1", "1", "2", "继续")


@pytest.fixture(scope="module")
def pack() -> Iterator[Pack]:
    load_pack.cache_clear()
    yield load_pack(HENGYANG)
    load_pack.cache_clear()


def entries(ask: Ask) -> list[Entry]:
    return prompt(ask).entries


def field(pack: Pack, name: str) -> Ask:
    return prepared(pack).fields[name]


@pytest.mark.parametrize(
    ("name", "said", "value"),
    [
        ("degree", "无", "none"),
        ("degree", "没有", "none"),
        ("degree", "硕", "master"),
        ("political_status", "团员", "03"),
        ("political_status", "群", "13"),
    ],
)
def test_a_word_that_only_one_option_has_chooses_it(pack: Pack, name: str, said: str, value: str) -> None:
    assert choose_one(said, entries(field(pack, name))).tokens == (f"option:{value}",)


def test_a_bare_no_never_chooses_an_option_that_merely_begins_so(pack: Pack) -> None:
    """「无」 at 政治面貌 is not 「无党派人士」."""
    assert choose_one("无", entries(field(pack, "political_status"))).tokens == ()


def test_a_number_is_the_place_in_the_list_never_a_code() -> None:
    options = [
        Option(value=code, label=Text(zh=name, en=name)) for code, name in (("02", "甲"), ("2", "乙"), ("1", "丙"))
    ]
    listed = [entry for entry, _ in option_entries(options)]
    assert choose_one("2", listed).tokens == ("option:2",)
    assert choose_one("1", listed).tokens == ("option:02",)


@pytest.mark.parametrize(("name", "count"), [("political_status", 13), ("county", 16)])
def test_lists_up_to_sixteen_are_shown_whole(pack: Pack, name: str, count: int) -> None:
    ask = prepared(pack).facts[name]
    shown = rendering.asked(ask, prompt(ask), "zh").plain()
    assert f"{count}. {ask.options[-1].label.zh}" in shown


def test_a_searched_list_offers_other_answers_by_their_words(pack: Pack) -> None:
    ask = prepared(pack).facts["registered_qualifications"]
    fresh = rendering.asked(ask, prompt(ask), "zh").plain()
    assert "「不确定」" in fresh
    assert "「都没有」" in fresh
    assert "1. " not in fresh, "nothing looks like the whole list"
    assert not prompt(ask).numbered
    some = prompt(ask, picked=("cpa",))
    assert [word.send for word in some.choices("zh")] == ["完成"]


def test_beside_a_search_none_is_only_the_offered_word(pack: Pack) -> None:
    ask = prepared(pack).facts["registered_qualifications"]
    beside = prompt(ask, found=("cpa",))
    words = {word for entry, _, _ in beside.worded for word in entry.words}
    assert "都没有" in words
    assert "没有" not in words, "it may mean: not among what was found"


def test_two_pages_are_two_pages() -> None:
    ask = Ask("document:x", Stage.DOCUMENTS, "document", Text(zh="证", en="Card"), min_pages=2, max_pages=2)
    assert "一共要 2 张" in rendering.document_asked(ask, Prompt(), "zh", 0).text
    assert "2 pages, one photo each" in rendering.document_asked(ask, Prompt(), "en", 0).text


@pytest.mark.parametrize("text", ["你好", "您好！", "在吗？", "Hello", "hi~", "晚上好。"])
def test_hellos(text: str) -> None:
    assert is_hello(text)


@pytest.mark.parametrize("text", ["你好食品厂", "张在", "hi-tech", "早稻种植", "喂养"])
def test_what_only_begins_like_a_hello(text: str) -> None:
    assert not is_hello(text)


def talk() -> Conversation:
    return db.session.query(Conversation).one()


def answers() -> Any:
    return queries.view(talk().application_id or "").answers


@pytest.mark.parametrize("hello", ["你好", "在吗？", "Hi"])
def test_a_hello_is_answered_and_the_place_kept(person: Any, hello: str) -> None:
    heard = person.says(*TO_FORM, hello)
    assert "您好，我在" in heard
    assert "姓名" in heard
    assert "field:name" not in answers()


def test_a_hello_after_the_greeting_is_no_answer(person: Any) -> None:
    heard = person.says("你好", "你好")
    assert "没有看懂" not in heard
    assert "1. 同意" in heard


@pytest.mark.parametrize("thanks", ["谢谢", "谢谢老师！", "辛苦了", "Thank you!"])
def test_thanks_are_no_name_and_no_riddle(person: Any, thanks: str) -> None:
    heard = person.says(*TO_FORM, thanks)
    assert heard.startswith("不客气。") and "姓名" in heard
    assert "field:name" not in answers()


@pytest.mark.parametrize("hurry", ["提交", "我要提交", "submit"])
def test_handing_in_too_early_is_no_name_and_is_explained(person: Any, hurry: str) -> None:
    heard = person.says(*TO_FORM, hurry)
    assert heard.startswith("还差几步才能提交") and "姓名" in heard
    assert "field:name" not in answers()


def test_where_an_answer_is_offered_the_example_is_that_one(person: Any, id_number: str) -> None:
    heard = person.says(*TO_FORM, "张三", id_number, "1999-01-01", "1999-01-01")
    assert "发「对」，就是「就用：" in heard
    heard = person.says("/", "/")
    assert "光看表情或符号" in heard


def test_who_said_hi_and_writes_chinese_is_told_how_to_change(person: Any) -> None:
    person.says("hi", "1", "1", "1")
    assert "要用中文，请发：中文" in person.says("嗡嗡")
    assert "请发：中文" not in person.says("mumble mumble")
    person.says("中文")
    assert "For English, send: English" in person.says("mumble mumble")
    assert "For English" not in person.says("wengweng"), "one word may be pinyin"


def test_a_plain_yes_or_no_takes_the_one_option_that_begins_so(pack: Pack) -> None:
    labels = {"in": "是，在市内", "out": "不是，在外地", "branch": "总部在外地"}
    options = tuple(Option(value=value, label=Text(zh=zh, en=value)) for value, zh in labels.items())
    where = Ask("fact:where", Stage.ELIGIBILITY, "choice", Text(zh="单位在市内吗？", en="Where?"), options=options)

    def meant(said: str, ask: Ask) -> object:
        return understand(ask, prompt(ask), said, today=date(2026, 3, 1))

    assert meant("是", where) == meant("嗯嗯", where) == Answer("in")
    assert meant("不是", where) == Answer("out")
    several = replace(where, options=(*options, Option(value="near", label=Text(zh="是，在郊县", en="near"))))
    found = meant("是的", several)
    assert isinstance(found, Misread) and found.params["labels"] == ["1. 是，在市内", "4. 是，在郊县"]
    assert isinstance(meant("无", field(pack, "political_status")), Misread), "「无党派人士」 only begins like it"


def test_each_misunderstanding_in_a_row_says_more(person: Any) -> None:
    person.says("你好", "1", "1", "1")
    first, second, third, fourth = (person.says(text) for text in ("嗡嗡", "😀", "[动画表情]", "嗡嗡嗡"))
    assert "没有看懂" in first
    assert "比如发「1」，就是「是」" in second
    assert "为什么问" in second, "the question comes whole again"
    assert "人工" in second
    assert "发「网页」" in third
    assert "人工" in third
    assert len({first, second, third}) == 3
    assert "发「网页」" in fourth
    assert "技术等级" in person.says("是"), "and the answer is still taken"


def test_a_written_answer_gets_a_written_example(person: Any, id_number: str) -> None:
    person.says(*TO_FORM, "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过")
    person.says("嗡嗡")
    assert "2" in person.says("嗡嗡")
    assert "起始年月" in person.heard
    assert "结束年月" in person.says("2010.9")


@pytest.mark.parametrize("nothing", ["跳过", "没有", "无", "不填", "skip"])
def test_nothing_to_enter_may_be_said_in_many_ways(person: Any, id_number: str, nothing: str) -> None:
    person.says(
        *TO_FORM, "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过", "2010.9", "至今", "红星", "完成"
    )
    assert "有要填的吗" in person.heard
    assert "身份证" in person.says(nothing)
    assert answers()["field:awards"] == []


@pytest.mark.parametrize("finished", ["跳过", "没有了", "没有", "不用了", "2"])
def test_no_more_rows_may_be_said_in_many_ways(person: Any, id_number: str, finished: str) -> None:
    person.says(*TO_FORM, "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过", "2010.9", "至今", "红星")
    assert "有要填的吗" in person.says(finished)
    assert [row["place"] for row in answers()["field:jobs"]] == ["红星"]


def test_a_list_that_was_begun_is_not_skipped_away(person: Any) -> None:
    person.says("你好", "1", "1", "荣誉能手", "1", "6", "全国果树能手")
    person.says("跳过")
    assert answers()["fact:honours"] == ("h01",)


@pytest.mark.parametrize("open_end", ["至今", "不填", "跳过", "现在", "没有"])
def test_an_end_that_is_not_filled_in_has_not_come(person: Any, id_number: str, open_end: str) -> None:
    person.says(*TO_FORM, "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过", "2010.9", open_end, "红星")
    assert answers()["field:jobs"] == [{"since": "2010-09", "until": "", "place": "红星"}]


@pytest.mark.parametrize(("said", "more"), [("有的呀", True), ("嗯嗯", True), ("没有了呢", False), ("没有没有", False)])
def test_the_menu_of_rows_takes_yes_and_no(person: Any, id_number: str, said: str, more: bool) -> None:
    person.says(*TO_FORM, "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过", "2010.9", "至今", "红星")
    assert ("第 2 条" in person.says(said)) is more


@pytest.mark.parametrize("said", ["嗯嗯", "好滴", "可以的", "继续", "没问题"])
def test_going_on_from_the_verdict_may_be_said_in_many_ways(person: Any, said: str) -> None:
    assert "姓名" in person.says(*TO_FORM[:-1], said)
