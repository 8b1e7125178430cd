"""How something that we begin reaches the person: each limit from both of its sides."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from bot_adapter import routes
from bot_adapter.messages import Capabilities
from bot_adapter.routes import Chat, News, Quiet, Route, route
from models.clock import CHINA
from models.interview import wording

NIGHT = Quiet(time(21, 30), time(8, 0))
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=CHINA)
SECOND = timedelta(seconds=1)
PUSHES = Capabilities(push=True, window=timedelta(hours=48), quota=5)
FREE = Capabilities(push=True)
RETURNED, RECEIPT, PHOTO, ANSWER = "notice.returned", "notice.submitted", "notice.page_ok", "office.answered"


def at(hour: int, minute: int, second: int = 0, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=CHINA)


def talk(can: Capabilities | None = PUSHES, *, heard: datetime | None = NOON, pushes: int = 0, blocked: bool = False,
         reminds: bool = False) -> Chat:  # fmt: skip
    return Chat(heard, pushes, NOON if blocked else None, can, reminds)


def way(code: str, chat: Chat | None, now: datetime = NOON, *, phone: bool = True, made: datetime | None = None,
        **tried: frozenset[routes.Way]) -> Route:  # fmt: skip
    return route(News(code, made or now, **tried), chat, NIGHT, now, phone=phone)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(21, 29, 59), None),
        (at(21, 30), at(8, 0, day=22)),
        (at(23, 59), at(8, 0, day=22)),
        (at(0, 0), at(8, 0)),
        (at(7, 59, 59), at(8, 0)),
        (at(8, 0), None),
    ],
)
def test_quiet_hours_go_over_midnight(now, until):
    assert NIGHT.until(now) == until


def test_quiet_hours_of_an_afternoon_and_none_at_all():
    nap = Quiet(time(13, 0), time(14, 0))
    assert [nap.until(at(*moment)) for moment in ((12, 59), (13, 0), (14, 0))] == [None, at(14, 0), None]
    none = Quiet(time(0, 0), time(0, 0))
    assert none.until(at(0, 0)) is None and none.until(at(12, 0)) is None


def test_the_hours_are_chinas_wherever_the_instant_comes_from():
    from datetime import UTC

    assert NIGHT.until(datetime(2026, 11, 21, 13, 29, tzinfo=UTC)) is None
    assert NIGHT.until(datetime(2026, 11, 21, 13, 30, tzinfo=UTC)) == at(8, 0, day=22)


def test_a_window_is_open_to_its_last_second():
    heard = NOON - timedelta(hours=48)
    assert way(RETURNED, talk(heard=heard + SECOND)) == Route("push")
    closed = way(RETURNED, talk(heard=heard))
    assert (closed.way, closed.why) == ("sms", "window")
    assert way(RETURNED, talk(FREE, heard=None)) == Route("push"), "a channel without a window"
    assert way(RETURNED, talk(heard=None)).why == "window", "nobody has written yet"


def test_the_last_message_of_a_quota_is_used_and_small_news_leave_two():
    assert way(RETURNED, talk(pushes=4)) == Route("push")
    assert way(RETURNED, talk(pushes=5)).why == "quota"
    assert way(PHOTO, talk(pushes=2)) == Route("push")
    assert way(PHOTO, talk(pushes=3)) == Route("wait", None, "quota")


def test_a_push_waits_for_the_morning():
    heard = at(12, 0)
    assert way(RETURNED, talk(heard=heard), at(21, 29, 59)) == Route("push")
    assert way(RETURNED, talk(heard=heard), at(21, 30)) == Route("push", at(8, 0, day=22), "quiet")
    assert way(RETURNED, talk(heard=heard), at(7, 59, 59, day=22)) == Route("push", at(8, 0, day=22), "quiet")
    assert way(RETURNED, talk(heard=heard), at(8, 0, day=22)) == Route("push")


@pytest.mark.parametrize("code", [ANSWER, PHOTO, "notice.page_retake"])
def test_who_wrote_just_now_is_answered_at_night(code):
    night = at(23, 0)
    assert way(code, talk(heard=night - routes.AWAKE + SECOND), night) == Route("push")
    assert way(code, talk(heard=night - routes.AWAKE), night).why == "quiet"
    assert way("notice.approved", talk(heard=night), night).why == "quiet", "news, not an answer"


def test_where_nothing_may_be_pushed_there_is_a_reminder_once():
    closed = talk(heard=NOON - timedelta(days=3), reminds=True)
    assert way(RETURNED, closed) == Route("remind", None, "window")
    assert way(RETURNED, closed, at(22, 0)) == Route("remind", at(8, 0, day=22), "quiet")
    assert way(PHOTO, closed).way == "wait", "small news are no reason to remind"
    assert way(RETURNED, closed, out=frozenset({"remind"})) == Route("wait", None, "window"), "they know"
    assert way(RETURNED, closed, refused=frozenset({"remind"})).way == "sms"
    assert way(RETURNED, talk(None, reminds=True)).way == "remind", "templates alone are a right, too"
    blocked = talk(blocked=True, reminds=True)
    assert way(RETURNED, blocked) == Route("sms", None, "blocked")


def test_a_text_message_goes_after_a_day_without_a_chat_and_not_at_night():
    passive = talk(None)
    day = routes.PATIENCE
    assert way(RETURNED, passive, NOON + day - SECOND, made=NOON) == Route("sms", NOON + day, "no_push")
    assert way(RETURNED, passive, NOON + day, made=NOON) == Route("sms", None, "no_push")
    late = at(21, 40)
    assert way(RETURNED, passive, late, made=late) == Route("sms", at(8, 0, day=23), "no_push")
    assert way(RETURNED, passive, late + day, made=late) == Route("sms", at(8, 0, day=23), "quiet")


def test_without_any_chat_the_text_message_goes_at_once_outside_quiet_hours():
    assert way(RECEIPT, None) == Route("sms", None, "no_chat")
    assert way(RECEIPT, None, at(21, 30)) == Route("sms", at(8, 0, day=22), "quiet")
    assert way(RECEIPT, None, phone=False) == Route("web", None, "no_chat")
    assert way("notice.to_mend", None) == Route("web", None, "no_chat"), "not one of the three"
    for tried in ("out", "refused"):
        assert way(RECEIPT, None, **{tried: frozenset({"sms"})}) == Route("web", None, "no_chat")


def test_what_was_refused_for_good_is_not_pushed_again():
    refused = frozenset({"push"})
    assert way(RETURNED, talk(), refused=refused) == Route("sms", NOON + routes.PATIENCE, "refused")
    assert way(RETURNED, talk(), phone=False, refused=refused) == Route("wait", None, "refused")
    assert way(RETURNED, talk(), out=refused) == Route("wait", None, "told")


def test_what_counts_days_is_not_begun_the_day_after():
    made = at(20, 0)
    assert way("notice.draft_closing", talk(FREE), at(8, 0, day=22), made=made) == Route("wait", None, "expired")
    assert way("notice.draft_closing", talk(FREE), at(21, 0), made=made) == Route("push")
    assert News("notice.draft_closing", made).expires_at == at(0, 0, day=22)
    assert News("notice.draft_idle", made).expires_at is None


def test_a_reply_window_says_how_much_is_left():
    window = routes.reply_window(talk(pushes=3, heard=NOON))
    assert (window.closes_at, window.left, window.blocked) == (NOON + timedelta(hours=48), 2, False)
    assert routes.reply_window(talk(pushes=9)).left == 0
    assert not routes.reply_window(talk(None)).is_open(NOON)
    assert not routes.reply_window(talk(FREE, blocked=True)).is_open(NOON)
    assert routes.reply_window(talk(FREE)).is_open(NOON)


def test_every_code_is_a_sentence_and_every_reason_is_known():
    for code in routes.ANSWERS | set(routes.TEXTED) | routes.OF_ONE_DAY:
        assert wording.text(code).en
    found = {way(RETURNED, chat, phone=False).why for chat in (None, talk(None), talk(blocked=True), talk(heard=None))}
    assert found <= set(routes.WHYS)
