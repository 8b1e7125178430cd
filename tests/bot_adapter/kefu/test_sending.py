"""What is sent keeps the platform's limits, and its answers mean what they say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_kefu import OPEN_KFID, FakeKefu, Refused
from hypothesis import given
from hypothesis import strategies as st

from bot_adapter.channels import registry
from bot_adapter.channels.kefu import menus
from bot_adapter.channels.kefu.channel import Kefu
from bot_adapter.messages import Choice, OutboundMessage, Recipient, fit

PERSON = "wmMade_Up-Person0123456789"
TO = Recipient("kefu", OPEN_KFID, PERSON)
ASKED = OutboundMessage("您的性别？", (Choice("1", "男"), Choice("2", "女")), "回复数字也可以", mark="abc123")
_words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=60)
_choices = st.lists(st.builds(Choice, st.sampled_from(["1", "2", "跳过", "完成"]), _words), max_size=12).map(tuple)
_messages = st.builds(
    OutboundMessage, st.text("字a。\n", min_size=1, max_size=1500), _choices, _words, many=st.booleans()
)


@given(st.lists(_messages, min_size=1, max_size=3))
def test_everything_that_is_sent_fits_and_nothing_is_left_out(messages: list[OutboundMessage]) -> None:
    platform = FakeKefu.__new__(FakeKefu)  # only what it refuses
    fitted = fit(messages, Kefu.capabilities)
    for message in fitted:
        body = {"msgid": menus.msgid("x"), **menus.body(message)}
        if message.plain().strip():
            platform._check_body(body)
    said = "".join("".join(_shown(menus.body(message)).split()) for message in fitted)
    assert said == "".join("".join(message.plain().split()) for message in messages)


@pytest.mark.parametrize("size", [300, 660, 667, 1000, 1330])
def test_a_long_question_leaves_room_for_its_choices(size):
    asked = replace(ASKED, text="字" * size, choices=labels(9, "很长的选项" * 6))
    sent = fit([asked], Kefu.capabilities)
    for message in sent:
        FakeKefu.__new__(FakeKefu)._check_body({"msgid": "x", **menus.body(message)})
    assert "".join("".join(_shown(menus.body(message)).split()) for message in sent) == "".join(asked.plain().split())


def _shown(body):
    if body["msgtype"] == "text":
        return body["text"]["content"]
    menu = body["msgmenu"]
    items = [item["click"]["content"] for item in menu["list"]]
    return "\n".join([menu["head_content"], *items, menu.get("tail_content", "")])


def labels(count, label="男"):
    return tuple(Choice(str(number), label) for number in range(1, count + 1))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (ASKED, "msgmenu"),
        (replace(ASKED, choices=labels(10)), "msgmenu"),
        (replace(ASKED, choices=labels(11)), "text"),
        (replace(ASKED, choices=(Choice("1", "字" * 41 + "ab"),)), "msgmenu"),
        (replace(ASKED, choices=(Choice("1", "字" * 41 + "abc"),)), "text"),
        (replace(ASKED, text="字" * 341 + "a"), "msgmenu"),
        (replace(ASKED, text="字" * 341 + "ab"), "text"),
        (replace(ASKED, hint="字" * 342), "text"),
        (replace(ASKED, many=True), "text"),
        (replace(ASKED, text=""), "text"),
        (replace(ASKED, choices=()), "text"),
    ],
    ids=["two", "ten", "eleven", "label 128", "label 129", "text 1024", "text 1025", "hint", "many", "bare", "none"],
)
def test_choices_are_a_menu_where_they_fit_one(message, kind):
    body = menus.body(message)
    assert body["msgtype"] == kind
    assert "".join(_shown(body).split()) == "".join(message.plain().split())
    FakeKefu.__new__(FakeKefu)._check_body({"msgid": "x", **body})


def test_a_choice_comes_back_with_the_question_that_it_belongs_to():
    for choice in (Choice("1", "男"), Choice("跳过", "不填")):
        assert menus.pressed(menus.menu_id(ASKED, choice)) == f"abc123|{choice.send}"
        assert menus.menu_id(ASKED, choice).isalnum()
    for given_id in ("", "101", "q", "q0", "qff", "qzz", "q31\n"):
        assert menus.pressed(given_id) is None


def test_a_name_is_the_same_for_a_send_and_another_for_the_next():
    names = {menus.msgid(f"reply:{number}:0") for number in range(50)}
    assert len(names) == 50 and menus.msgid("reply:1:0") in names
    assert all(len(name) == 32 for name in names)


@pytest.fixture
def channel(line):
    line.says("你好")
    line.platform.sent.clear()
    return registry.find("kefu")


def send(channel, key="reply:x:0", text="好", person=PERSON):
    return channel.send(OutboundMessage(text, id=key, recipient=replace(TO, sender_id=person)))


def test_a_message_is_sent_under_its_own_name(channel, line):
    result = send(channel)
    assert (result.state, result.external_id) == ("sent", menus.msgid("reply:x:0"))
    assert line.platform.texts(PERSON) == ["好"]


@pytest.mark.parametrize("trouble", ["hang up", 40014, 42001], ids=str)
def test_what_was_taken_before_is_taken_once(channel, line, trouble):
    line.platform.troubles["send_msg"] = [trouble]
    first = send(channel)
    assert send(channel).state == "sent" and line.platform.texts(PERSON) == ["好"]
    assert first.state == ("deferred" if trouble == "hang up" else "sent")


@pytest.mark.parametrize(
    ("code", "state", "error"),
    [
        (-1, "deferred", "transient"),
        (45009, "deferred", "throttled"),
        (45033, "deferred", "throttled"),
        (95001, "failed", "window_closed"),
        (95002, "failed", "window_closed"),
        (95013, "failed", "window_closed"),
        (95018, "failed", "window_closed"),
        (48002, "failed", "config"),
        (60020, "failed", "config"),
        (95000, "failed", "config"),
        (95004, "failed", "config"),
        (40096, "failed", "rejected"),
        (40058, "failed", "rejected"),
    ],
)
def test_what_a_code_means(channel, line, code, state, error):
    line.platform.troubles["send_msg"] = [code]
    result = send(channel)
    assert (result.state, result.error, result.detail) == (state, error, str(code))
    assert (result.retry_after is not None) == (error == "throttled")


def test_a_token_that_is_refused_twice_is_a_matter_for_the_office(channel, line):
    line.platform.troubles["send_msg"] = [42001, 40014]
    assert (send(channel).error, line.platform.sent) == ("config", [])


def test_a_wrong_secret_is_a_matter_for_the_office(channel, line):
    line.platform.tokens.clear()
    line.platform.troubles["gettoken"] = [40001]
    assert send(channel).error == "config"


def test_five_after_a_message_and_none_after_two_days(channel, line, clock):
    assert [send(channel, f"k{number}").state for number in range(4)] == ["sent"] * 4
    assert send(channel, "k5").error == "window_closed"
    line.platform.says(PERSON, "1")
    clock.advance(hours=47, minutes=59)
    assert send(channel, "k6").state == "sent"
    clock.advance(minutes=1)
    assert send(channel, "k7").error == "window_closed"


def test_somebody_unknown_is_refused(channel):
    assert send(channel, person="wmNobody").error == "rejected"


def test_a_platform_that_does_not_answer_is_asked_later(channel, line):
    line.platform.stop()
    try:
        result = send(channel)
        assert (result.state, result.error) == ("deferred", "transient")
    finally:
        line.platform.stop = lambda: None


def test_the_platform_beside_us_is_as_strict_as_it_says():
    platform = FakeKefu.__new__(FakeKefu)
    for body in (
        {"msgtype": "text", "text": {"content": "字" * 683}},
        {"msgtype": "text", "text": {"content": ""}},
        {"msgtype": "msgmenu", "msgmenu": {"list": []}},
        {"msgid": "不", "msgtype": "text", "text": {"content": "a"}},
    ):
        with pytest.raises(Refused):
            platform._check_body({"msgid": "x", **body})
