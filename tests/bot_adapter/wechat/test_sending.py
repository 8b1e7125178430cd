"""What an account with rights sends: within its window and quota, and a reminder beyond."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from fake_wechat import SECRET, Broken
from waiting import PATIENCE, wait_for

from bot_adapter import pushing
from bot_adapter.channels import registry
from bot_adapter.channels.wechat import api, templates, webhook
from bot_adapter.channels.wechat.sending import Sender
from bot_adapter.messages import Attachment, Choice, OutboundMessage, Recipient
from models.application import channel_state
from models.application.tables import Conversation

PERSON = "oMade_Up-OpenId1234567890"
TEMPLATE = "made-up-template-id"
SEND, REMIND = "/cgi-bin/message/custom/send", "/cgi-bin/message/template/send"


@pytest.fixture
def channel(official):
    found = registry.find("wechat")
    assert found is not None
    return found


def message(text="审核通过了。", openid=PERSON, **more):
    return OutboundMessage(text, id="notice:1:0", recipient=Recipient("wechat", "gh_office", openid), **more)


def problem(result):
    return (result.state, result.error, result.detail)


def test_a_message_is_sent_with_its_choices_written_out(channel, wechat):
    result = channel.send(message("选一个", choices=(Choice("1", "甲"), Choice("2", "乙")), hint="发数字"))
    assert (result.state, result.external_id) == ("sent", "")
    assert wechat.sent == [
        {"touser": PERSON, "msgtype": "text", "text": {"content": "选一个\n1. 甲\n2. 乙\n发数字"}}
    ]  # fmt: skip


def test_what_it_may_send_is_what_the_settings_say(channel, settings, rights):
    may = channel.capabilities
    assert (may.push, may.window, may.quota, may.max_text, may.text_unit) == (
        True, timedelta(hours=48), 5, 2000, "bytes",
    )  # fmt: skip
    none = webhook.pushing(settings.model_copy(update={**rights, "wechat_quota": 0, "wechat_template": ""}))
    assert not none.push and not none.receipts


def test_long_texts_are_cut_at_the_ends_of_sentences_and_all_of_it_comes(channel, wechat):
    conversation = Conversation(channel="wechat", account="gh_office", sender=PERSON)
    text = "请补一张清楚的毕业证照片。" * 100
    for part in pushing.addressed(conversation, [OutboundMessage(text)], channel.capabilities, "notice:1"):
        assert channel.send(part).state == "sent"
    contents = [body["text"]["content"] for body in wechat.sent]
    assert "".join(contents) == text and len(contents) == 2
    assert all(len(part.encode()) <= 2000 and part.endswith("。") for part in contents)


def test_the_platforms_limits_are_results(channel, wechat):
    wechat.followers[PERSON] = 1
    assert channel.send(message()).state == "sent"
    assert problem(channel.send(message())) == ("failed", "window_closed", "45047")
    wechat.closed.add(PERSON)
    assert problem(channel.send(message())) == ("failed", "window_closed", "45015")
    assert problem(channel.send(message("长" * 700))) == ("failed", "rejected", "45002")
    assert problem(channel.send(message(openid="oOfAnotherAccount"))) == ("failed", "rejected", "40003")
    wechat.left.add(PERSON)
    assert problem(channel.send(message())) == ("failed", "blocked", "43004")
    wechat.rights.discard("custom")
    assert problem(channel.send(message())) == ("failed", "config", "48001")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-1, ("deferred", "transient", None)),
        (45009, ("deferred", "throttled", 54_300.0)),  # at nine in the morning: until five past midnight
        (45011, ("deferred", "throttled", 60.0)),
        (50005, ("failed", "blocked", None)),
        (48002, ("failed", "blocked", None)),
        (40164, ("failed", "config", None)),
        (99999, ("failed", "rejected", None)),
    ],
)
def test_each_code_says_whether_to_try_again(channel, wechat, code, expected):
    wechat.break_next(SEND, Broken(body=b'{"errcode": %d}' % code))
    result = channel.send(message())
    assert (result.state, result.error, result.retry_after) == expected
    assert result.detail == str(code)


def test_a_daily_limit_is_waited_for_until_the_next_day(channel, wechat):
    wechat.daily = 0
    assert problem(channel.send(message())) == ("deferred", "throttled", "45009")


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (Broken(429, b"", {"Retry-After": "30"}), ("deferred", "throttled", 30.0)),
        (Broken(503, b""), ("deferred", "transient", None)),
    ],
    ids=["429", "503"],
)
def test_what_is_no_answer_is_tried_again(channel, wechat, broken, expected):
    wechat.break_next(SEND, broken)
    result = channel.send(message())
    assert (result.state, result.error, result.retry_after) == expected
    assert wechat.sent == []


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"{" * api.MAX_ANSWER, b" " * (api.MAX_ANSWER + 1)], ids=["html", "list", "open", "huge"]
)
def test_what_the_platform_may_have_taken_is_not_sent_again(channel, wechat, body):
    wechat.break_next(SEND, Broken(body=body))
    assert channel.send(message()).state == "uncertain"
    wechat.break_next(REMIND, Broken(body=body))
    assert channel.remind(message()).state == "deferred", "the platform drops a reminder that comes twice"


def test_an_answer_that_does_not_come_leaves_it_uncertain(channel, wechat, monkeypatch):
    channel.send(message())  # the token is there
    over, asked, working = threading.Event(), len(wechat.asked), []

    def late(_seconds, work):
        def to_the_end():
            with suppress(api.Away):
                work()

        working.append(threading.Thread(target=to_the_end))
        working[0].start()
        wait_for(lambda: SEND in wechat.asked[asked:])
        raise TimeoutError

    monkeypatch.setattr(api, "within", late)
    wechat.break_next(SEND, Broken(until=over))
    assert channel.send(message()).state == "uncertain"
    over.set()
    working[0].join(PATIENCE)


def test_what_nobody_waits_for_any_more_does_not_go_out(channel, wechat, monkeypatch):
    channel.send(message())
    now, kept, asked = [0.0], [], len(wechat.asked)
    monkeypatch.setattr(api, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def late(seconds, work):
        now[0] += seconds
        kept.append(work)
        raise TimeoutError

    monkeypatch.setattr(api, "within", late)
    assert problem(channel.send(message())) == ("deferred", "transient", "ConnectTimeout")
    with pytest.raises(TimeoutError):
        kept[0]()
    assert len(wechat.asked) == asked


def test_what_never_left_is_tried_again(channel, wechat, monkeypatch):
    channel.send(message())
    nowhere = replace(channel.sender.api, base="http://127.0.0.1:1")
    monkeypatch.setattr(channel, "sender", replace(channel.sender, api=nowhere))
    assert problem(channel.send(message())) == ("deferred", "transient", "ConnectError")
    assert len(wechat.sent) == 1


def test_a_token_that_does_not_come_is_waited_for(channel, wechat):
    wechat.break_next("/cgi-bin/stable_token", Broken(body=b"<html>"))
    assert problem(channel.send(message())) == ("deferred", "transient", "no JSON")
    assert channel.send(message()).state == "sent"


def test_a_token_that_is_refused_twice_is_for_the_office_to_mend(channel, wechat):
    refusal = Broken(body=b'{"errcode": 40001}')
    wechat.break_next(SEND, refusal, refusal)
    assert problem(channel.send(message())) == ("failed", "config", "40001")
    assert channel.send(message()).state == "sent"


def test_a_wrong_secret_is_for_the_office_to_mend(official, account):
    wrong = Sender(api.Api(account.app_id, "another", account.base), official.config["BOLE"])
    assert problem(wrong.send(message())) == ("failed", "config", "40125")


def test_a_lone_surrogate_and_nul_do_not_break_a_message(channel, wechat):
    assert channel.send(message("a\ud800b\x00c")).state == "sent"
    assert wechat.sent[0]["text"]["content"] == "a\ufffdb\ufffdc"


def test_a_reminder_says_nothing_but_that_there_is_something(channel, wechat):
    wechat.closed.add(PERSON)
    result = channel.remind(message("张三，您的身份证照片不清楚。"))
    assert (result.state, result.external_id) == ("sent", "3000000000")
    (sent,) = wechat.sent
    assert sent["url"] == "https://talent.example/wechat/enter"
    assert sent["data"] == {
        "thing1": {"value": "您的申报有新消息，请点开查看"},
        "time2": {"value": "2026年11月21日 09:00"},
    }
    assert "张三" not in str(sent)


def test_a_reminder_leads_to_the_messages_own_page(channel, wechat):
    channel.remind(message(attachments=(Attachment("进度", "https://talent.example/p/x/status"),)))
    assert wechat.sent[0]["url"] == "https://talent.example/p/x/status"


def test_a_reminder_that_is_sent_again_is_dropped_by_the_platform(channel, wechat):
    assert channel.remind(message()).external_id == channel.remind(message()).external_id
    assert len(wechat.sent) == 1


def test_the_fields_of_the_template_are_asked_once_a_day(channel, wechat, clock):
    listed = "/cgi-bin/template/get_all_private_template"
    channel.remind(message())
    channel.remind(message())
    assert wechat.asked.count(listed) == 1
    clock.advance(hours=25)
    wechat.expire()
    channel.remind(message())
    assert wechat.asked.count(listed) == 2


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{{phrase1.DATA}} {{date2.DATA}} {{character_string3.DATA}}", ("sent", None, "")),
        ("{{name1.DATA}}", ("failed", "config", "template field name")),
        ("{{thing1.DATA}} {{amount12.DATA}}", ("failed", "config", "template field amount")),
    ],
)
def test_a_template_is_filled_by_the_kinds_of_its_fields(channel, wechat, content, expected):
    wechat.templates[TEMPLATE] = content
    assert problem(channel.remind(message())) == expected


def test_a_template_of_another_account_is_for_the_office_to_mend(channel, wechat):
    del wechat.templates[TEMPLATE]
    assert problem(channel.remind(message())) == ("failed", "config", "40037")
    wechat.left.add(PERSON)
    wechat.templates[TEMPLATE] = "{{thing1.DATA}}"
    assert problem(channel.remind(message())) == ("failed", "blocked", "43004")


def test_without_a_template_there_are_no_reminders(official, account, wechat):
    bare = official.config["BOLE"].model_copy(update={"wechat_template": ""})
    assert problem(Sender(account, bare).remind(message())) == ("failed", "config", "no template")
    assert wechat.asked == []


def test_without_a_secret_nothing_is_pushed(app):
    with app.app_context():
        assert registry.find("wechat") is None
        assert problem(webhook.channel.send(message())) == ("failed", "config", "no rights")


def test_only_an_account_with_a_template_says_that_it_can_remind(settings, rights, make_app, official):
    assert hasattr(registry.find("wechat"), "remind")
    app = make_app(settings.model_copy(update={**rights, "wechat_template": ""}))
    with app.app_context():
        assert not hasattr(registry.find("wechat"), "remind")


def test_an_account_without_the_right_is_not_asked(settings, rights, make_app, wechat):
    app = make_app(settings.model_copy(update={**rights, "wechat_quota": 0}))
    with app.app_context():
        channel = registry.find("wechat")
        assert channel is not None
        assert problem(channel.send(message())) == ("failed", "config", "no rights")
    assert wechat.asked == []


def test_the_words_of_a_reminder_fit_every_field(official):
    for kind in ("thing1", "short_thing2", "phrase3", "remark", "first", "keyword1"):
        (value,) = templates.filled([kind]).values()
        assert 0 < len(value["value"]) <= (5 if kind in ("phrase3", "short_thing2") else 20)


def test_nothing_secret_and_no_openid_gets_into_the_log(channel, wechat, clock, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    channel.send(message("一句私事"))
    wechat.revoke()
    channel.send(message())
    wechat.break_next(SEND, Broken(500, b""), Broken(body=b"<html>"))
    channel.send(message())
    channel.send(message())
    channel.remind(message())
    token = channel_state.get(("wechat", channel.sender.api.app_id, "token"), clock.now())
    said = caplog.text + "".join(capsys.readouterr())
    for secret in (SECRET, PERSON, token, "fake-token", "access_token", "一句私事"):
        assert secret not in said
