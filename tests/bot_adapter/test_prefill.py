"""The ID card before the form, in chat: on each database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import two_programmes
from flask import Flask
from sqlalchemy import select
from two_programmes import CARVERS, JPEG

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage, MediaRef
from models.application import prefill, queries, readings, service
from models.application.queries import ApplicationView
from models.application.tables import Application, Conversation, DocumentPage
from models.documents.reading import UNREADABLE, Found, PageReading
from models.extensions import db
from models.programme import idnumber
from models.unit_of_work import unit_of_work
from tests.support.readings import read
from workers import reading_news

NUMBER = two_programmes.ID_NUMBER
SHOWN = {
    "name": "测试乙",
    "birth_date": Found("1970年3月5日", "1970-03-05", score=0.98),
    "id_number": Found(NUMBER, NUMBER, trusted=True, score=0.98),
}
OFFER = "先拍身份证，姓名、身份证号码、出生日期就不用自己填了。您核对没错才算数。"


@pytest.fixture(autouse=True)
def programmes(monkeypatch: pytest.MonkeyPatch, persistent_app: Flask) -> Iterator[None]:
    persistent_app.extensions["bole"].redis = None
    with two_programmes.packs(monkeypatch), persistent_app.app_context():
        two_programmes.open_rounds()
        yield
        db.session.remove()


class Talk:
    """Somebody's chat about the carvers."""

    def __init__(self) -> None:
        self.count = 0

    def says(self, *texts: str, photos: tuple[bytes, ...] = ()) -> str:
        for text in texts or ("",):
            self.count += 1
            media = tuple(MediaRef(str(number), data) for number, data in enumerate(photos))
            message = InboundMessage("webchat", "p1", f"k{self.count}", text, media, CARVERS, CARVERS)
            self.last = conversation.handle(message)
        return "\n".join(message.plain() for message in self.last)

    def to_the_offer(self) -> str:
        for text in ("你好", "1", "1", "是", "1"):
            said = self.says(text)
        while "继续" not in said:
            said = self.says("1")
        return self.says("继续")

    def photographs(self, count: int = 2) -> str:
        said = ""
        for number in range(count):
            said = self.says(photos=(JPEG + bytes([number]),))
        return said

    def state(self) -> dict[str, Any]:
        db.session.expire_all()
        return dict(db.session.scalars(select(Conversation)).one().state)

    def at(self) -> str:
        return str(self.state()["at"])

    def view(self) -> ApplicationView:
        db.session.expire_all()
        return queries.view(db.session.scalars(select(Application.id)).one())

    def answers(self) -> dict[str, Any]:
        return {key: value for key, value in self.view().answers.items() if key.startswith("field:")}


def worker_reads(*shown: PageReading) -> None:
    """What the worker does with each page of the card: judge it good, keep what it read, tell."""
    with unit_of_work() as session:
        query = select(DocumentPage).where(DocumentPage.removed_at.is_(None)).order_by(DocumentPage.position)
        for page, reading in zip(session.scalars(query).all(), shown, strict=False):
            page.state = "ok"
            readings.keep(session, page, reading, "a test")
            reading_news.tell(session, page, reading)


def front(**changes: Any) -> PageReading:
    return read("id_front", **{**SHOWN, **changes})


def back() -> PageReading:
    return read("id_back", valid_until="9999-12-31")


@pytest.fixture
def talk() -> Talk:
    made = Talk()
    said = made.to_the_offer()
    assert OFFER in said and "1. 现在拍\n2. 我自己填" in said and made.at() == "prefill"
    return made


@pytest.mark.parametrize("word", ["2", "我自己填", "不用", "不行"])
def test_a_no_is_as_easy_and_is_not_asked_again(talk: Talk, word: str) -> None:
    said = talk.says(word)
    assert "好的，自己填" in said and talk.at() == "field:name"
    assert OFFER not in talk.says("测试丙")
    assert [one.type for one in talk.view().events if "prefill" in one.type] == ["prefill_declined"]


@pytest.mark.parametrize("word", ["1", "现在拍", "好的", "可以的", "👌"])
def test_a_yes_asks_for_the_photos_and_may_be_left_again(talk: Talk, word: str) -> None:
    said = talk.says(word)
    assert "请发照片：身份证" in said and "1. 我自己填" in said
    said = talk.photographs(1)
    assert "第 1 张" in said and "1. 我自己填" in said and talk.at() == "document:id_card"
    said = talk.says("我自己填")
    assert talk.at() == "field:name" and len(talk.view().pages) == 1, "the photo is kept"


@pytest.mark.parametrize("word", ["跳过", "没带", "明天再拍吧", "not now"])
def test_who_has_no_card_at_hand_goes_on_to_the_form(talk: Talk, word: str) -> None:
    talk.says("现在拍")
    assert "好的，自己填" in talk.says(word) and talk.at() == "field:name"


def test_a_photo_at_the_offer_says_yes(talk: Talk) -> None:
    said = talk.says(photos=(JPEG + b"1", JPEG + b"2"))
    assert "收到了 2 张：身份证" in said and "正在认身份证上的字，您可以先往下填" in said
    assert talk.at() == "field:name" and "姓名" in said
    assert "document:id_card" in talk.view().plan.answered


def test_what_was_read_is_the_next_message_and_recorded_when_confirmed(talk: Talk) -> None:
    talk.says("1")
    talk.photographs()
    assert talk.says() == "", "nothing yet"
    worker_reads(front(), back())
    said = talk.says()
    assert "“身份证”认好了" in said and talk.at() == "prefill"
    assert "· 姓名：测试乙" in said and f"· 身份证号码：{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}" in said
    assert "按身份证号得出，不用再填：出生日期 1970年3月5日" in said
    assert "1. 都对，填进去\n2. 有的不对\n3. 我自己填" in said
    assert not talk.answers(), "nothing before it was confirmed"
    said = talk.says("都对")
    assert "填好了 3 项" in said and talk.at() == "field:education"
    assert talk.answers() == {"field:name": "测试乙", "field:id_number": NUMBER, "field:birth_date": "1970-03-05"}
    event = next(one for one in talk.view().events if one.type == "prefilled")
    assert event.data["door"] == "chat" and NUMBER not in str(event.data) and "测试乙" not in str(event.data)
    assert "认好了" not in talk.says("进度") and OFFER not in talk.says("你好")


def test_a_photo_of_another_paper_is_said_and_nothing_else_is_said_of_it(talk: Talk) -> None:
    talk.says("1")
    talk.photographs(1)
    worker_reads(read("certificate", name="测试乙"))
    said = talk.says()
    assert "放错了" in said and "没有认出来" not in said


@pytest.mark.parametrize(("pages", "told"), [(1, False), (2, True)])
def test_that_nothing_could_be_read_is_said_when_all_pages_are_there(talk: Talk, pages: int, told: bool) -> None:
    talk.says("1")
    talk.photographs(pages)
    worker_reads(*[UNREADABLE] * pages)
    assert ("没有认出来" in talk.says()) is told


def test_what_is_wrong_is_left_out_and_asked(talk: Talk) -> None:
    talk.says("1")
    talk.photographs()
    worker_reads(front(), back())
    talk.says()
    said = talk.says("2")
    assert "哪几项不对？" in said and "1. 姓名\n2. 身份证号码" in said
    said = talk.says("1")
    assert "填好了 2 项" in said and talk.at() == "field:name"
    assert set(talk.answers()) == {"field:id_number", "field:birth_date"}
    talk.says("测试丁")
    assert talk.at() == "field:education"


def test_a_wrong_number_takes_along_what_follows_from_it(talk: Talk) -> None:
    talk.says("1")
    talk.photographs()
    worker_reads(front(), back())
    talk.says()
    talk.says("有的不对", "身份证号码")
    assert set(talk.answers()) == {"field:name"} and talk.at() == "field:id_number"
    talk.says(NUMBER)
    assert "1970年3月5日" in talk.says("你好"), "suggested by what was typed, as ever"


def test_all_of_it_may_be_wrong(talk: Talk) -> None:
    talk.says("1")
    talk.photographs()
    worker_reads(front(), back())
    talk.says()
    assert "这些都不填" in talk.says("2", "1 2")
    assert not talk.answers() and talk.at() == "field:name" and OFFER not in talk.says("你好")


def test_an_unproven_number_is_shown_and_typed_by_the_person(talk: Talk) -> None:
    talk.says("1")
    talk.photographs()
    worker_reads(front(id_number=Found(NUMBER[:-1] + "?", None)), back())
    said = talk.says()
    assert f"认到 {NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:-1]}?，没有把握" in said
    talk.says("1")
    assert talk.answers() == {"field:name": "测试乙"} and talk.at() == "field:id_number"


def test_an_answer_that_is_being_given_goes_first(talk: Talk) -> None:
    talk.says("1")
    talk.photographs()
    worker_reads(front(), back())
    said = talk.says("测试戊")
    assert talk.answers() == {"field:name": "测试戊"}, "what was typed counts"
    assert talk.at() == "prefill" and "· 姓名" not in said and "· 身份证号码" in said
    talk.says("1")
    assert talk.answers()["field:name"] == "测试戊" and talk.answers()["field:id_number"] == NUMBER


def test_what_was_typed_elsewhere_meanwhile_is_not_overwritten(talk: Talk) -> None:
    talk.says("1")
    talk.photographs()
    worker_reads(front(), back())
    talk.says()
    service.record(talk.view().application.id, {"field:name": "网页上填的"}, "web")
    said = talk.says("1")
    assert "刚刚有变化" in said and talk.at() == "prefill" and talk.answers() == {"field:name": "网页上填的"}
    talk.says("1")
    assert talk.answers()["field:name"] == "网页上填的" and "field:id_number" in talk.answers()


def test_what_cannot_be_read_is_one_sentence_and_the_form_as_usual(talk: Talk) -> None:
    talk.says("1")
    talk.photographs()
    worker_reads(PageReading("unreadable"))
    assert talk.says() == "", "the other side may still be read"
    worker_reads(PageReading("unreadable"), PageReading("not_checked"))
    said = talk.says()
    assert said.count("没有认出来，请自己填") == 1 and talk.at() == "field:name"


def test_the_front_alone_is_enough_and_it_is_told_once(talk: Talk) -> None:
    talk.says("1")
    talk.photographs()
    worker_reads(front())
    assert "认好了" in talk.says()
    worker_reads(front(), back())
    assert talk.says() == ""


@pytest.mark.parametrize("aside", ["帮助", "进度", "你好", "网页", "也许", "9", ""])
def test_other_words_explain_and_keep_the_question(talk: Talk, aside: str) -> None:
    talk.says(aside)
    assert talk.at() == "prefill"
    talk.says("1")
    talk.photographs()
    worker_reads(front(), back())
    talk.says()
    talk.says(aside)
    assert talk.at() == "prefill" and not talk.answers()
    talk.says("1")
    assert len(talk.answers()) == 3


def test_a_retry_of_the_yes_records_once(talk: Talk) -> None:
    talk.says("1")
    talk.photographs()
    worker_reads(front(), back())
    talk.says()
    first = talk.says("1")
    talk.count -= 1
    assert talk.says("1") == first
    assert [one.type for one in talk.view().events].count("prefilled") == 1


def test_a_photo_of_another_paper_is_told_and_moved_by_a_word(talk: Talk) -> None:
    talk.says("1")
    talk.photographs()
    worker_reads(read("diploma", name="测试乙"), front())
    said = talk.says()
    assert "“身份证”第 1 张看起来是" in said and "放错了" in said
    talk.says("3")
    said = talk.says("放错了")
    assert "刚才那 1 张放在了“身份证”里" in said
    talk.says(re.findall(r"(\d)\. 学位证书|(\d)\. .*证书", said)[0][1] or "2")
    kept = talk.view().pages
    assert sorted(page.document for page in kept) == ["diploma", "id_card"]


def test_without_a_reader_nothing_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefill, "reader_is_there", lambda: False)
    talk = Talk()
    assert "先拍身份证" not in talk.to_the_offer() and talk.at() == "field:name"


def test_who_has_given_the_number_already_is_not_asked(talk: Talk) -> None:
    other = idnumber.make("430401", two_programmes.date(1971, 1, 2), 9)
    service.record(talk.view().application.id, {"field:name": "测试己", "field:id_number": other}, "web")
    talk.says("你好")
    assert talk.at() == "field:birth_date"


def test_it_can_be_said_in_english(talk: Talk) -> None:
    assert "Take a photo of your ID card first" in talk.says("English")
    talk.says("1")
    talk.photographs()
    worker_reads(front(id_number=Found("4304?", None), name=Found("测试乙", "测试乙", score=0.5)), back())
    said = talk.says()
    assert "has been read" in said and "(This was hard to read; please look closely)" in said
    ours = re.sub(r"测试乙|身份证", "", said)
    assert not re.search(r"[\u4e00-\u9fff]", ours), ours
    assert "Filled in: 1" in talk.says("all correct")
