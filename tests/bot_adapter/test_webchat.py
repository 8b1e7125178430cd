"""The chat page without JavaScript, its guards, and what the script asks for."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits.storage import memory
from sqlalchemy import func, select

from bot_adapter import conversation
from bot_adapter.channels import limits
from models import crypto
from models.application import handoff, queries, service
from models.application.tables import Application, Conversation, Inbound, Notice
from models.clock import FixedClock
from models.extensions import db

PAGE = "/chat/orchard"
SCRIPT = {"X-Requested-With": "chat"}


@pytest.fixture
def client(chat_app: Flask) -> FlaskClient:
    return chat_app.test_client()


def ticket(client: FlaskClient) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', client.get(PAGE).text)
    assert found is not None
    return found[1]


def say(client: FlaskClient, *texts: str, token: str | None = None) -> str:
    token = token or ticket(client)
    for number, text in enumerate(texts):
        sent = client.post(PAGE, data={"ticket": token, "key": f"{number}{text}", "text": text})
        assert sent.status_code == 303, sent.text
    return client.get(PAGE).text


def test_the_page_opens_with_the_first_question_and_writes_nothing(client: FlaskClient) -> None:
    page = client.get(PAGE)
    assert "果园能手申报" in page.text
    assert "1. 同意" in page.text
    assert db.session.scalar(select(func.count()).select_from(Conversation)) == 0


@pytest.mark.parametrize(
    ("browser", "chosen", "lang"),
    [("", "", "zh"), ("en-GB,en;q=0.9", "", "en"), ("en-GB", "?lang=zh", "zh"), ("zh-CN,en;q=0.5", "?lang=en", "en")],
)
def test_it_opens_in_the_language_that_was_chosen_or_else_the_browsers(
    client: FlaskClient, browser: str, chosen: str, lang: str
) -> None:
    page = client.get(f"{PAGE}{chosen}", headers={"Accept-Language": browser}).text
    assert ("1. 同意" in page, "1. I agree" in page) == (lang == "zh", lang == "en")


def test_the_first_post_answers_the_question_that_was_shown(client: FlaskClient) -> None:
    page = say(client, "1")
    assert "照片" in page
    assert page.count("果园能手申报") == 1, "the greeting stays above, once"


def test_asking_for_a_person_is_a_button_beside_those_of_the_question(client: FlaskClient) -> None:
    page = say(client, "1", "技术等级有什么要求？")
    buttons = re.findall(r'<button[^>]*name="choice" value="([^"]+)" class="choice"', page)
    assert buttons == ["1", "2", "人工"] and "转人工" in page
    page = say(client, "人工")
    buttons = re.findall(r'<button[^>]*name="choice" value="([^"]+)" class="choice"', page)
    assert buttons == ["1", "2"] and "排在第一个" in page


def test_history_is_there_after_a_reload_with_numbers_masked(client: FlaskClient, id_number: str) -> None:
    page = say(client, "1", "1", "1", "1", "2", "1", "张三", id_number)
    assert "张三" in page
    assert id_number not in page
    assert f"{id_number[:4]}*************" in page


def test_a_post_sent_twice_is_taken_once(client: FlaskClient) -> None:
    token = ticket(client)
    for _ in range(2):
        client.post(PAGE, data={"ticket": token, "key": "same", "text": "1"})
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == 1


def test_a_ticket_outlives_the_cookie(client: FlaskClient) -> None:
    token = ticket(client)
    say(client, "1", token=token)
    client.delete_cookie("bole_chat", path="/chat")
    sent = client.post(PAGE, data={"ticket": token, "key": "n2", "text": "1"})
    assert sent.status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Conversation)) == 1
    assert "您属于哪几类" in client.get(PAGE).text, "the cookie is set again"


@pytest.mark.parametrize("token", ["", "forged", "e30.AAAA.BBBB"])
def test_without_a_ticket_nothing_is_sent_and_the_text_is_kept(client: FlaskClient, token: str) -> None:
    sent = client.post(PAGE, data={"ticket": token, "key": "k", "text": "写了很久的话"})
    assert sent.status_code == 403
    assert "写了很久的话" in sent.text
    assert client.post(PAGE, data={"ticket": token}, headers=SCRIPT).json["error"] == "ticket"
    assert client.post(f"{PAGE}/poll", data={"ticket": token}).status_code == 403


def test_a_ticket_of_another_programme_does_not_hold(client: FlaskClient, chat_app: Flask) -> None:
    other = crypto.ring().sign("chat-ticket", {"s": "x", "p": "elsewhere"})
    assert client.post(PAGE, data={"ticket": other, "text": "1"}).status_code == 403


def test_an_unknown_programme_is_not_found(client: FlaskClient) -> None:
    assert client.get("/chat/nowhere").status_code == 404
    assert client.post("/chat/nowhere/poll").status_code == 404


def test_one_programme_needs_no_list(client: FlaskClient) -> None:
    assert client.get("/chat/").headers["Location"] == PAGE


def test_a_photo_goes_by_plain_form(client: FlaskClient, id_number: str, photograph: Callable[..., bytes]) -> None:
    say(client, "1", "1", "1", "1", "2", "1", "张三", id_number, "对", "13812345678", "跳过", "桃", "不填")
    say(client, "2010.9", "至今", "红星果园", "完成", "没有")
    data: dict[str, Any] = {"ticket": ticket(client), "key": "photo1", "text": ""}
    client.post(PAGE, data={**data, "photo": (io.BytesIO(photograph()), "a.jpg")})
    client.post(PAGE, data={**data, "photo": (io.BytesIO(photograph()), "a.jpg")})
    application = db.session.scalars(select(Application)).one()
    assert len(queries.view(application.id).pages) == 1, "the same key is the same photo"
    assert "收到了" in client.get(PAGE).text


def test_the_script_gets_what_is_new_and_the_choices(client: FlaskClient) -> None:
    token = ticket(client)
    answer = client.post(PAGE, data={"ticket": token, "key": "1", "text": "1"}, headers=SCRIPT).json
    assert "您说" in answer["html"]
    assert 'value="1"' in answer["choices"]
    assert "果园能手申报" not in answer["html"], "the greeting is on the page already"
    again = client.post(f"{PAGE}/poll", data={"ticket": token, "after": answer["cursor"]}).json
    assert again["html"].strip() == ""
    assert again["cursor"] == answer["cursor"]


def test_a_poll_brings_what_we_began_once_and_again_after_a_lost_answer(client: FlaskClient, clock: FixedClock) -> None:
    token = ticket(client)
    cursor = client.post(PAGE, data={"ticket": token, "key": "1", "text": "1"}, headers=SCRIPT).json["cursor"]
    talk = db.session.scalars(select(Conversation)).one()
    notice = Notice(conversation_id=talk.id, effect="n", code="office.answered", text="可以", created_at=clock.now())
    notice.params = {"question": "问"}
    db.session.add(notice)
    db.session.commit()
    poll = {"ticket": token, "after": cursor}
    first, lost = (client.post(f"{PAGE}/poll", data=poll).json for _ in range(2))
    assert "可以" in first["html"]
    assert 'value="1"' in first["choices"], "the question before it stands"
    assert first["choices"].count('value="没解决"') == 1, "beside what can be said to the answer"
    assert lost["html"] == first["html"], "an answer that was lost on the way is given again"
    then = client.post(f"{PAGE}/poll", data={**poll, "after": first["cursor"]}).json
    assert "可以" not in then["html"]


def test_an_unknown_error_is_an_apology_with_a_reference_and_the_text_is_kept(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    token = ticket(client)

    def broken(*_args: Any) -> None:
        raise RuntimeError("secret detail")

    with monkeypatch.context() as patched:
        patched.setattr(conversation, "_respond", broken)
        sent = client.post(PAGE, data={"ticket": token, "key": "k", "text": "我的话"})
        scripted = client.post(PAGE, data={"ticket": token, "key": "k", "text": "我的话"}, headers=SCRIPT).json
    assert sent.status_code == 500
    assert "我的话" in sent.text
    assert "secret detail" not in sent.text
    assert re.search(r"[0-9A-F]{8}", scripted["failed"])
    assert client.post(PAGE, data={"ticket": token, "key": "k", "text": "1"}).status_code == 303


def test_markup_in_a_message_stays_text(client: FlaskClient) -> None:
    page = say(client, "1", "1", "1", "1", "2", "1", "<b onclick=x>名字</b>")
    assert "<b onclick" not in page
    assert "&lt;b onclick" in page


def test_english_switches_the_same_page(client: FlaskClient) -> None:
    page = say(client, "English")
    assert '<html lang="en">' in page
    assert "I agree" in page
    assert "Type a reply" in page
    assert "I agree" in client.get(f"{PAGE}?lang=en").text


def test_going_on_here_with_what_was_begun_in_the_browser(client: FlaskClient) -> None:
    started = service.start("orchard", "web", "zh")
    service.record(started.application.id, {"consent:data": True, "consent:photos": True}, "web")
    token = handoff.make(started.application.id)
    asked = client.get(f"{PAGE}/join/{token}")
    assert started.application.receipt in asked.text
    assert db.session.scalars(select(Conversation)).all() == []  # a link alone joins nothing
    assert client.post(f"{PAGE}/join/{token}", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    joined = client.post(f"{PAGE}/join/{token}")
    assert joined.status_code == 302
    assert client.get(f"{PAGE}/join/{token}").status_code == 302  # it is this conversation's already
    page = client.get(PAGE).text
    assert started.application.receipt in page
    assert "您属于哪几类" in page
    assert db.session.scalars(select(Conversation)).one().application_id == started.application.id


def test_what_was_deleted_cannot_be_joined(client: FlaskClient) -> None:
    application = service.start("orchard", "web", "zh").application.id
    token = handoff.make(application)
    service.delete(application)
    assert client.post(f"{PAGE}/join/{token}").status_code == 404


@pytest.mark.parametrize("token", ["x", "e30.AAAA.BBBB"])
def test_a_forged_link_joins_nothing(client: FlaskClient, token: str) -> None:
    assert client.get(f"{PAGE}/join/{token}").status_code == 404


@pytest.fixture
def long_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute in which messages are counted lasts as long as the test, however busy the machine is."""
    now = memory.time.time()
    monkeypatch.setattr(memory, "time", SimpleNamespace(time=lambda: now))


@pytest.mark.usefixtures("long_minute")
def test_too_many_messages_are_asked_to_wait_and_none_is_lost(client: FlaskClient) -> None:
    token = ticket(client)
    for number in range(60):
        assert client.post(PAGE, data={"ticket": token, "key": f"f{number}", "text": "1"}).status_code == 303
    refused = client.post(PAGE, data={"ticket": token, "key": "over", "text": "我的名字"})
    assert refused.status_code == 429
    assert "请等一分钟" in refused.text
    assert "我的名字</textarea>" in refused.text
    scripted = client.post(PAGE, data={"ticket": token, "key": "over", "text": "我的名字"}, headers=SCRIPT)
    assert scripted.status_code == 429
    assert "没有丢" in scripted.json["text"]
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == 60
    again = client.post(PAGE, data={"ticket": token, "key": "f59", "text": "1"})
    assert again.status_code == 303, "what was answered before is not refused when it comes again"
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == 60
    client.delete_cookie("bole_chat", path="/chat")
    other = client.post(PAGE, data={"ticket": ticket(client), "key": "x", "text": "1"})
    assert other.status_code == 303, "another sender at the same address goes on"


@pytest.mark.usefixtures("long_minute")
def test_one_address_with_many_senders_is_limited_too(client: FlaskClient) -> None:
    with client.application.test_request_context("/chat/orchard", method="POST"):
        assert [limits.too_fast(f"s{number}") for number in range(401)] == [False] * 400 + [True]


@pytest.mark.usefixtures("long_minute")
def test_behind_a_platforms_address_only_the_sender_counts(client: FlaskClient) -> None:
    with client.application.test_request_context("/wechat/", method="POST"):
        assert not any(limits.too_fast(f"wechat:{number}", relayed=True) for number in range(401))
        assert [limits.too_fast("wechat:one", relayed=True) for _number in range(61)] == [False] * 60 + [True]
