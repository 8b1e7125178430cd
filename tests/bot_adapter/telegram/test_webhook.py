"""A person applies on Telegram: through the webhook, with buttons and photos, on both databases."""

import itertools
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from fake_telegram import SECRET, TOKEN, Refused
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot_adapter.channels import registry
from bot_adapter.channels.telegram import bodies, webhook
from bot_adapter.channels.telegram.api import Api
from bot_adapter.channels.telegram.channel import HEADER, Telegram
from models.application.channel_tables import Delivery
from models.application.tables import Application, Conversation, DocumentPage, Inbound
from models.extensions import db

AT = 1_795_222_800  # the tests' clock: 21 November 2026, 9:00 in China


def count(table):
    found = db.session.scalar(select(func.count()).select_from(table))
    db.session.rollback()
    return found


def known():
    db.session.rollback()
    return db.session.scalars(select(Conversation)).one()


def to_the_photos(line, id_number):
    """Until the first photo is asked for: buttons where there are some, words elsewhere."""
    assert "果园能手申报" in line.says("/start")
    line.presses("1. 同意", "1. 同意")
    line.says("1", "1", "2", "继续", "张三", id_number, "对", "13812345678")
    line.presses("跳过", "1")
    return line.says("跳过", "2010.9", "至今", "红星果园", "完成", "没有")


def test_a_whole_application_by_buttons_and_photos_with_every_update_delivered_twice(
    persistent_line, photograph, id_number
):
    line, shades = persistent_line, itertools.count(10)
    line.times = 2
    to_the_photos(line, id_number)
    for _page in range(2):  # an album: two updates
        line.comes(line.phone.photo(photograph(next(shades)), media_group_id="1"))
    line.presses("1. ")
    line.comes(line.phone.photo(photograph(next(shades))))
    line.says("跳过", "1")
    heard = line.presses("1. ")
    assert db.session.scalars(select(Application)).one().status == "submitted", heard
    assert count(DocumentPage) == 3
    assert not line.phone.fake.pressed, "no button is left turning"
    assert set(db.session.scalars(select(Delivery.state))) == {"sent"}
    assert len(line.phone.heard) == count(Delivery)
    fetched = line.phone.fake.downloaded
    assert len(fetched) == 3, "an update that comes again is not fetched again"
    assert "getFile" in line.phone.fake.called and not any("thumb" in name for name in line.phone.fake.downloaded)


def test_deliveries_at_once_are_one_message(persistent_line, persistent_chat_app):
    line = persistent_line
    update = line.phone.text("你好")
    clients = [persistent_chat_app.test_client() for _ in range(4)]
    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda c: c.post("/telegram/", json=update, headers={HEADER: SECRET}), clients))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert count(Inbound) == 1
    assert "果园能手申报" in line.work()
    assert line.work() == ""


def test_what_is_replayed_later_says_and_changes_nothing(line):
    first, second = line.phone.text("你好"), line.phone.text("1")
    line.comes(first)
    asked = line.comes(second)
    held = count(Inbound)
    assert [line.comes(update) for update in (second, first, second)] == ["", "", ""]
    assert count(Inbound) == held
    assert line.says("不同意") != asked


def test_an_update_that_came_late_is_a_message_like_any_other(line):
    early, late = line.phone.text("你好"), line.phone.text("你好")
    assert "果园能手申报" in line.comes(late)
    assert "您好，我在" in line.comes(early)


def test_the_same_number_from_two_people_is_two_messages(line, another_line):
    other = another_line(77)
    update = line.phone.text("你好")
    theirs = {**other.phone.text("你好"), "update_id": update["update_id"]}
    assert "果园能手申报" in line.comes(update) and "果园能手申报" in other.comes(theirs)
    assert count(Conversation) == 2 and line.phone.heard != other.phone.heard


def test_a_button_of_an_earlier_question_is_told_so(line):
    line.says("你好")
    first = line.phone.heard[-1]
    line.presses("1. 同意")
    before = count(Inbound)
    heard = line.comes(line.phone.press("2. 不同意", first))
    assert "前面一题" in heard and "同意处理照片" in heard
    assert count(Inbound) == before + 1 and not line.phone.fake.pressed
    assert "同意处理照片" not in line.presses("1. 同意")


def test_a_button_pressed_twice_answers_once(line):
    line.says("你好")
    first = line.phone.heard[-1]
    presses = [line.phone.press("1. 同意", first) for _ in range(2)]
    assert "同意处理照片" in line.comes(presses[0])
    assert "前面一题" in line.comes(presses[1])


def test_without_the_secret_nothing_is_read(line):
    for secret in (None, "", "wrong", SECRET + "x", SECRET[:-1], "密".encode().decode("latin-1")):
        assert line.deliver(line.phone.text("你好"), secret).status_code == 403, secret
    assert count(Inbound) == 0


def test_a_secret_that_comes_twice_is_none(line):
    answer = line.client.post("/telegram/", json=line.phone.text("你好"), headers=[(HEADER, SECRET), (HEADER, SECRET)])
    assert answer.status_code == 403


def test_without_a_secret_set_or_without_a_bot_there_is_no_webhook(chat_app, line):
    registry.add(chat_app, Telegram(Api(TOKEN, "http://127.0.0.1:9"), ""))
    assert line.deliver(line.phone.text("你好"), "").status_code == 404
    chat_app.extensions["bole.channels"].clear()
    assert line.deliver(line.phone.text("你好")).status_code == 404


BODIES = {
    "empty": (b"", 400),
    "a list": (b"[]", 400),
    "cut off": (b"{", 400),
    "no UTF-8": (b"\xff{}", 400),
    "a name twice": (b'{"update_id": 1, "update_id": 2}', 400),
    "no number": (b'{"update_id": NaN}', 400),
    "a truth": (b'{"update_id": true}', 400),
    "a text": (b'{"update_id": "1"}', 400),
    "below zero": (b'{"update_id": -1}', 400),
    "endless number": (b'{"update_id": 1' + b"0" * 5000 + b"}", 400),
    "NUL": (b'{"update_id": 1, "message": {"text": "a\\u0000"}}', 400),
    "half a character": (b'{"update_id": 1, "message": {"text": "a\\ud800"}}', 400),
    "half a name": (b'{"update_id": 1, "a\\udc00": 1}', 400),
    "one too deep": (b'{"update_id": 1, "x": ' + b"[" * 32 + b"]" * 32 + b"}", 400),
    "just deep enough": (b'{"update_id": 1, "x": ' + b"[" * 31 + b"]" * 31 + b"}", 200),
    "far too deep": (b'{"update_id": 1, "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400),
    "too long": (b'{"update_id": 1, "x": "' + b"x" * bodies.MAX_BYTES + b'"}', 413),
    "nothing of ours": (b'{"update_id": 1}', 200),
    "whole characters": ('{"update_id": 1, "x": "\\ud83c\\udf51 🍑"}'.encode(), 200),
}


def test_bad_bodies_are_the_senders_fault(line):
    headers = {HEADER: SECRET, "Content-Type": "application/json"}
    found = {name: line.client.post("/telegram/", data=body, headers=headers) for name, (body, _) in BODIES.items()}
    assert {name: got.status_code for name, got in found.items()} == {name: s for name, (_, s) in BODIES.items()}


def test_a_body_of_unknown_length_is_read_no_further_than_may_be(line):
    body = BytesIO(b'{"update_id": 1, "x": "' + b"x" * bodies.MAX_BYTES + b'"}')
    environ = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    answer = line.client.post("/telegram/", input_stream=body, headers={HEADER: SECRET}, environ_overrides=environ)
    assert answer.status_code == 400


def test_a_flood_is_refused_with_the_time_to_try_again_and_nothing_of_it_is_lost(line, monkeypatch, photograph):
    line.says("你好")
    flooded = [True]
    monkeypatch.setattr(webhook, "too_fast", lambda *_args, **_more: flooded[0])
    photo = line.phone.photo(photograph())
    answer = line.deliver(photo)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "getFile" not in line.phone.fake.called and count(Inbound) == 1
    flooded[0] = False
    assert line.comes(photo) and count(Inbound) == 2


UNREAD = {
    "sticker": {"sticker": {"file_id": "s", "emoji": "🍑"}},
    "place": {"location": {"latitude": 1.5, "longitude": 2}},
    "voice": {"voice": {"file_id": "v", "duration": 3}},
    "contact": {"contact": {"phone_number": "13800000000", "first_name": "张"}},
    "film": {"video": {"file_id": "v", "duration": 3}, "caption": "看"},
    "Word": {"document": {"file_id": "d", "mime_type": "application/msword", "file_name": "a.jpg"}},
    "a file of no kind": {"document": {"file_id": "d"}},
    "no photo": {"photo": []},
    "not invented yet": {"something_new": {}},
}


def test_what_cannot_be_read_is_said_kindly_and_the_question_stands(line):
    question = line.says("你好", "1").splitlines()[-1]
    for name, content in UNREAD.items():
        heard = line.comes(line.phone.message(**content))
        said = {"voice": "语音", "place": "位置"}.get(name, "看不懂")
        assert said in heard and heard.endswith(question), name


def test_an_edit_changes_nothing_and_says_so(line):
    line.says("你好")
    question = line.says("1").splitlines()[-1]
    heard = line.comes(line.phone.message("edited_message", text="不同意"))
    assert "已经记下的答案不会跟着变" in heard and heard.endswith(question)


def test_what_nobody_said_to_us_is_taken_and_not_answered(line):
    phone = line.phone
    unsaid = {
        "a place that moves": phone.message("edited_message", location={"latitude": 1.5, "longitude": 2}),
        "something pinned": phone.message(pinned_message={"message_id": 1}),
        "a channel": phone.update(channel_post={"text": "你好"}),
        "a poll": phone.update(poll={"id": "1"}),
        "no chat": phone.message(text="你好", chat=1),
        "a group": phone.message(text="你好", chat={"id": -100123, "type": "supergroup", "title": "果农"}),
        "not their chat": phone.message(text="/start", chat={"id": 99, "type": "private"}),
        "a bot": phone.message(text="你好", **{"from": {"id": 42, "is_bot": True}}),
        "a button of nothing": phone.update(callback_query={"id": "1", "from": phone.person, "data": "1"}),
    }
    for name, update in unsaid.items():
        assert line.comes(update) == "", name
    assert count(Inbound) == count(Conversation) == 0 and phone.fake.sent == []


def test_a_group_is_told_once_that_the_bot_talks_with_one_person_at_a_time(line):
    group = {"id": -100123, "type": "supergroup", "title": "果农"}
    line.phone.fake.chats.add(-100123)
    added = line.phone.standing("member", AT)
    added["my_chat_member"] |= {"chat": group, "old_chat_member": {"status": "left"}}
    line.comes(added)
    assert [message["text"][:2] for message in line.phone.fake.sent] == ["您好"]
    line.comes(line.phone.message(text="/start@made_up_bole_bot", chat=group))
    promoted = line.phone.standing("administrator", AT)
    promoted["my_chat_member"] |= {"chat": group, "old_chat_member": {"status": "member"}}
    line.comes(promoted)
    assert len(line.phone.fake.sent) == 1 and count(Conversation) == 0


def test_a_photo_is_the_largest_one(line, photograph):
    line.says("你好", "1", "1")
    photo = line.phone.photo(photograph(), caption="身份证")
    assert "照片" in line.comes(photo)
    assert line.phone.fake.downloaded == [photo["message"]["photo"][1]["file_id"]]


@pytest.mark.parametrize(
    ("mime", "taken"),
    [("image/jpeg", True), ("IMAGE/heic", True), ("application/pdf", True), ("text/html", False), ("", False)],
)
def test_a_file_is_taken_by_what_it_is_whatever_it_is_called(line, photograph, mime, taken):
    line.says("你好", "1", "1")
    line.phone.fake.files["d"] = photograph()
    sent = {"file_id": "d", "mime_type": mime, "file_name": "../../a.jpg", "file_size": 9}
    heard = line.comes(line.phone.message(document=sent))
    assert ("这种消息我看不懂" in heard) != taken
    assert line.phone.fake.downloaded == (["d"] if taken else [])


@pytest.mark.parametrize(
    "trouble",
    [None, "hang up", Refused(400, "Bad Request: file is too big"), Refused(502, "Bad Gateway")],
    ids=["gone", "no answer", "too big", "platform down"],
)
def test_a_photo_that_the_network_lost_is_asked_for_again(line, photograph, trouble):
    line.says("你好", "1", "1")
    photo = line.phone.photo(photograph())
    line.phone.fake.troubles = [trouble] if trouble else []
    if trouble is None:
        line.phone.fake.files.clear()
    assert "照片没有传完整" in line.comes(photo)


@pytest.mark.parametrize(("more", "told"), [(0, False), (1, True)])
def test_a_file_too_large_for_the_platform_is_told_so_and_not_asked_for(line, more, told):
    line.says("你好", "1", "1")
    document = {"file_id": "d", "mime_type": "image/png", "file_size": 20 * 1024 * 1024 + more}
    heard = line.comes(line.phone.message(document=document))
    assert ("超过 20 MB" in heard) == told
    assert ("getFile" in line.phone.fake.called) != told


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("zh-hans", "/start", "您好"),
        ("en", "/start", "Hello"),
        ("ru", "/start", "Hello"),
        ("en", "你好", "您好"),
        (None, "hello", "Hello"),
        (None, "/start", "您好"),
    ],
)
def test_a_stranger_is_answered_in_their_language(line, code, text, expected):
    line.phone.language = code
    assert line.says(text).startswith(expected)


def test_a_link_may_name_the_programme_and_commands_may_have_a_slash(line):
    assert "果园能手申报" in line.says("/start orchard")
    assert known().programme == "orchard"
    assert "随时可发" in line.says("/help")
    assert "办到" in line.says("/help@made_up_bole_bot")
    assert "您好，我在" in line.says("/start no-such-thing")


def test_who_has_blocked_the_bot_is_left_alone_until_they_come_back(line):
    line.says("你好")
    line.phone.fake.blocked.add(line.phone.chat)
    line.says("1")
    row = db.session.scalars(select(Delivery).where(Delivery.state == "failed")).one()
    assert (row.error, row.detail) == ("blocked", "403") and known().blocked_at is not None
    line.phone.fake.blocked.clear()
    line.says("1")
    assert known().blocked_at is None


def test_a_block_is_noted_and_what_came_late_is_not_believed(line, clock):
    line.says("你好")
    now = int(clock.now().timestamp())
    line.comes(line.phone.standing("kicked", now - 60))
    assert known().blocked_at is None, "they have written since"
    clock.advance(hours=1)
    line.comes(line.phone.standing("kicked", now + 60))
    assert int(known().blocked_at.timestamp()) == now + 60
    line.comes(line.phone.standing("member", now + 30))
    assert known().blocked_at is not None, "let in before it was blocked"
    line.comes(line.phone.standing("member", now + 90))
    assert known().blocked_at is None
    line.comes(line.phone.standing("kicked", now + 120))
    clock.advance(hours=1)
    line.says("1")
    assert known().blocked_at is None, "who writes has not blocked us"


def test_a_stranger_who_blocks_the_bot_leaves_nothing(line):
    assert line.comes(line.phone.standing("kicked", AT)) == ""
    assert count(Conversation) == 0


def test_an_error_of_ours_is_an_apology_at_once(line, monkeypatch):
    monkeypatch.setattr("bot_adapter.conversation._respond", lambda *_: 1 / 0)
    answer = line.deliver(line.phone.text("你好"))
    assert answer.json["method"] == "sendMessage" and len(line.phone.heard) == 1
    assert count(Inbound) == 0


def test_neither_token_secret_nor_people_are_in_the_log(line, caplog, capsys, photograph):
    caplog.set_level(logging.DEBUG)
    line.phone.chat = 4_815_162_342
    line.phone.fake.chats.add(line.phone.chat)
    line.says("你好", "一句很特别的话")
    line.phone.fake.troubles = ["hang up"]
    line.comes(line.phone.photo(photograph()))
    line.phone.fake.troubles = [Refused(401, "Unauthorized"), Refused(400, f"Bad Request: {TOKEN}")]
    line.says("1", "2")
    line.deliver(line.phone.text("x"), "wrong")
    line.client.post("/telegram/", data=b"{", headers={HEADER: SECRET})
    said = caplog.text + "".join(capsys.readouterr())
    for event in ("telegram_refused", "telegram_malformed", "photo_not_fetched", "send_failed"):
        assert event in said
    for secret in (TOKEN, TOKEN.partition(":")[2], SECRET, "4815162342", "很特别"):
        assert secret not in said
    assert TOKEN not in repr(registry.find("telegram").api)


_leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
_OF_MESSAGES = "message from chat id type text photo document data date caption location message_id"
_OF_THE_REST = "is_bot width height file_id file_size mime_type new_chat_member status language_code"
_names = st.sampled_from(f"{_OF_MESSAGES} {_OF_THE_REST}".split())
_values = st.recursive(
    _leaves | st.sampled_from(["private", "kicked", "/start", "group", "x|1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=6),
    max_leaves=20,
)
_people = st.fixed_dictionaries({"from": st.just({"id": 42}) | _values, "chat": st.just({"id": 42, "type": "private"})})
_contents = st.dictionaries(_names, _values, max_size=5)


@given(
    kind=st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "x"]),
    people=_people,
    content=_contents,
    number=st.integers(0, 2**40) | _values,
    whole=st.none() | _values,
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_update_makes_an_error(line, kind, people, content, number, whole):
    line.phone.fake.called.clear()
    update = {"update_id": number, kind: {**content, **people, "message": people}} if whole is None else whole
    headers = {HEADER: SECRET, "Content-Type": "application/json"}
    answer = line.client.post("/telegram/", data=json.dumps(update).encode(), headers=headers)
    assert answer.status_code in (200, 400, 429)


@given(st.binary(max_size=60))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_makes_an_error(line, body):
    answer = line.client.post("/telegram/", data=body, headers={HEADER: SECRET})
    assert answer.status_code in (200, 400)
