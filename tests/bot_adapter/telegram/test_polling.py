"""Long polling: what is forgotten by the platform is committed, what is not comes again, Ctrl-C ends it."""

import os
import signal

import pytest
from fake_telegram import TOKEN, Refused
from sqlalchemy import func, select

from bot_adapter.channels import registry
from bot_adapter.channels.telegram import polling
from bot_adapter.channels.telegram.api import Api
from bot_adapter.channels.telegram.channel import Telegram
from models.application.tables import Inbound
from models.extensions import db


def count():
    found = db.session.scalar(select(func.count()).select_from(Inbound))
    db.session.rollback()
    return found


class CtrlC:
    """Pressed when the platform has nothing more to give: after a number of empty answers."""

    def __init__(self, after=1):
        self.left = after

    def __call__(self):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def poll(line, chat_app, platform):
    def once(*updates, after=1):
        platform.updates += updates
        platform.when_empty = CtrlC(after)
        polling.run(chat_app, registry.find("telegram"), seconds=1, pause=0)
        return line.work()

    return once


def test_what_waits_is_taken_in_its_order_and_then_forgotten(poll, line, platform):
    before = signal.getsignal(signal.SIGINT)
    heard = poll(line.phone.text("你好"), line.phone.text("1"))
    assert "果园能手申报" in heard and "同意处理照片" in heard
    assert platform.updates == [] and signal.getsignal(signal.SIGINT) is before
    assert "您好，我在" in poll(line.phone.text("你好"))
    assert count() == 3


def test_a_button_stops_turning_and_a_photo_is_fetched(poll, line, platform, photograph):
    poll(line.phone.text("你好"))
    poll(line.phone.press("1. 同意"))
    assert not platform.pressed
    poll(line.phone.photo(photograph()))
    assert "getFile" in platform.called


def test_a_link_with_a_one_time_code_binds_the_chat_here_as_well(poll, line):
    poll(line.phone.text("你好"))
    heard = poll(line.phone.text("/start 12345678"))
    assert heard == poll(line.phone.text("绑定 12345678")), "a code that holds no more"
    assert "绑定" in heard


def test_what_is_not_committed_is_not_forgotten(poll, line, platform, monkeypatch):
    """As when the machine loses its power between two updates."""

    class PowerCut(BaseException):
        pass

    take, seen = polling.take, []

    def cut(channel, update):
        if len(seen) == 1:
            raise PowerCut
        seen.append(update.id)
        return take(channel, update)

    monkeypatch.setattr(polling, "take", cut)
    first, second = line.phone.text("你好"), line.phone.text("1")
    with pytest.raises(PowerCut):
        poll(first, second)
    monkeypatch.setattr(polling, "take", take)
    assert "同意处理照片" in poll()
    assert count() == 2 and platform.updates == []


def test_a_batch_that_comes_again_is_the_same_messages(poll, line, platform):
    updates = [line.phone.text("你好"), line.phone.text("1")]
    poll(*updates)
    with_new = [*updates, line.phone.text("进度")]
    polling.channel_state.put(polling._key(registry.find("telegram")), "1", polling.clock.current().now())
    assert "同意处理照片" in poll(*with_new)
    assert count() == 3


def test_ctrl_c_during_an_update_lets_it_be_finished(poll, line, platform, monkeypatch):
    take = polling.take

    def interrupted(channel, update):
        os.kill(os.getpid(), signal.SIGINT)
        return take(channel, update)

    monkeypatch.setattr(polling, "take", interrupted)
    later = line.phone.text("1")
    assert "果园能手申报" in poll(line.phone.text("你好"), later)
    assert count() == 1 and later in platform.updates


def test_what_is_no_update_is_left_behind(poll, line):
    assert "果园能手申报" in poll(
        {"update_id": -1, "message": {}}, {"update_id": 5, "message": 7}, line.phone.text("你好")
    )


def test_a_platform_that_is_away_is_asked_again(poll, line, platform):
    platform.troubles = [Refused(502, "Bad Gateway"), "hang up", Refused(429, "Too Many Requests", retry_after=0)]
    assert "果园能手申报" in poll(line.phone.text("你好"))


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (Refused(401, "Unauthorized"), "BOLE_TELEGRAM_TOKEN"),
        (Refused(409, "Conflict: terminated by other getUpdates request"), "another program"),
        (None, "bole telegram webhook --remove"),
    ],
    ids=["token", "another program", "webhook"],
)
def test_what_no_patience_mends_is_said(poll, platform, trouble, said):
    platform.troubles = [trouble] if trouble else []
    platform.webhook = {} if trouble else {"url": "https://bole.example.cn/telegram/"}
    with pytest.raises(polling.CannotPoll, match=said):
        poll()


def test_two_bots_have_their_own_places(platform):
    one, other = Telegram(Api(TOKEN, platform.url), ""), Telegram(Api("9:another-token", platform.url), "")
    assert polling._key(one) != polling._key(other)
