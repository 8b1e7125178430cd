"""Bodies that the platform sends, and those that somebody else does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_adapter.channels.wechat import bodies
from bot_adapter.channels.wechat.bodies import MAX_BYTES, MAX_TAGS, Malformed

TEXT = """<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[o1]]></FromUserName>
<CreateTime>1348831860</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[高工 <b> & 1]]></Content>
<MsgId>1234567890123456</MsgId></xml>"""


def test_a_text_message():
    found = bodies.parse(TEXT.encode())
    assert found == {
        "ToUserName": "gh_1",
        "FromUserName": "o1",
        "CreateTime": "1348831860",
        "MsgType": "text",
        "Content": "高工 <b> & 1",
        "MsgId": "1234567890123456",
    }


def test_the_same_in_json():
    assert bodies.parse(json.dumps({"MsgType": "text", "MsgId": 12, "Content": "好", "x": {"y": 1}}).encode()) == {
        "MsgType": "text",
        "MsgId": "12",
        "Content": "好",
    }


def test_what_is_nested_is_left_out():
    assert bodies.parse(b"<xml><a>1</a><b><c>2</c></b></xml>") == {"a": "1"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<xml>",
        b"<xml><a>1</a><a>2</a></xml>",
        b'{"a": 1, "a": 2}',
        b"{",
        b'{"a": ' + b"[" * 5000,
        b'<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY e "1">]><xml><a>&e;</a></xml>',
        b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml><a>1</a></xml>',
        b"<xml><a>&undefined;</a></xml>",
        b"<xml><a>\x00</a></xml>",
        b"<xml><a>&#0;</a></xml>",
        b"<xml><a>&#xD800;</a></xml>",
        b"<xml><a>\xff\xfe</a></xml>",
        b'{"a": "\xff"}',
        "<xml><a>1</a></xml>".encode("utf-16"),
        b"<a>" * (MAX_TAGS + 1) + b"</a>" * (MAX_TAGS + 1),
        b"<xml><a>" + b"1" * MAX_BYTES + b"</a></xml>",
    ],
    ids=lambda data: repr(data[:24]),
)
def test_what_is_refused(data):
    with pytest.raises(Malformed):
        bodies.parse(data)


def test_what_only_looks_like_a_declaration_is_a_text():
    typed = "<!DOCTYPE html> <!ENTITY a> &a;"
    assert bodies.parse(f"<xml><a><![CDATA[{typed}]]></a></xml>".encode()) == {"a": typed}


def test_as_long_and_as_many_as_allowed():
    frame = b"<xml><a></a></xml>"
    full = b"<xml><a>" + b"1" * (MAX_BYTES - len(frame)) + b"</a></xml>"
    assert len(bodies.parse(full)["a"]) == MAX_BYTES - len(frame)
    many = b"<xml>" + b"".join(b"<a%d/>" % number for number in range(MAX_TAGS - 2)) + b"</xml>"
    assert len(bodies.parse(many)) == MAX_TAGS - 2


def test_lone_surrogates_and_nul_do_not_get_further():
    assert bodies.parse(b'{"a": "x\\ud800y\\u0000z"}') == {"a": "x\ufffdy\ufffdz"}


@given(
    st.binary(max_size=200)
    | st.text(max_size=100).map(lambda text: f"<xml><a>{text}</a></xml>".encode("utf-8", "ignore"))
)
def test_whatever_comes_is_read_or_refused(data):
    try:
        found = bodies.parse(data)
    except Malformed:
        return
    assert all(isinstance(value, str) for value in found.values())


@pytest.mark.parametrize("as_json", [False, True])
@given(
    text=st.text(st.characters(exclude_characters="\r"), max_size=100) | st.sampled_from(["]]>", "]]]]>>", "a]]>b]]>"])
)
def test_a_reply_says_what_it_was_given(as_json, text):
    """XML 2.11 makes line feeds of carriage returns; the conversation writes none."""
    written = bodies.write({"Content": text, "CreateTime": 12}, as_json=as_json)
    assert bodies.parse(written) == {"Content": bodies.clean(text), "CreateTime": "12"}
