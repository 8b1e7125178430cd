"""The application that every part of `chat.py` plays: thirty texts in, thirty replies out, on a real programme."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask import Flask

from bot_adapter import passive
from bot_adapter.channels.base import reply_to
from bot_adapter.channels.wechat import webhook
from models.application import packs, queries, rounds
from models.application.tables import Conversation
from models.extensions import db
from models.office import units
from models.programme.loader import load_pack
from models.settings import Settings
from webforms.app import create_app
from webforms.prepare import open_demo_round

SLUG = "karamay-2017"
ACCOUNT = "gh_office"
TOKEN = "bench-token"  # of the official account that there is during a benchmark
SEALED_WITH, APP_ID = "B" * 43, "wx0123456789abcdef"
ANSWERED = 20  # answers that the thirty texts give, at least: a rewording must not leave the benchmark behind unseen

TEXTS = (
    *("你好", "1", "1", "1", "1"),  # the greeting and four consents
    *("2", "1", "1", "4", "1"),  # what is claimed, and the facts that decide
    *("1", "2"),  # go on after the verdict; no photo of the card first
    *("张小明", "650203198005060123", "13900000000", "克拉玛依市第九中学", "教研组长"),
    *("中学数学", "大学本科", "学士", "高级教师", "主持市级课题两项，编写校本教材一部，近三年学生成绩居全市前列。"),
    *("1", "2015-12", "市级教学成果一等奖", "克拉玛依市教育局"),
    *("1", "2013-09", "优秀教师", "克拉玛依市人民政府"),
)


def settings(data: Path, **more: object) -> Settings:
    """A folder of its own, with an official account for the one programme."""
    account = {"wechat_token": TOKEN, "wechat_app_id": APP_ID, "wechat_programme": SLUG, "wechat_mode": "plain"}
    return Settings.model_validate({"data": data, **account, **more})


def make_app(data: Path, slug: str = SLUG) -> Flask:
    """The app on a new SQLite database (synchronous=FULL), without a queue: what is to be done later stays promised."""
    app = create_app(settings(data, wechat_programme=slug))
    app.extensions["bole"].redis = None
    prepare(app, slug)
    return app


def prepare(app: Flask, slug: str = SLUG) -> None:
    """What `bole serve` prepares at its first start, for one programme."""
    from models.migrating import upgrade

    with app.app_context():
        upgrade()
        pack = load_pack(slug)
        packs.publish(slug, demo=True)
        units.load_units(pack)
        rounds.ensure_notice_round(pack)
        open_demo_round(pack)
        db.session.remove()


def message(sender: str, number: int, **fields: str) -> dict[str, str]:
    """What the platform says of a sender's message."""
    named = {"ToUserName": ACCOUNT, "FromUserName": sender, "CreateTime": str(1_700_000_000 + number)}
    return {**named, "MsgType": "text", "MsgId": str(7_000_000_000 + number), **fields}


def turn(app: Flask, said: dict[str, str]) -> str:
    """One message through the channel: read, answered, kept, and the reply as the one text that is sent."""
    with app.app_context():
        opened = webhook.Opened(said, None, False)
        (inbound,) = webhook.channel.parse(opened)
        return passive.whole(reply_to(inbound, webhook.channel.capabilities))


def play(app: Flask, sender: str, texts: Sequence[str] = TEXTS) -> list[str]:
    """A whole application; the replies."""
    return [turn(app, message(sender, number, Content=text)) for number, text in enumerate(texts)]


def prove(app: Flask, sender: str) -> None:
    """SystemExit where the texts did not become the application that they were meant to be."""
    with app.app_context():
        talk = db.session.query(Conversation).filter_by(sender=sender).one()
        given = len(queries.view(talk.application_id).answers) if talk.application_id else 0
        db.session.rollback()
    if given < ANSWERED:
        raise SystemExit(f"the texts gave {given} answers, {ANSWERED} were meant: see chat_application.TEXTS")
