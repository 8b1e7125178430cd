"""What an update means, without a database: whatever it holds, it is read or refused, and only people are heard."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_adapter.channels.errors import Malformed
from bot_adapter.channels.telegram import bodies, updates
from bot_adapter.channels.telegram.updates import Bot

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BOT = Bot("123456")
PERSON = {"id": 42, "is_bot": False, "language_code": "zh-hans"}
CHAT = {"id": 42, "type": "private"}
NAMES = [
    *("update_id", "message", "edited_message", "callback_query", "my_chat_member", "from", "chat", "id", "type"),
    *("text", "caption", "photo", "document", "data", "date", "is_bot", "width", "height", "file_id", "file_size"),
    *("mime_type", "message_id", "new_chat_member", "old_chat_member", "status", "language_code", "location"),
]
_leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(NAMES)
_anything = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=15,
)
_inside = st.dictionaries(st.sampled_from(NAMES), _anything, max_size=5)


def said(**content):
    message = {"message_id": 7, "from": PERSON, "chat": CHAT, "date": 1_795_000_000, **content}
    return updates.read({"update_id": 1, "message": message}, BOT, NOW).message


@given(st.dictionaries(st.sampled_from(NAMES), _anything | _inside, max_size=6), st.booleans())
def test_nothing_but_malformed_comes_of_any_object(payload, whole):
    if whole:
        payload = {"update_id": 1, **{kind: {"from": PERSON, "chat": CHAT, **payload} for kind in updates.KINDS[:1]}}
    try:
        found = updates.read(payload, BOT, NOW)
    except Malformed:
        return
    assert found.message is None or found.message.sender_id == found.sender
    assert len(found.sender) <= 16 and not (found.message and found.standing)


@given(st.sampled_from(["edited_message", "callback_query", "my_chat_member"]), _inside, _inside)
def test_nor_of_any_other_kind(kind, inside, under):
    held = {**inside, "from": PERSON, "message": {"chat": CHAT, **under}, "chat": CHAT}
    found = updates.read({"update_id": 1, kind: held}, BOT, NOW)
    assert found.sender in ("", "42")


@given(st.binary(max_size=80) | st.text(max_size=40).map(str.encode))
def test_a_body_is_an_object_or_malformed(body):
    try:
        assert isinstance(bodies.parse(body), dict)
    except Malformed:
        return


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("/start", "你好"),
        ("/START orchard", "你好"),
        ("/start 12345678", "绑定 12345678"),
        ("/start 123", "你好"),
        ("/help", "help"),
        ("/human@made_up_bole_bot 我的证书丢了", "human 我的证书丢了"),
        (" /status ", "status"),
        ("/home/zhang", "/home/zhang"),
        ("3/4", "3/4"),
        ("/", "/"),
        ("/start\n你好\n再见", "你好"),
    ],
)
def test_slash_commands_are_words(text, heard):
    assert said(text=text).said == heard


def test_the_largest_photo_counts_whatever_the_order_and_what_is_no_photo_does_not():
    sizes = [{"file_id": "m", "width": 320, "height": 240}, {"file_id": "l", "width": 1280, "height": 960}, "x", {}]
    sizes += [{"file_id": 7, "width": 9999, "height": 9999}, {"file_id": "t", "width": "9999", "height": 9999}]
    found = said(photo=sizes, caption="毕业证")
    assert [ref.reference for ref in found.media] == ["l"] and found.text == "毕业证" and found.kind == "image"


def test_a_press_gives_back_what_its_button_was_given():
    press = {"id": "q", "from": PERSON, "message": {"chat": CHAT, "message_id": 3}, "data": "3f09ac|2"}
    found = updates.read({"update_id": 9, "callback_query": press}, BOT, NOW)
    assert (found.message.kind, found.message.choice_id, found.message.said) == ("choice", "3f09ac|2", "2")
    assert found.pressed == "q" and found.message.choice_mark == "3f09ac"


def test_a_press_in_a_group_or_of_nothing_is_ended_and_not_heard():
    for message, data in (({"chat": {"id": -5, "type": "group"}}, "a|1"), ({"chat": CHAT}, "a|"), ({"chat": CHAT}, "")):
        press = {"id": "q", "from": PERSON, "message": message, "data": data}
        found = updates.read({"update_id": 9, "callback_query": press}, BOT, NOW)
        assert found.message is None and found.pressed == "q"


def test_a_retry_has_the_same_key_and_a_number_that_began_anew_another():
    first, again = (said(text="你好", message_id=n) for n in (7, 7))
    other = said(text="你好", message_id=8)
    assert first.dedupe_key == again.dedupe_key != other.dedupe_key


def test_the_programme_is_the_bots_own_else_what_the_link_names():
    message = {"message_id": 7, "from": PERSON, "chat": CHAT, "text": "/start zhongshan"}
    programme = lambda bot: updates.read({"update_id": 1, "message": message}, bot, NOW).message.programme  # noqa: E731
    assert programme(BOT) == "zhongshan" and programme(Bot("1", "ningxia-2020")) == "ningxia-2020"
    assert said(text="/start nowhere").programme is None and said(text="zhongshan").programme is None
