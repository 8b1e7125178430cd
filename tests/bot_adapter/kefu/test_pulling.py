"""Pulling: every message once and in order, whatever dies, comes twice, or comes late."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
from fake_kefu import OPEN_KFID
from sqlalchemy import select
from waiting import PATIENCE

from bot_adapter.channels import limits
from bot_adapter.channels.kefu import pulling as pages
from bot_adapter.channels.kefu.pings import EVERY, HOLDS
from models import outbox
from models.application import channel_state
from models.application.channel_tables import Delivery
from models.application.tables import Conversation, Inbound, Outbox
from models.extensions import db
from workers import pulling, scheduler

PERSON = "wmMade_Up-Person0123456789"
CURSOR = ("kefu", OPEN_KFID, "cursor")


class Killed(BaseException):
    pass


def all_of(query):
    found = db.session.scalars(query).all()
    db.session.expunge_all()
    db.session.rollback()
    return found


def synced(platform):
    return [body.get("cursor", "") for path, body in platform.called if path == "sync_msg"]


def test_page_after_page_with_the_cursor_of_the_one_before(line):
    line.platform.page = 2
    for number in range(5):
        line.platform.says(f"wmPerson{number}", "你好")
    line.turn()
    assert synced(line.platform) == ["", "cursor-2", "cursor-4"]
    assert len(all_of(select(Conversation))) == 5
    line.turn()
    assert synced(line.platform)[-1] == "cursor-5", "the next pull goes on from there"
    assert len(line.platform.sent) == 5


def test_an_empty_page_that_has_more_does_not_end_the_pull(line, monkeypatch):
    line.platform.says(PERSON, "你好")
    sync = line.platform._sync
    first = [{"next_cursor": "cursor-0", "has_more": 1, "msg_list": []}]
    monkeypatch.setattr(line.platform, "_sync", lambda body: first.pop() if first else sync(body))
    line.turn()
    assert len(line.platform.sent) == 1


def test_killed_between_the_messages_and_the_cursor(persistent_line, monkeypatch, clock):
    line = persistent_line
    line.platform.says(PERSON, "你好")
    line.platform.says(PERSON, "1")

    def die(*_args):
        raise Killed

    keep = pages._keep
    monkeypatch.setattr(pages, "_keep", die)
    line.ping()
    (due,) = line.promised()
    with pytest.raises(Killed):
        pulling.pull_kefu(due[1])
    assert len(all_of(select(Inbound))) == 2 and channel_state.get(CURSOR, clock.now()) is None
    monkeypatch.setattr(pages, "_keep", keep)
    clock.advance(minutes=10)  # the lease of its job runs out
    line.work()
    assert synced(line.platform) == ["", ""], "the same page again"
    assert len(all_of(select(Inbound))) == 2
    heard = line.platform.texts(PERSON)
    assert len(heard) == 2 and "同意处理照片" in heard[1], "each answered once"


def test_two_workers_at_once_do_everything_once(persistent_line, clock):
    line = persistent_line
    line.platform.page = 3
    for _ in range(3):
        for number in range(3):
            line.platform.says(f"wmPerson{number}", "你好")
        line.ping()
        assert line.promised()
        db.session.rollback()
    with db.engine.begin() as connection:  # a second pull beside the one that waits
        waiting = connection.execute(select(Outbox.__table__).where(Outbox.job == "pull_kefu")).one()
        again = dict(waiting._mapping) | {"id": "f" * 32, "effect": "pull_kefu:again"}
        connection.execute(Outbox.__table__.insert().values(**again))
    barrier = Barrier(2)

    def run(job):
        with line.app.app_context():
            barrier.wait(PATIENCE)
            pulling.pull_kefu(job)
            db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, (waiting.id, "f" * 32)))
    clock.advance(seconds=31)
    line.work()
    assert len(all_of(select(Inbound))) == 9
    sent = [body["msgid"] for path, body in line.platform.called if path == "send_msg"]
    assert len(sent) == len(set(sent)) == len(all_of(select(Delivery))) >= 9
    assert all_of(select(Outbox.state).where(Outbox.job == "pull_kefu")) == ["done", "done"]


def test_a_pull_that_is_under_way_is_waited_for(line, clock):
    line.platform.says(PERSON, "你好")
    line.ping()
    assert channel_state.lease(CURSOR, clock.now())
    line.work()
    assert line.platform.called == [] and line.platform.sent == []
    clock.advance(seconds=31)  # whoever had it is dead
    line.work()
    assert len(line.platform.sent) == 1
    assert all_of(select(Outbox.attempts).where(Outbox.job == "pull_kefu")) == [1]


def test_a_ping_during_the_last_page_is_not_lost(line):
    line.platform.says(PERSON, "你好")

    def more():
        line.platform.says("wmSomebodyElse", "你好")
        with line.app.app_context():
            line.ping()

    after = [more]
    sync = line.platform._sync

    def answered(body):
        page = sync(body)
        if after:
            line.platform.meanwhile["send_msg"] = []
            after.pop()()
        return page

    line.platform._sync = answered
    line.turn()
    assert len(line.platform.texts("wmSomebodyElse")) == 1


def test_many_pings_are_one_pull(line):
    for _ in range(20):
        line.ping()
    assert len(all_of(select(Outbox).where(Outbox.job == "pull_kefu"))) == 1


def test_a_ping_that_is_repeated_promises_nothing_new(line):
    token = line.platform.ping()
    line.ping(Token=token)
    line.work()
    line.ping(Token=token)
    assert len(all_of(select(Outbox).where(Outbox.job == "pull_kefu"))) == 1


def test_a_pings_token_is_used_as_long_as_it_holds(line, clock):
    line.ping()
    line.work()
    assert "token" in line.platform.called[-1][1]
    clock.advance(seconds=HOLDS.total_seconds())
    pulling.promise_now_and_then()
    line.work()
    assert "token" not in line.platform.called[-1][1]


def test_a_token_that_the_platform_does_not_know_is_done_without(line):
    line.platform.says(PERSON, "你好")
    line.ping(Token="ENC-unknown")
    line.work()
    assert len(line.platform.sent) == 1


def test_without_a_ping_it_is_looked_now_and_then(line, clock):
    line.platform.says(PERSON, "你好")
    for _ in range(3):  # as many clockworks as there may be
        scheduler._tick_logged(line.app, house=True)
    assert len(all_of(select(Outbox).where(Outbox.job == "pull_kefu"))) == 1
    line.work()
    assert len(line.platform.sent) == 1
    clock.advance(seconds=EVERY.total_seconds())
    scheduler._tick_logged(line.app, house=True)
    assert len(all_of(select(Outbox).where(Outbox.job == "pull_kefu"))) == 2


def test_where_it_is_not_set_up_nothing_is_looked_for(chat_app):
    pulling.promise_now_and_then()
    assert all_of(select(Outbox)) == []


def test_an_account_that_is_no_longer_set_up_holds_nothing_up(line):
    line.ping()
    line.app.extensions["bole.channels"].clear()
    line.work()
    assert line.platform.called == []
    assert all_of(select(Outbox.state).where(Outbox.job == "pull_kefu")) == ["done"]


def test_what_came_before_the_account_was_ours_is_not_answered(line, clock):
    line.platform.page = 1
    for _ in range(3):
        line.platform.says(PERSON, "请问几点上班")
    clock.advance(minutes=10, seconds=1)
    line.platform.says("wmSomebodyElse", "你好")
    line.turn()
    assert line.platform.texts(PERSON) == [], "on the first page and on the ones after it"
    assert len(line.platform.texts("wmSomebodyElse")) == 1


def test_what_came_while_it_was_being_set_up_is_answered(line, clock):
    line.platform.says(PERSON, "你好")
    clock.advance(minutes=10)
    line.turn()
    assert len(line.platform.texts(PERSON)) == 1


def test_what_waited_for_us_is_answered_as_long_as_it_may_be(line, clock):
    line.turn()
    line.platform.says(PERSON, "你好")
    clock.advance(hours=47, minutes=59)
    line.turn()
    assert len(line.platform.texts(PERSON)) == 1
    line.platform.says(PERSON, "1")
    clock.advance(hours=48, seconds=1)
    line.turn()
    assert len(line.platform.texts(PERSON)) == 1
    assert len(all_of(select(Inbound))) == 1, "an answer whose reply nobody would see is not taken"


def test_a_message_that_was_taken_back_before_we_saw_it_is_not_read(line):
    msgid = line.platform.says(PERSON, "别人的身份证号")
    line.platform.event("user_recall_msg", external_userid=PERSON, recall_msgid=msgid)
    line.turn()
    assert line.platform.sent == [] and all_of(select(Inbound)) == []


def test_a_message_that_is_taken_back_later_says_nothing(line):
    line.says("你好")
    line.platform.event("user_recall_msg", external_userid=PERSON, recall_msgid="made_up_1")
    line.turn()
    assert len(line.platform.sent) == 1


def test_what_staff_write_and_what_does_not_concern_us_is_passed_over(line):
    line.platform._log({"origin": 5, "msgtype": "text", "text": {"content": "您好"}, "external_userid": PERSON})
    line.platform.event("servicer_status_change", servicer_userid="zhang", status=1)
    line.platform.event("session_status_change", external_userid=PERSON, change_type=3)
    line.platform.event("something_new")
    line.platform.log.append({"msgid": 7, "origin": "x"})
    line.platform.log.append("no entry at all")
    line.turn()
    assert line.platform.sent == [] and all_of(select(Inbound)) == []
    assert "果园能手申报" in line.says("你好"), "and what comes after it is answered"


@pytest.mark.parametrize(
    ("fail_type", "error", "blocked"),
    [(0, "rejected", False), (4, "window_closed", False), (6, "window_closed", False), (10, "blocked", True)],
)
def test_a_message_that_did_not_arrive_is_a_failed_delivery(line, fail_type, error, blocked):
    line.says("你好")
    msgid = next(body["msgid"] for path, body in line.platform.called if path == "send_msg")
    line.platform.event("msg_send_fail", external_userid=PERSON, fail_msgid=msgid, fail_type=fail_type)
    line.turn()
    (failed,) = all_of(select(Delivery))
    assert (failed.state, failed.error, failed.detail) == ("failed", error, f"fail_type {fail_type}")
    (conversation,) = all_of(select(Conversation))
    assert (conversation.blocked_at is not None) == blocked
    line.says("1")
    (conversation,) = all_of(select(Conversation))
    assert conversation.blocked_at is None, "who writes again has not blocked us"


def test_a_refusal_that_is_read_again_does_not_count_for_who_has_written_since(line, clock):
    line.says("你好")
    clock.advance(seconds=5)
    line.platform.event("msg_send_fail", external_userid=PERSON, fail_msgid="x", fail_type=10)
    clock.advance(seconds=5)
    line.says("1")
    first = channel_state.get(CURSOR, clock.now())
    channel_state.put(CURSOR, first.replace("cursor-3", "cursor-0"), clock.now())  # as after a crash
    line.turn()
    assert [one.blocked_at for one in all_of(select(Conversation))] == [None]


def test_the_window_is_counted_from_when_the_person_wrote(line, clock):
    line.turn()
    line.platform.says(PERSON, "你好")
    wrote = clock.now()
    clock.advance(hours=3)
    line.turn()
    assert [one.heard_at for one in all_of(select(Conversation))] == [wrote]


def test_a_page_whose_photos_come_slowly_is_gone_on_with(line, photograph, monkeypatch):
    for number in range(3):
        line.platform.shows(f"wmPerson{number}", photograph(10))
    ticks = itertools.count()
    slow = SimpleNamespace(monotonic=lambda: next(ticks) * 50.0)  # a run has time for two
    monkeypatch.setattr(pages, "time", slow)
    line.turn()
    assert len(all_of(select(Inbound))) == len({who for who, _kind, _body in line.platform.sent}) == 3
    assert [path for path, _body in line.platform.called].count("get") == 3, "none is fetched twice"
    assert synced(line.platform) == ["", ""]


def test_an_error_of_ours_is_apologised_for_and_the_next_message_is_answered(line, monkeypatch):
    line.platform.says(PERSON, "你好")
    line.platform.says("wmSomebodyElse", "你好")
    respond = pages.conversation._respond

    def broken(conversation, inbound):
        return 1 / 0 if inbound.sender_id == PERSON else respond(conversation, inbound)

    monkeypatch.setattr("bot_adapter.conversation._respond", broken)
    line.turn()
    assert len(line.platform.texts(PERSON)) == 1 and "果园" not in line.platform.texts(PERSON)[0]
    assert "果园能手申报" in line.platform.texts("wmSomebodyElse")[0]


def test_a_flood_is_asked_to_wait_and_nothing_is_fetched_for_it(line, photograph, clock, monkeypatch):
    monkeypatch.setattr(limits, "PULLED", "5 per 10 minutes")
    for _ in range(5):
        line.platform.sends(PERSON, "voice")
    line.platform.shows(PERSON, photograph(10))
    line.platform.shows(PERSON, photograph(20))
    assert line.turn().count("发得有点快") == 1
    assert len(all_of(select(Inbound))) == 5
    assert "get" not in [path for path, _body in line.platform.called]
    clock.advance(minutes=1)
    line.platform.says(PERSON, "你好")
    line.turn()
    assert len(all_of(select(Inbound))) == 6


def test_who_wrote_much_while_we_were_away_is_no_flood(line, clock, monkeypatch):
    monkeypatch.setattr(limits, "PULLED", "5 per 10 minutes")
    line.turn()
    for _ in range(8):
        line.platform.says(PERSON, "你好")
        clock.advance(seconds=20)
    line.turn()
    assert len(all_of(select(Inbound))) == 8


def test_a_platform_that_is_away_is_asked_again_soon(line, clock):
    line.platform.says(PERSON, "你好")
    line.platform.troubles["sync_msg"] = ["hang up", -1, 45009]
    line.turn()
    for wait in (15, 60, 60):
        assert line.platform.sent == []
        clock.advance(seconds=wait)
        line.work()
    assert len(line.platform.sent) == 1
    assert all_of(select(Outbox.attempts).where(Outbox.job == "pull_kefu")) == [1], "no failed attempts"


def test_an_account_that_may_not_pull_is_a_failed_job(line, clock):
    line.platform.troubles["sync_msg"] = [48002] * 9
    line.ping()
    for _ in range(outbox.MAX_ATTEMPTS):
        line.work()
        clock.advance(minutes=10)
    assert all_of(select(Outbox.state).where(Outbox.job == "pull_kefu")) == ["failed"]


def test_a_long_queue_of_pages_lets_others_have_their_turn(line, monkeypatch):
    monkeypatch.setattr(pages, "PAGES", 2)
    line.platform.page = 1
    for number in range(5):
        line.platform.says(f"wmPerson{number}", "你好")
    line.turn()
    assert len(line.platform.sent) == 5


def test_a_token_that_ends_early_is_renewed_once(line):
    line.says("你好")
    line.platform.tokens.clear()
    assert "同意处理照片" in line.says("1")
    asked = [path for path, _body in line.platform.called if path == "gettoken"]
    assert len(asked) == 2
