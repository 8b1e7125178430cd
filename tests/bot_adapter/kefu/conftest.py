"""微信客服 with a platform beside it: what people do there comes through the callback and the jobs, as in life."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fake_kefu import AES_KEY, CORP_ID, OPEN_KFID, SECRET, TOKEN, FakeKefu
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import or_, select
from werkzeug.test import TestResponse

from bot_adapter.channels import registry
from bot_adapter.channels.kefu import account, webhook
from bot_adapter.channels.kefu.channel import Kefu
from bot_adapter.channels.wechat import bodies
from bot_adapter.channels.wechat.envelope import AesKey, signature
from models.application.tables import Outbox
from models.clock import FixedClock
from models.extensions import db
from workers import pulling, sending

PERSON = "wmMade_Up-Person0123456789"
JOBS = {"pull_kefu": pulling.pull_kefu, "send_reply": sending.send_reply}


@pytest.fixture
def platform(clock: FixedClock) -> Iterator[FakeKefu]:
    fake = FakeKefu(clock.now)
    fake.start()
    yield fake
    fake.stop()


def set_up(app: Flask, platform: FakeKefu) -> Kefu:
    """The settings of an account, and its channel as the app makes it when it starts."""
    own = {
        "kefu_corp_id": CORP_ID,
        "kefu_secret": SECRET,
        "kefu_token": TOKEN,
        "kefu_aes_key": AES_KEY,
        "kefu_account": OPEN_KFID,
        "kefu_api": platform.url,
    }
    app.config["BOLE"] = app.config["BOLE"].model_copy(update=own)
    webhook.init_app(app)
    found = registry.find(account.NAME)
    assert isinstance(found, Kefu)
    return found


class Line:
    """Between the platform and us: its callbacks, and our workers."""

    def __init__(self, app: Flask, platform: FakeKefu) -> None:
        self.app, self.platform = app, platform
        self.client: FlaskClient = app.test_client()
        self.key = AesKey(AES_KEY, CORP_ID)

    def ping(self, **fields: str) -> TestResponse:
        """The callback that something came."""
        now = str(int(self.platform.now().timestamp()))
        event = {
            "ToUserName": CORP_ID,
            "CreateTime": now,
            "MsgType": "event",
            "Event": "kf_msg_or_event",
            "Token": self.platform.ping(),
            "OpenKfId": OPEN_KFID,
            **fields,
        }
        return self.deliver(bodies.write(event, as_json=False))

    def deliver(self, plain: bytes, **query: str) -> TestResponse:
        sealed = self.key.seal(plain)
        given = {"timestamp": "1700000000", "nonce": "12345"}
        given["msg_signature"] = signature(TOKEN, given["timestamp"], given["nonce"], sealed)
        body = bodies.write({"ToUserName": CORP_ID, "AgentID": "", "Encrypt": sealed}, as_json=False)
        return self.client.post("/kefu/", data=body, query_string={**given, **query})

    def work(self) -> None:
        """Do what is promised until nothing is due."""
        while due := self.promised():
            for job, outbox_id in due:
                JOBS[job](outbox_id)

    def promised(self) -> list[tuple[str, str]]:
        """What is due and nobody does, in the order in which a person's messages came."""
        db.session.rollback()
        query = select(Outbox.job, Outbox.id).where(
            or_(Outbox.lease_until.is_(None), Outbox.lease_until < self.platform.now()),
            Outbox.job.in_(JOBS),
            Outbox.state == "pending",
            Outbox.not_before <= self.platform.now(),
        )
        found = [(job, row) for job, row in db.session.execute(query.order_by(Outbox.created_at, Outbox.subject_id))]
        db.session.rollback()
        return found

    def turn(self, person: str = PERSON) -> str:
        """What came is told of, pulled and answered; what the person sees of it."""
        before = len(self.platform.texts(person))
        assert self.ping().status_code == 200
        self.work()
        return "\n".join(self.platform.texts(person)[before:])

    def says(self, *texts: str, person: str = PERSON) -> str:
        """Each text with its reply; the whole last reply as it is seen."""
        heard = ""
        for text in texts:
            self.platform.says(person, text)
            heard = self.turn(person)
        return heard

    def presses(self, words: str, person: str = PERSON) -> str:
        self.platform.presses(person, words)
        return self.turn(person)


@pytest.fixture
def line(chat_app: Flask, platform: FakeKefu) -> Line:
    set_up(chat_app, platform)
    return Line(chat_app, platform)


@pytest.fixture
def persistent_line(persistent_chat_app: Flask, platform: FakeKefu) -> Line:
    set_up(persistent_chat_app, platform)
    return Line(persistent_chat_app, platform)


@pytest.fixture
def new_line(platform: FakeKefu) -> Callable[[Flask], Line]:
    """The same on another app."""

    def made(app: Flask) -> Line:
        set_up(app, platform)
        return Line(app, platform)

    return made
