"""One person on several channels: by a one-time code, seen and let go again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot_adapter import conversation
from bot_adapter.channels import limits
from bot_adapter.messages import InboundMessage
from models.application import binding, service
from models.application.channel_tables import LinkCode
from models.application.tables import Application, Conversation
from models.errors import NotFound
from models.extensions import db

ORCHARD = "orchard"


@pytest.fixture
def chat(persistent_chat_app):
    """Speaking as somebody on a channel; every message has its own key."""
    count = iter(range(10_000))

    def says(channel: str, sender: str, *texts: str, programme: str | None = ORCHARD) -> str:
        out = []
        for text in texts:
            out = conversation.handle(InboundMessage(channel, sender, f"k{next(count)}", text, programme=programme))
        return "\n".join(message.plain() for message in out)

    return says


def code_in(reply: str) -> str:
    found = re.search(r"(\d{4} \d{4})", reply)
    assert found, reply
    return found[1]


def begun(chat, sender="p1") -> str:
    """Somebody who has begun on WeChat; the id of their application."""
    chat("wechat", sender, "你好", "1")
    return carried("wechat", sender)


def carried(channel: str, sender: str) -> str | None:
    db.session.rollback()
    query = select(Conversation.application_id).where(Conversation.channel == channel, Conversation.sender == sender)
    return db.session.scalars(query).one()


@pytest.mark.parametrize("typed", ["绑定 {}", "绑定{}", "绑定：{}", "ＢＩＮＤ {}", "bind {}", "「绑定 {}」"])
def test_a_code_carries_the_application_to_another_chat(chat, typed):
    app_id = begun(chat)
    code = code_in(chat("wechat", "p1", "绑定"))
    reply = chat("telegram", "t1", "你好", typed.format(code))
    assert carried("telegram", "t1") == app_id == carried("wechat", "p1")
    receipt = db.session.get_one(Application, app_id).receipt
    assert f"（{receipt}）" in reply
    assert chat("telegram", "t1", "进度").count(receipt) == 1


def test_in_the_lobby_the_code_says_which_programme_it_is(chat):
    app_id = begun(chat)
    code = code_in(chat("wechat", "p1", "绑定"))
    reply = chat("kefu", "k1", f"绑定 {code}", programme=None)
    assert carried("kefu", "k1") == app_id
    assert db.session.get_one(Application, app_id).receipt in reply


def test_in_the_lobby_a_wrong_code_is_said_and_the_next_word_goes_on(chat):
    assert "过期、用过" in chat("kefu", "k1", "绑定 1234 5678", programme=None)
    assert "1. " in chat("kefu", "k1", "你好", programme=None)


def test_a_code_holds_once(chat):
    begun(chat)
    code = code_in(chat("wechat", "p1", "绑定"))
    chat("telegram", "t1", f"绑定 {code}")
    assert "过期、用过" in chat("telegram", "t2", "你好", f"绑定 {code}")
    assert carried("telegram", "t2") is None


@pytest.mark.parametrize(("later", "holds"), [(timedelta(seconds=-1), True), (timedelta(), False)])
def test_a_code_holds_for_ten_minutes(chat, clock, later, holds):
    app_id = begun(chat)
    code = code_in(chat("wechat", "p1", "绑定"))
    clock.instant += binding.AGE + later
    chat("telegram", "t1", "你好", f"绑定 {code}")
    assert carried("telegram", "t1") == (app_id if holds else None)


def test_only_the_latest_three_codes_hold(chat, clock):
    app_id = begun(chat)
    codes = []
    for _ in range(4):
        codes.append(code_in(chat("wechat", "p1", "绑定")))
        clock.advance(seconds=1)
    chat("telegram", "t1", "你好", f"绑定 {codes[0]}")
    assert carried("telegram", "t1") is None
    chat("telegram", "t1", f"绑定 {codes[1]}")
    assert carried("telegram", "t1") == app_id


def test_codes_are_kept_as_digests_only(chat):
    begun(chat)
    code = code_in(chat("wechat", "p1", "绑定")).replace(" ", "")
    (kept,) = db.session.scalars(select(LinkCode))
    assert code not in kept.digest and kept.used_at is None


def test_guessing_ends_soon_and_the_state_is_not_stuck(chat):
    app_id = begun(chat)
    code = code_in(chat("wechat", "p1", "绑定"))
    replies = [chat("telegram", "guesser", f"绑定 {n:08d}") for n in range(6)]
    assert "试得太多" in replies[-1] and "试得太多" not in replies[-2]
    assert "试得太多" in chat("telegram", "guesser", f"绑定 {code}")
    chat("telegram", "t1", "你好", f"绑定 {code}")
    assert carried("telegram", "t1") == app_id, "others may still"


def test_guessing_on_the_web_is_counted_by_address_and_keeps_nobody_else_from_binding(
    chat, persistent_chat_app, monkeypatch
):
    app_id = begun(chat)
    code = code_in(chat("wechat", "p1", "绑定"))
    monkeypatch.setattr(limits, "CODES_BY_ADDRESS", "3 per 15 minutes")
    monkeypatch.setattr(limits, "CODES_BY_ALL", "4 per 15 minutes")
    with persistent_chat_app.test_request_context("/", environ_base={"REMOTE_ADDR": "198.51.100.7"}):
        replies = [chat("webchat", f"guesser{n}", f"绑定 {n:08d}") for n in range(4)]
    assert "试得太多" in replies[3] and "试得太多" not in replies[2]
    with persistent_chat_app.test_request_context("/", environ_base={"REMOTE_ADDR": "198.51.100.8"}):
        assert "试得太多" not in chat("webchat", "neighbour", "绑定 00000007"), "the refused do not count"
        assert "试得太多" in chat("webchat", "last", "绑定 00000008"), "four of one channel"
    chat("telegram", "t1", "你好", f"绑定 {code}")
    assert carried("telegram", "t1") == app_id


@pytest.mark.parametrize("typed", ["1234", "123456789", "abcdefgh", "1234 567"])
def test_what_is_no_code_is_told_how_one_looks(chat, typed):
    assert "8 位数字" in chat("telegram", "t1", "你好", f"绑定 {typed}")


def test_without_an_application_it_is_explained_and_the_question_comes_again(chat):
    hello = chat("telegram", "t1", "你好")
    reply = chat("telegram", "t1", "绑定")
    assert "这里还没有申报" in reply and hello.splitlines()[-1] in reply


def test_what_was_begun_here_before_is_named_and_stays(chat):
    app_id, other = begun(chat), begun(chat, "p2")
    code = code_in(chat("wechat", "p1", "绑定"))
    reply = chat("wechat", "p2", f"绑定 {code}")
    assert carried("wechat", "p2") == app_id
    assert db.session.get_one(Application, other).receipt in reply
    assert db.session.get_one(Application, other).status == "draft"


def test_the_other_chats_hear_of_it_and_see_the_list(chat):
    begun(chat)
    code = code_in(chat("wechat", "p1", "绑定"))
    chat("telegram", "t1", "你好", f"绑定 {code}")
    assert "刚刚绑定到了Telegram" in chat("wechat", "p1", "进度")
    assert "刚刚绑定" not in chat("telegram", "t1", "进度")
    listed = chat("wechat", "p1", "绑定")
    assert "Telegram" in listed and "微信公众号" in listed


def test_a_chat_lets_its_application_go_and_is_a_strangers_again(chat):
    app_id = begun(chat)
    receipt = db.session.get_one(Application, app_id).receipt
    assert receipt in chat("wechat", "p1", "解绑")
    assert carried("wechat", "p1") is None
    assert receipt not in chat("wechat", "p1", "进度")
    assert "没有绑定" in chat("wechat", "p1", "解绑")
    assert db.session.get_one(Application, app_id).status == "draft"


def test_let_go_from_elsewhere_by_whoever_holds_the_application(chat):
    app_id, other = begun(chat), begun(chat, "p2")
    (chat_id,) = [one.conversation_id for one in binding.bound(db.session(), app_id)]
    with pytest.raises(NotFound):
        binding.unbind(other, chat_id)
    db.session.rollback()
    binding.unbind(app_id, chat_id)
    assert carried("wechat", "p1") is None and carried("wechat", "p2") == other


def test_a_deleted_application_has_no_codes(chat):
    app_id = begun(chat)
    code = code_in(chat("wechat", "p1", "绑定"))
    service.delete(app_id)
    assert db.session.scalars(select(LinkCode)).all() == []
    assert "过期、用过" in chat("telegram", "t1", "你好", f"绑定 {code}")
    with pytest.raises(NotFound):
        binding.make_code(app_id)


def test_two_chats_at_once_with_one_code(chat, persistent_chat_app):
    import threading

    begun(chat)
    code = code_in(chat("wechat", "p1", "绑定"))
    chat("telegram", "t1", "你好")
    chat("telegram", "t2", "你好")
    db.session.remove()

    def send(sender: str) -> None:
        with persistent_chat_app.app_context():
            chat("telegram", sender, f"绑定 {code}")

    db.session.remove()
    both = [threading.Thread(target=send, args=(sender,)) for sender in ("t1", "t2")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted([carried("telegram", "t1") is None, carried("telegram", "t2") is None]) == [False, True]
