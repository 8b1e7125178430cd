"""The orchard programme on a Telegram bot: a fake of the platform, the webhook, and a worker that is run by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import fake_telegram
import pytest
from fake_telegram import SECRET, TOKEN, FakeTelegram, Phone, Refused
from flask import Flask
from sqlalchemy import select

from bot_adapter.channels import registry
from bot_adapter.channels.telegram.api import Api
from bot_adapter.channels.telegram.channel import HEADER, Telegram
from models.application.tables import Outbox
from models.extensions import db
from workers import sending


@pytest.fixture(scope="session")
def _platform() -> Iterator[FakeTelegram]:
    with fake_telegram.serving() as fake:
        yield fake


@pytest.fixture
def platform(_platform: FakeTelegram) -> FakeTelegram:
    """A platform on which nothing has happened yet."""
    _platform.forget()
    return _platform


class Line:
    """A phone, the webhook that its updates come to, and the worker that sends what is promised."""

    def __init__(self, app: Flask, phone: Phone) -> None:
        self.client, self.phone = app.test_client(), phone
        self.times = 1  # that each update is delivered

    def deliver(self, update: Any, secret: str | None = SECRET) -> Any:
        """The platform's request, and what it makes of the answer."""
        headers = {HEADER: secret} if secret is not None else {}
        answer = self.client.post("/telegram/", json=update, headers=headers)
        if answer.status_code == 200 and answer.json:
            params = dict(answer.json)
            with suppress(Refused):  # nobody tells us: a button may have been answered already
                self.phone.fake.call(params.pop("method"), params)
        return answer

    def comes(self, update: Any) -> str:
        for _time in range(self.times):
            assert self.deliver(update).status_code == 200
        return self.work()

    def says(self, *texts: str) -> str:
        """What the last text was answered with."""
        heard = ""
        for text in texts:
            heard = self.comes(self.phone.text(text))
        return heard

    def presses(self, *labels: str) -> str:
        heard = ""
        for label in labels:
            heard = self.comes(self.phone.press(label))
        return heard

    def work(self) -> str:
        """Send what is promised; what arrived by it."""
        before = len(self.phone.heard)
        for job in (*promised(), *promised()):  # one that was looked at before what is in front of it waits a moment
            sending.send_reply(job)
        db.session.rollback()
        return "\n".join(message["text"] for message in self.phone.heard[before:])


def promised() -> list[str]:
    db.session.rollback()
    wanted = select(Outbox.id).where(Outbox.job == "send_reply", Outbox.state == "pending").order_by(Outbox.id)
    found = list(db.session.scalars(wanted))
    db.session.rollback()  # a write lock held here would stand in the job's way
    return found


@pytest.fixture
def with_bot(platform: FakeTelegram) -> Iterator[Callable[[Flask], Flask]]:
    """Give an app a bot on the platform."""
    made: list[Telegram] = []

    def give(app: Flask) -> Flask:
        made.append(Telegram(Api(TOKEN, platform.url), SECRET))
        registry.add(app, made[-1])
        return app

    yield give
    for channel in made:
        channel.api.close()


@pytest.fixture
def new_line(with_bot: Callable[[Flask], Flask], platform: FakeTelegram) -> Callable[[Flask], Line]:
    """A phone on an app that is given a bot."""
    return lambda app: Line(with_bot(app), Phone(platform))


@pytest.fixture
def line(chat_app: Flask, new_line: Callable[[Flask], Line]) -> Line:
    return new_line(chat_app)


@pytest.fixture
def persistent_line(persistent_chat_app: Flask, new_line: Callable[[Flask], Line]) -> Line:
    return new_line(persistent_chat_app)


@pytest.fixture
def another_line(chat_app: Flask, platform: FakeTelegram) -> Callable[[int], Line]:
    """Somebody else's phone on the same bot."""
    return lambda chat: Line(chat_app, Phone(platform, chat))
