"""Two programmes in one chat of an official account that has nothing but passive replies."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import two_programmes
from flask import Flask
from official_account import Platform, with_account
from sqlalchemy import func, select
from telling import carry
from two_programmes import CARVERS, WEAVERS

from models.application import notices, prefill, queries
from models.application.tables import Application, Conversation, Inbound
from models.extensions import db
from models.unit_of_work import unit_of_work


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch, persistent_app: Flask) -> Iterator[Platform]:
    monkeypatch.setattr(prefill, "reader_is_there", lambda: False)
    persistent_app.extensions["bole"].redis = None
    with two_programmes.packs(monkeypatch), persistent_app.app_context():
        two_programmes.open_rounds()
        yield Platform(with_account(persistent_app))
        db.session.remove()


def scans(person: Platform, slug: str, *, follows: bool = False) -> str:
    """The person scans a programme's QR code."""
    key = f"qrscene_{slug}" if follows else slug
    event = person.message(MsgType="event", Event="subscribe" if follows else "SCAN", EventKey=key)
    return str(person.read(person.deliver(event)))


def test_a_person_applies_to_two_programmes_in_one_chat(person: Platform) -> None:
    assert "木雕人才" in scans(person, CARVERS, follows=True)
    asked = person.says("1", "1")
    heard = scans(person, WEAVERS)
    assert "要换到织造人才吗？木雕人才填过的都留着" in heard and "1. 织造人才：可以申报" in heard
    assert "织造人才" in person.says("1")
    person.says("1", "1")
    heard = person.says("状态")
    assert "织造人才：办到哪里了" in heard and "· 木雕人才：填写中" in heard

    first = db.session.scalars(select(Application).where(Application.programme == CARVERS)).one()
    first_id, receipt = first.id, first.receipt
    with unit_of_work() as session:
        notices.tell(session, session.get_one(Application, first_id), "x", "notice.approved", receipt=receipt)
    carry()
    heard = person.says("2")
    assert heard.startswith(f"关于您的木雕人才（编号 {receipt}）：") and "「换项目 木雕人才」去办这一份" in heard
    answered = db.session.scalars(select(Application).where(Application.programme == WEAVERS)).one()
    assert queries.view(answered.id).answers["fact:certificate"] is False, "the reply was for what was asked"
    heard = person.says("换项目 木雕人才")
    assert "好，现在办木雕人才" in heard and heard.endswith(asked.rpartition("\n\n")[2])
    person.says("1")
    assert queries.view(first_id).answers["fact:certificate"] is True


def test_a_retry_and_copies_at_once_switch_once(person: Platform) -> None:
    scans(person, CARVERS)
    person.says("1", "1", "换项目")
    sent = person.message(Content="1")
    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        client = person.client.application.test_client
        heard = list(pool.map(lambda _n: Platform(client()).deliver(sent), range(4)))
    replies = {person.read(answer) for answer in heard}
    assert len(replies) == 1 and "好，现在办织造人才" in replies.pop()
    assert db.session.scalars(select(Conversation.programme)).one() == WEAVERS
    before = db.session.scalar(select(func.count()).select_from(Inbound))
    person.says("换项目 木雕人才")
    assert "好，现在办织造人才" in person.read(person.deliver(sent))
    assert db.session.scalars(select(Conversation.programme)).one() == CARVERS
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == before + 1


def test_what_was_written_before_the_switch_and_comes_after_it_is_no_answer_there(person: Platform) -> None:
    scans(person, CARVERS)
    person.says("1")
    late = person.message(Content="1")
    person.says("换项目 织造人才")
    assert "晚到" in person.read(person.deliver(late))
    assert db.session.scalar(select(func.count()).where(Application.programme == WEAVERS)) == 0


def test_an_account_for_one_programme_says_so_and_where_the_others_are(person: Platform) -> None:
    app = person.client.application
    app.config["BOLE"] = app.config["BOLE"].model_copy(update={"wechat_programme": CARVERS})
    person.says("你好", "1")
    heard = person.says("换项目")
    assert "这个号只办木雕人才" in heard and f"/p/{WEAVERS}" in heard
    assert "木雕人才" in person.says("进度")
