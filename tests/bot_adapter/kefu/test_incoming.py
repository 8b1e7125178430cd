"""What the entries of a page mean, whatever is in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fake_kefu import AES_KEY, CORP_ID, OPEN_KFID
from hypothesis import given
from hypothesis import strategies as st

from bot_adapter.channels.kefu.account import Account
from bot_adapter.channels.kefu.incoming import Entered, TakenBack, Undelivered, read
from bot_adapter.channels.wechat.envelope import AesKey
from bot_adapter.messages import InboundMessage

OURS = Account(CORP_ID, OPEN_KFID, "s", "t", AesKey(AES_KEY, CORP_ID), "http://127.0.0.1", "orchard")
SAID = {
    "msgid": "m1",
    "open_kfid": OPEN_KFID,
    "external_userid": "wm1",
    "send_time": 1700000000,
    "origin": 3,
    "msgtype": "text",
    "text": {"content": "你好"},
}
HAPPENED = {"msgid": "m2", "send_time": 1700000000, "origin": 4, "msgtype": "event"}


def test_words():
    message = read(SAID, OURS)
    assert isinstance(message, InboundMessage)
    assert (message.kind, message.text, message.sender_id, message.account_id) == ("text", "你好", "wm1", OPEN_KFID)
    assert (message.dedupe_key, message.external_id, message.programme) == ("m1", "m1", "orchard")
    assert message.occurred_at == datetime.fromtimestamp(1700000000, UTC)


@pytest.mark.parametrize(
    ("fields", "kind", "said", "media"),
    [
        ({"text": {"content": "a\x00b\ud800c"}}, "text", "a\ufffdb\ufffdc", []),
        ({"text": {"content": "1. 男", "menu_id": "q" + b"abc|1".hex()}}, "choice", "1", []),
        ({"text": {"content": "关于我们", "menu_id": "101"}}, "text", "关于我们", []),
        ({"text": {"content": 5}}, "text", "", []),
        ({"text": "你好"}, "text", "", []),
        ({"msgtype": "image", "image": {"media_id": "M"}}, "image", "", ["M"]),
        ({"msgtype": "file", "file": {"media_id": "M"}}, "file", "", ["M"]),
        ({"msgtype": "image", "image": {}}, "image", "", [""]),
        ({"msgtype": "voice", "voice": {"media_id": "M"}}, "unsupported", "", []),
        ({"msgtype": ["text"]}, "unsupported", "", []),
        ({"msgtype": "a kind of next year"}, "unsupported", "", []),
    ],
    ids=["no text", "choice", "another's menu", "number", "flat", "image", "file", "no id", "voice", "list", "new"],
)
def test_kinds(fields, kind, said, media):
    message = read({**SAID, **fields}, OURS)
    assert isinstance(message, InboundMessage)
    assert (message.kind, message.said, [ref.reference for ref in message.media]) == (kind, said, media)


@pytest.mark.parametrize(
    "fields",
    [
        {"origin": 5},
        {"origin": "3"},
        {"open_kfid": "wkAnother"},
        {"external_userid": ""},
        {"external_userid": "a b"},
        {"external_userid": "x" * 65},
        {"external_userid": {"a": 1}},
        {"msgid": ""},
        {"msgid": 7},
        {"msgid": "x" * 129},
        {"send_time": "1700000000"},
        {"send_time": True},
        {"send_time": 0},
        {"send_time": 10**18},
    ],
    ids=str,
)
def test_what_is_no_message_of_a_person(fields):
    assert read({**SAID, **fields}, OURS) is None


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"event_type": "enter_session", "external_userid": "wm1", "welcome_code": "c"}, Entered),
        ({"event_type": "enter_session", "external_userid": "wm1"}, Entered),
        ({"event_type": "enter_session"}, None),
        ({"event_type": "enter_session", "external_userid": "wm1", "open_kfid": "wkAnother"}, None),
        ({"event_type": "msg_send_fail", "external_userid": "wm1", "fail_msgid": "x", "fail_type": 10}, Undelivered),
        ({"event_type": "msg_send_fail", "fail_type": 10}, None),
        ({"event_type": "user_recall_msg", "recall_msgid": "x"}, TakenBack),
        ({"event_type": "user_recall_msg"}, None),
        ({"event_type": "servicer_status_change", "status": 1}, None),
        ({"event_type": "session_status_change", "change_type": 3}, None),
        ({"event_type": ["enter_session"]}, None),
        ("enter_session", None),
    ],
    ids=str,
)
def test_events(event, expected):
    found = read({**HAPPENED, "event": event}, OURS)
    assert found is None if expected is None else isinstance(found, expected)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(SAID)), inner, max_size=4),
    max_leaves=6,
)


@given(_json, st.dictionaries(st.sampled_from([*SAID, "event", "image"]), _json, max_size=4))
def test_nothing_breaks_the_reading(anything, fields):
    read(anything, OURS)
    read({**SAID, **fields}, OURS)
    read({**HAPPENED, **fields}, OURS)
