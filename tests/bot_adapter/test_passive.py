"""A reply in one text with a limit in bytes."""

import base64
import json
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_adapter import conversation, passive
from bot_adapter.messages import OutboundMessage
from models import sealed
from models.application.said import state_bound_to
from models.application.tables import Conversation
from models.crypto import ring


@given(st.text(max_size=400), st.integers(40, 300))
def test_nothing_is_lost_but_line_feeds_where_it_was_cut(text, room):
    shown, rest = passive.cut(text, room)
    assert len(shown.encode()) <= room
    assert (shown + rest).replace("\n", "") == text.replace("\n", "")
    assert bool(rest) <= (len(text.encode()) > room)


@given(st.text(min_size=1, max_size=600), st.integers(40, 100))
def test_asking_on_and_on_comes_to_an_end(text, room):
    parts = 0
    while text:
        shown, text = passive.cut(text, room)
        parts += 1
        assert shown or text
        assert parts < 400


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("一二三四五\n六七八九十", "一二三四五"),
        ("一二三四五。六七八九十", "一二三四五。"),
        ("一二三四五，六七八九十", "一二三四五，"),
        ("一二三四五六七八九十", "一二三四五六"),
        ("one two three. four five six", "one two three."),
        ("一，二三四五六七八九十", "一，二三四五"),  # a cut that leaves the message half empty is none
    ],
)
def test_where_it_is_cut(text, shown):
    assert passive.cut(text, 20)[0] == shown


def test_a_character_of_several_signs_stays_whole():
    family = "👨‍👩‍👧"
    for room in range(20, 45):
        shown, rest = passive.cut("字字字字" + family + "字" * 20, room)
        assert family in shown or family in rest
    for room in range(20, 30):
        shown, rest = passive.cut("x" * 18 + "e\u0301" + "y" * 20, room)
        assert not rest.startswith("\u0301")
        assert unicodedata.normalize("NFC", shown + rest) == "x" * 18 + "é" + "y" * 20


def test_the_limit_itself_fits_and_one_byte_more_does_not(chat_app):
    reply = [OutboundMessage("字" * 100)]
    assert passive.fitted(reply, 300, "zh") == (reply, None)
    shown, rest = passive.fitted(reply, 299, "zh")
    assert shown[0].text.endswith("（没说完，回复「更多」接着看）") and len(shown[0].text.encode()) <= 299
    assert rest is not None and set(rest.text) == {"字"}


def test_what_waits_is_sealed_as_everything_in_the_state_is(chat_app):
    state = {"at": "claim"}
    passive.keep(state, "c1", OutboundMessage("我的身份证号"))
    assert passive.kept(state, "c1") == OutboundMessage("我的身份证号") and "身份证" not in str(state)
    (place,) = (one for one in sealed.TEXTS if one.column is Conversation.state)
    assert ring().open(base64.b64decode(state["rest"]), place.bound_to("c1"))
    passive.keep(state, "c1", None)
    assert state == {"at": "claim"} and passive.kept(state, "c1") is None


def test_the_rest_of_what_is_about_another_programme_is_about_that_one_too(chat_app):
    state = {}
    shown, rest = passive.fitted([OutboundMessage("字" * 100, elsewhere=True), OutboundMessage("文")], 299, "zh")
    passive.keep(state, "c1", rest)
    brought = passive.kept(state, "c1")
    assert shown[0].elsewhere and brought == rest and brought.elsewhere
    _shown, own = passive.fitted([OutboundMessage("字" * 100)], 299, "zh")
    passive.keep(state, "c1", own)
    assert not passive.kept(state, "c1").elsewhere


def test_what_an_earlier_version_kept_is_brought(chat_app):
    said = ring().seal(json.dumps("还没说完").encode(), state_bound_to("c1"))
    assert passive.kept({"rest": base64.b64encode(said).decode()}, "c1") == OutboundMessage("还没说完")


def test_more_brings_the_rest_and_an_answer_overtakes_it(chat_app, new_person):
    person = new_person()
    told = conversation.handle(cramped(person, "你好"))
    whole = "".join(m.plain() for m in told)
    assert "更多" in whole and len(whole.encode()) <= 200
    seen = whole
    for _ in range(20):
        if "更多" not in whole:
            break
        whole = "".join(m.plain() for m in conversation.handle(cramped(person, " 更多 ")))
        seen += whole
    assert "1. 同意" in seen and "2. 不同意" in seen
    conversation.handle(cramped(person, "1"))
    again = "".join(m.plain() for m in conversation.handle(cramped(person, "更多")))
    assert "没有看懂" in again


def cramped(person, text):
    return replace(person.message(text), room=200)
