"""A turn asks little of the database, on both: what it may ask is listed, so that it cannot grow unnoticed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from bot_adapter import conversation
from models.extensions import db

TO_FORM = ("你好", "1", "1", "1", "1", "2", "继续")
ORDINARY = [
    "SELECT conversation",
    "SELECT application",
    "UPDATE application",
    "INSERT answer",
    "UPDATE conversation",
    "INSERT inbound",
]


def _short(sql: str) -> str:
    """The verb and the table that it is about first."""
    words = sql.replace("(", " ").split()
    verb = words[0]
    table = {"INSERT": 2, "UPDATE": 1}.get(verb)
    return f"{verb} {words[table] if table else words[1].partition('.')[0]}"


@pytest.fixture
def sent(persistent_chat_app: Flask) -> Iterator[list[str]]:
    """What is sent, in short; a transaction's own words aside."""
    found: list[str] = []

    def listener(*given: object) -> None:
        if not str(given[2]).startswith("BEGIN"):
            found.append(_short(str(given[2])))

    event.listen(db.engine, "before_cursor_execute", listener)
    yield found
    event.remove(db.engine, "before_cursor_execute", listener)


def test_an_ordinary_answer(new_person: type, sent: list[str]) -> None:
    person = new_person()
    person.says(*TO_FORM)
    sent.clear()
    assert "身份证号码" in person.says("张三")
    assert sent == ORDINARY


def test_what_is_not_taken(new_person: type, sent: list[str]) -> None:
    person = new_person()
    person.says(*TO_FORM, "张三")
    sent.clear()
    person.says("12")
    assert sent == [*ORDINARY[:2], "SELECT application", *ORDINARY[4:]]  # read again before the question is


def test_a_retry(new_person: type, sent: list[str]) -> None:
    person = new_person()
    person.says(*TO_FORM)
    message = person.message("张三", key="again")
    first = conversation.handle(message)
    sent.clear()
    assert conversation.handle(message) == first
    assert sent == ["SELECT conversation"]
