"""After a push the next message of the person is understood: as an answer to what is asked now, or answered with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from recording import RecordingChannel
from sqlalchemy import select

from bot_adapter.channels import registry
from models import outbox
from models.application import notices, queries, service
from models.application.tables import Application, Conversation, Notice, Outbox
from models.extensions import db
from models.unit_of_work import unit_of_work
from tests.bot_adapter.test_conversation import fill, finish, spoil
from workers.delivery import Message, deliver_notice, tell_in_chat


@pytest.fixture
def channel(chat_app: Flask) -> RecordingChannel:
    one = RecordingChannel()
    registry.add(chat_app, one)
    return one


def work() -> None:
    db.session.rollback()
    ids = list(db.session.scalars(select(Outbox.id).where(Outbox.job == "deliver_notice")))
    db.session.rollback()
    for row in ids:
        deliver_notice(row)


def application() -> Application:
    db.session.rollback()
    return db.session.scalars(select(Application)).one()


def test_a_returned_item_is_asked_after_the_push_and_the_answer_counts(
    person: Any, channel: RecordingChannel, id_number: str, photograph: Callable[..., bytes], staff_id: int
) -> None:
    fill(person, id_number)
    finish(person, photograph)
    held = application()
    service.return_items(held.id, [service.ReturnedItem("field:phone", "打不通")], staff_id, held.version)
    work()
    assert "联系电话：打不通" in channel.sent[-1].text and "回复任意一句话" in channel.sent[-1].text
    heard = person.says("好的")
    assert "有 1 项需要修改" not in heard, "told by the push"
    assert "联系电话" in person.last[-1].text
    assert "重新提交" in person.says("13912345678")
    person.says("重新提交")
    assert application().status == "submitted"


def test_a_number_sent_straight_after_the_push_is_not_lost_for_another_question(
    person: Any, channel: RecordingChannel, id_number: str, photograph: Callable[..., bytes], staff_id: int
) -> None:
    fill(person, id_number)
    finish(person, photograph)
    held = application()
    service.return_items(held.id, [service.ReturnedItem("field:name", "错字")], staff_id, held.version)
    work()
    assert "姓名" in person.says("张山"), "the question first"
    assert "重新提交" in person.says("张山")


def test_a_photo_asked_for_again_by_push_is_taken_from_the_next_message(
    person: Any, channel: RecordingChannel, id_number: str, photograph: Callable[..., bytes]
) -> None:
    fill(person, id_number)
    finish(person, photograph)
    spoil(("portrait", 1))
    with unit_of_work() as session:
        outbox.promise(session, "deliver_notice", session.scalars(select(Notice.id)).one(), "d")
    work()
    assert "重拍" in channel.sent[-1].text
    assert "收到了新的一张：「证件照」第 1 页" in person.shows(photograph(90))
    assert "重拍" not in person.says("进度").split("\n")[0]


def test_a_draft_that_moved_is_shown_its_question_again(person: Any, channel: RecordingChannel, id_number: str) -> None:
    """Though the same question stands: the push has asked for any word, and that is no name."""
    person.says("你好", "1", "1", "1", "1", "2", "继续")
    at = _state()["at"]
    with unit_of_work() as session:
        held = session.scalars(select(Application)).one()
        notices.tell(session, held, "m", "notice.moved", programme="果园", changes="…")
    work()
    assert len(channel.sent) == 1 and _state()["at"] == ""
    person.says("好")
    assert _state()["at"] == at
    assert "field:name" not in given()


def test_a_verdict_on_a_photo_changes_nothing_about_the_question(person: Any, channel: RecordingChannel) -> None:
    person.says("你好", "1", "1", "1", "1", "2", "继续")
    before = _state()
    with unit_of_work() as session:
        held = session.scalars(select(Application)).one()
        tell_in_chat(session, held.id, "v", Message("notice.page_ok", {"document": "document:id_card", "page": 1}))
    work()
    assert len(channel.sent) == 1 and _state() == before
    person.says("张三")
    assert given()["field:name"] == "张三"


def test_a_question_being_written_to_the_staff_stays_one(person: Any, channel: RecordingChannel) -> None:
    person.says("你好", "1", "1", "1", "1", "2", "继续", "人工")
    with unit_of_work() as session:
        held = session.scalars(select(Application)).one()
        notices.tell(session, held, "m", "notice.moved", programme="果园", changes="…")
    work()
    assert "工作人员" in person.says("梨树算不算果树")
    assert db.session.scalars(select(Notice.state)).all() == ["sent"]


def _state() -> dict[str, Any]:
    db.session.rollback()
    return dict(db.session.scalars(select(Conversation.state)).one())


def given() -> dict[str, Any]:
    found: dict[str, Any] = queries.view(application().id).answers
    db.session.rollback()
    return found
