"""Notices wait for the person; the job settles the promise, whatever became of the notice."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from models.application.tables import Notice, Outbox
from models.interview import wording
from models.unit_of_work import unit_of_work
from workers.delivery import Message, deliver_notice, tell_in_chat

ROOT = Path(__file__).parents[2]


def tell(desk: Any, application: str, effect: str = "test:1") -> None:
    with desk.app.app_context(), unit_of_work() as session:
        tell_in_chat(session, application, effect, Message("notice.draft_closing", {"days": 3}))


def settled(desk: Any) -> set[str]:
    with desk.app.app_context():
        for row in desk.all(Outbox, job="deliver_notice"):
            deliver_notice(row.id)
            deliver_notice(row.id)
    return {row.state for row in desk.all(Outbox, job="deliver_notice")}


def test_told_once_and_waiting(persistent_desk: Any) -> None:
    desk = persistent_desk
    application = desk.application()
    conversation = desk.conversation(application)
    tell(desk, application)
    tell(desk, application)
    assert settled(desk) == {"done"}
    (notice,) = desk.all(Notice)
    assert (notice.conversation_id, notice.state, notice.params) == (conversation, "pending", {"days": 3})


def test_without_a_conversation_there_is_no_notice(desk: Any) -> None:
    tell(desk, desk.application())
    assert desk.all(Notice) == []


def test_the_notice_has_gone_with_its_application(desk: Any) -> None:
    application = desk.application()
    desk.conversation(application)
    tell(desk, application)
    with desk.app.app_context(), unit_of_work() as session:
        session.delete(session.get_one(Notice, desk.one(Notice).id))
    assert settled(desk) == {"done"}


@pytest.mark.parametrize("file", ["photos", "findings", "notices"])
def test_every_sentence_is_used_and_tells_a_person_something(file: str) -> None:
    """A sentence that no code names is dead; Chinese has Chinese in it and English has none."""
    packages = ("models", "bot_adapter", "webforms", "workers")
    modules = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    source = "\n".join(path.read_text("utf-8") for path in modules)
    data = tomllib.loads((ROOT / "models/packs/_shared/messages" / f"{file}.toml").read_text("utf-8"))
    for key, text in wording.flatten(data, file):
        assert key in source or f'"{key.removeprefix("finding.")}"' in source, key
        assert re.search("[一-鿿]", text.zh), key
        assert not re.search("[一-鿿]", text.en), key
