"""What the platform does with what we send, and what becomes of it."""

from dataclasses import replace

import pytest
from fake_telegram import TOKEN, Refused
from sqlalchemy import select

from bot_adapter.channels.telegram.api import Api
from bot_adapter.channels.telegram.channel import Telegram
from bot_adapter.messages import Attachment, Choice, OutboundMessage, Recipient, SendResult, fit
from models.application.channel_tables import Delivery
from models.extensions import db

CHAT = 42
TO = Recipient("telegram", "123456", str(CHAT))


@pytest.fixture
def channel(platform):
    platform.chats.add(CHAT)
    one = Telegram(Api(TOKEN, platform.url), "")
    yield one
    one.api.close()


def message(text="您好", *choices, **more):
    return OutboundMessage(text, tuple(Choice(*choice) for choice in choices), recipient=TO, id="reply:1:0", **more)


def buttons(platform):
    rows = platform.sent[-1].get("reply_markup", {}).get("inline_keyboard", [])
    return [[button["text"] for button in row] for row in rows]


@pytest.mark.parametrize(
    ("trouble", "state", "error", "detail", "after"),
    [
        (Refused(429, "Too Many Requests: retry after 7", retry_after=7), "deferred", "throttled", "429", 7.0),
        (Refused(429, "Too Many Requests"), "deferred", "throttled", "429", None),
        (Refused(500, "Internal Server Error"), "deferred", "transient", "500", None),
        (Refused(403, "Forbidden: user is deactivated"), "failed", "blocked", "403", None),
        (Refused(401, "Unauthorized"), "failed", "config", "401", None),
        (Refused(400, "Bad Request: chat not found"), "failed", "rejected", "400 chat not found", None),
        (
            Refused(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1001),
            "failed",
            "rejected",
            "400 upgraded to a supergroup",
            None,
        ),
        (Refused(400, "Bad Request: 您的身份证"), "failed", "rejected", "400", None),
        ("hang up", "uncertain", "transient", "unanswered", None),
    ],
    ids=str,
)
def test_how_a_send_ends(channel, platform, trouble, state, error, detail, after):
    platform.troubles = [trouble]
    assert channel.send(message()) == SendResult(state, error=error, detail=detail, retry_after=after)
    assert platform.sent == []


def test_what_arrives_has_the_platforms_number_and_no_markup(channel, platform):
    result = channel.send(message("_a_ <b>b</b> *c*"))
    assert result == SendResult.sent(str(platform.sent[0]["message_id"]))
    assert platform.sent[0]["text"] == "_a_ <b>b</b> *c*" and "parse_mode" not in platform.sent[0]


def test_nobody_listening_is_tried_again(platform):
    channel = Telegram(Api(TOKEN, "http://127.0.0.1:9"), "")
    assert channel.send(message()) == SendResult.problem("transient", "unsent")
    channel.api.close()


def test_a_wrong_token_is_the_settings_fault(platform):
    channel = Telegram(Api("1:another-token", platform.url), "")
    assert channel.send(message()).error == "config"
    channel.api.close()


@pytest.mark.parametrize(("length", "state"), [(4096, "sent"), (4098, "failed")])
def test_the_limit_is_counted_as_the_platform_counts(channel, length, state):
    """An emoji has two code units."""
    assert channel.send(message("🍑" * (length // 2))).state == state


def test_a_long_text_is_cut_so_that_every_part_is_taken_and_nothing_is_lost(channel, platform):
    long = message("🍑桃" * 4000, ("1", "是"), ("2", "不是"), mark="a1b2c3", hint="（回复数字）")
    parts = fit([long], channel.capabilities)
    assert [channel.send(replace(part, recipient=TO)).state for part in parts] == ["sent"] * len(parts)
    assert "".join(platform.texts(CHAT)) == "🍑桃" * 4000 + "\n（回复数字）"
    assert buttons(platform) == [["1. 是"], ["2. 不是"]]


@pytest.mark.parametrize("spare", [0, 1])
def test_choices_that_are_written_out_have_room_under_the_text(channel, platform, spare):
    choices = [(str(n), "很长很长的一个选项" * 4) for n in range(1, 12)]
    long = message("字" * (4096 - sum(len(f"\n{n}. {label}") for n, label in choices) + spare), *choices, mark="a1b2c3")
    parts = fit([long], channel.capabilities)
    assert len(parts) == 1 + spare
    assert all(channel.send(replace(part, recipient=TO)).state == "sent" for part in parts)
    assert buttons(platform) == [list("12345"), ["6", "7", "8", "9", "10"], ["11"]]


def test_choices_longer_than_half_a_message_are_text_like_the_rest(channel, platform):
    choices = [(str(n), "很长很长的一个选项" * 20) for n in range(1, 30)]
    long = message("选一个", *choices, mark="a1b2c3")
    parts = fit([long], channel.capabilities)
    assert all(channel.send(replace(part, recipient=TO)).state == "sent" for part in parts)
    assert "\n".join(platform.texts(CHAT)) == long.plain()


@pytest.mark.parametrize(
    ("choices", "rows", "written"),
    [
        ([("1", "是"), ("2", "不是")], [["1. 是"], ["2. 不是"]], False),
        ([("跳过", "这一项可以不填")], [["跳过 · 这一项可以不填"]], False),
        ([(str(n), "甲") for n in range(1, 9)], [[f"{n}. 甲"] for n in range(1, 9)], False),
        ([(str(n), "甲") for n in range(1, 10)], [list("12345"), list("6789")], True),
        ([("1", "长" * 16), ("对", "就用它")], [[f"1. {'长' * 15}…"], ["对"]], True),
        ([("1", "长" * 15)], [[f"1. {'长' * 15}"]], False),
        ([("1", "甲"), ("x" * 58, "乙")], [], True),
        ([(str(n), "甲") for n in range(1, 42)], [], True),
    ],
    ids=["few", "words", "eight", "nine", "long", "just short", "too many bytes", "too many"],
)
def test_buttons_speak_for_themselves_or_stand_numbered_in_the_text(channel, platform, choices, rows, written):
    channel.send(message("问题", *choices, mark="a1b2c3"))
    if rows and rows[0][0].endswith("…"):
        rows = [["1"], ["对"]]
    assert buttons(platform) == rows
    assert (Choice(*choices[0]).line in platform.sent[-1]["text"]) == written


@pytest.mark.parametrize("more", [{"many": True, "mark": "a1b2c3"}, {}], ids=["several apply", "nobody knows of what"])
def test_without_a_whole_answer_in_one_press_there_are_no_buttons(channel, platform, more):
    channel.send(message("问题", ("1", "甲"), ("2", "乙"), **more))
    assert buttons(platform) == [] and "1. 甲\n2. 乙" in platform.sent[-1]["text"]


@pytest.mark.parametrize(
    ("url", "button"),
    [("https://bole.example.cn/h/1", True), ("http://bole.example.cn/h/1", False), ("https://localhost/h/1", False)],
)
def test_a_page_is_a_button_where_the_platform_takes_its_address(channel, platform, url, button):
    channel.send(message("接着填：", attachments=(Attachment("打开", url),)))
    assert bool(buttons(platform)) == button and (url in platform.sent[-1]["text"]) != button


def test_choices_alone_are_a_message(channel, platform):
    assert channel.send(message("", ("1", "甲"), mark="a1b2c3")).state == "sent"
    assert platform.texts(CHAT) == ["1. 甲"] and buttons(platform) == [["1. 甲"]]


def test_buttons_that_the_platform_does_not_like_cost_the_buttons_and_not_the_message(channel, platform):
    platform.troubles = [Refused(400, "Bad Request: BUTTON_DATA_INVALID")]
    assert channel.send(message("问题", ("1", "甲"), mark="a1b2c3")).state == "sent"
    assert buttons(platform) == [] and platform.texts(CHAT) == ["问题\n1. 甲"]


def test_too_many_messages_wait_as_long_as_the_platform_says(line, clock):
    line.deliver(line.phone.text("你好"))
    line.phone.fake.troubles = [Refused(429, "Too Many Requests: retry after 30", retry_after=30)]
    assert line.work() == "" == line.work(), "not before the platform wants it"
    assert line.phone.fake.called == ["sendMessage"]
    clock.advance(seconds=30)
    assert "果园能手申报" in line.work()


def test_what_nobody_knows_to_have_arrived_is_not_sent_again(line, clock):
    line.deliver(line.phone.text("你好"))
    line.phone.fake.troubles = ["hang up"]
    line.work()
    clock.advance(hours=2)
    assert line.work() == ""
    assert db.session.scalars(select(Delivery.state)).one() == "uncertain"
    assert "同意处理照片" in line.says("1"), "and the conversation goes on"


def test_a_platform_that_is_down_for_a_while_is_told_once_it_is_back(line, clock):
    line.deliver(line.phone.text("你好"))
    line.phone.fake.troubles = [Refused(502, "Bad Gateway") for _ in range(3)]
    heard = []
    for _attempt in range(4):
        heard.append(line.work())
        clock.advance(hours=2)
    assert heard[:3] == [""] * 3 and "果园能手申报" in heard[3]
    assert len(line.phone.heard) == 1
