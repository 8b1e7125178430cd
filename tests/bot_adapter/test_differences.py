"""In chat a difference between photo and form is one numbered question, before the hand-in and after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from models.application import differences, queries, readings, service
from models.application.tables import Application, DocumentPage
from models.extensions import db
from tests.bot_adapter.test_conversation import fill
from tests.support.readings import read


def application() -> Application:
    db.session.expire_all()
    return db.session.scalars(select(Application)).one()


def read_on(id_number: str, /, **other: str) -> str:
    """What a worker read on the front of the ID card; the page's id."""
    query = select(DocumentPage).where(DocumentPage.document == "id_card", DocumentPage.removed_at.is_(None))
    first = db.session.scalars(query.order_by(DocumentPage.position)).first()
    assert first is not None
    readings.save(db.session(), first, read("id_front", **{"name": "张三", "id_number": id_number, **other}), "a test")
    db.session.commit()
    return first.id


def to_the_end(person: Any, id_number: str, photograph: Callable[..., bytes], /, **said: str) -> str:
    """Everything but the hand-in; what the last message was answered with."""
    fill(person, id_number)
    for shade in (10, 20):
        person.shows(photograph(shade))
    person.says("发完了")
    person.shows(photograph(30))
    read_on(id_number, **said)
    heard: str = person.says("跳过", "1")
    return heard


def test_what_agrees_is_not_asked(person: Any, id_number: str, photograph: Callable[..., bytes]) -> None:
    heard = to_the_end(person, id_number, photograph)
    assert "不一样" not in heard
    person.says("1")
    assert application().status == "submitted"


def test_one_question_with_both_values_and_what_can_be_done(
    person: Any, id_number: str, photograph: Callable[..., bytes]
) -> None:
    heard = to_the_end(person, id_number, photograph, name="张五")
    assert "「身份证」上的姓名和您填的不一样" in heard
    assert "您填的：张三" in heard and "照片上读到：张五" in heard
    for number, words in enumerate(("改一下", "重拍", "我填的没错", "先不管"), start=1):
        assert f"{number}. {words}" in heard


def test_standing_by_it(person: Any, id_number: str, photograph: Callable[..., bytes]) -> None:
    to_the_end(person, id_number, photograph, name="张五")
    heard = person.says("3")
    assert "您填的没错" in heard and "提交" in heard
    person.says("1")
    assert application().status == "submitted"
    assert queries.view(application().id).differences == ()


def test_changing_the_answer(person: Any, id_number: str, photograph: Callable[..., bytes]) -> None:
    to_the_end(person, id_number, photograph, name="张五")
    assert "姓名" in person.says("1")
    heard = person.says("张五")
    assert "不一样" not in heard
    assert queries.view(application().id).answers["field:name"] == "张五"
    person.says("1")
    assert application().status == "submitted"


def test_taking_the_photo_again(person: Any, id_number: str, photograph: Callable[..., bytes]) -> None:
    to_the_end(person, id_number, photograph, name="张五")
    person.says("重拍")
    assert person.last[-1].wants_image


def test_put_off_it_stops_nothing(person: Any, id_number: str, photograph: Callable[..., bytes]) -> None:
    to_the_end(person, id_number, photograph, name="张五")
    assert "不影响提交" in person.says("4")
    person.says("1")
    assert application().status == "submitted"
    assert queries.view(application().id).differences, "staff still see it"
    assert "不一样" not in person.says("你好"), "who has put it off is not asked again"


def test_words_that_are_no_answer_ask_again(person: Any, id_number: str, photograph: Callable[..., bytes]) -> None:
    to_the_end(person, id_number, photograph, name="张五")
    heard = person.says("9")
    assert "我填的没错" in heard
    assert queries.view(application().id).differences


def test_one_after_the_other(person: Any, id_number: str, photograph: Callable[..., bytes]) -> None:
    other = id_number[:6] + "19991231" + id_number[14:]
    to_the_end(person, id_number, photograph, name="张五", id_number=other)
    assert "身份证号码和您填的不一样" in person.says("3")
    assert "提交" in person.says("3")


def test_what_was_explained_in_the_browser_is_not_answered_here(
    person: Any, id_number: str, photograph: Callable[..., bytes]
) -> None:
    other = id_number[:6] + "19991231" + id_number[14:]
    to_the_end(person, id_number, photograph, name="张五", id_number=other)
    first = queries.view(application().id).differences[0]
    differences.stand_by(application().id, first.page_id, first.name)
    heard = person.says("3")
    assert "身份证号码和您填的不一样" in heard, "a number meant for the one is not taken for the other"
    assert [one.name for one in queries.view(application().id).differences] == ["id_number"]


def test_after_the_hand_in_it_can_be_explained_or_left_to_staff(
    person: Any, id_number: str, photograph: Callable[..., bytes]
) -> None:
    to_the_end(person, id_number, photograph)
    person.says("1")
    assert application().status == "submitted"
    read_on(id_number, name="张五")
    heard = person.says("进度")
    assert "「身份证」上的姓名和您填的不一样" in heard
    assert "1. 我填的没错" in heard and "2. 是我填错或拍错了" in heard and "改一下" not in heard
    assert "退回给您改" in person.says("2")
    assert "不一样" not in person.says("你好")
    assert application().status == "submitted"


def test_after_the_hand_in_standing_by_it(person: Any, id_number: str, photograph: Callable[..., bytes]) -> None:
    to_the_end(person, id_number, photograph)
    person.says("1")
    read_on(id_number, name="张五")
    person.says("进度")
    heard = person.says("我填的没错")
    assert "您填的没错" in heard and "正在审核" in heard
    assert queries.view(application().id).differences == ()


def test_of_what_was_returned_only_that_can_be_changed(
    person: Any, id_number: str, photograph: Callable[..., bytes], staff_id: int
) -> None:
    to_the_end(person, id_number, photograph)
    person.says("1")
    read_on(id_number, name="张五")
    held = application()
    service.return_items(held.id, [service.ReturnedItem("field:phone", "打不通")], staff_id, held.version)
    person.says("你好")
    heard = person.says("13812345679")
    assert "「身份证」上的姓名和您填的不一样" in heard
    assert "1. 我填的没错" in heard and "改一下" not in heard and "重拍" not in heard
