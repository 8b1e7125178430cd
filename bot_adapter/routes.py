"""How something that we begin reaches the person: decided from what is known, by functions that do nothing.

A push where its window is open, else the head of the next reply; meanwhile a reminder that there is news, where the
channel has such a thing, or a text message for the three things that nobody may miss; else the web shows it anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from bot_adapter.messages import Capabilities, ReplyWindow
from models.clock import CHINA

Way = Literal["push", "remind", "sms", "wait", "web"]
Template = Literal["receipt", "correction", "result"]

PATIENCE = timedelta(days=1)  # a text message goes only where the chat could not tell within it
AWAKE = timedelta(minutes=15)  # who wrote this recently waits for what answers it, at night as well
RESERVE = 2  # messages of a quota that small news leaves for what matters

# What is good to hear at once and no harm to hear later: it spends no quota that something else may need.
SMALL = frozenset({"notice.page_ok", "notice.page_remark", "notice.page_doubtful", "notice.pdf_ok", "notice.pdf_more"})
# What answers something that the person has just sent: a photo, a question.
ANSWERS = SMALL | {
    "notice.page_retake",
    "notice.page_retake_submitted",
    "notice.page_retake_later",
    "notice.page_of_another",
    "notice.prefill_ready",
    "notice.prefill_unread",
    "office.answered",
    "office.asked",
}
TEXTED: dict[str, Template] = {
    "notice.submitted": "receipt",
    "notice.submitted_late": "receipt",
    "notice.returned": "correction",
    "notice.reopened": "correction",
    "notice.approved": "result",
    "notice.declined": "result",
    "notice.admitted": "result",
    "notice.removed": "result",
}
# Said where it was asked, or to whoever must hear of it there: no other conversation will do.
OF_ITS_PLACE = frozenset(
    {"office.answered", "office.asked", "notice.bound", "notice.unit_news", "notice.unit_deadline"}
)
# What counts days is wrong the day after.
OF_ONE_DAY = frozenset({"notice.draft_closing", "notice.draft_last_day"})


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours in which nothing is begun, in China's time; over midnight where they begin later than they end."""

    begins: time
    ends: time

    def until(self, now: datetime) -> datetime | None:
        """When the quiet hours that `now` lies in are over; None outside them."""
        here = now.astimezone(CHINA)
        at, over_night = here.time(), self.begins > self.ends
        evening = over_night and at >= self.begins
        if not (evening or (at < self.ends and (over_night or self.begins <= at))):
            return None
        return datetime.combine(here.date() + timedelta(days=evening), self.ends, CHINA)


@dataclass(frozen=True, slots=True)
class Chat:
    """What is known of a conversation. `capabilities` None: its channel only answers, or is not set up any more."""

    heard_at: datetime | None
    pushes: int
    blocked_at: datetime | None
    capabilities: Capabilities | None
    reminds: bool = False  # the channel can say that there is news where it may not push


@dataclass(frozen=True, slots=True)
class News:
    """What is to be said, and what has been tried: ways that went out, and ways that the platform refused for good."""

    code: str
    created_at: datetime
    out: frozenset[Way] = frozenset()
    refused: frozenset[Way] = frozenset()

    @property
    def expires_at(self) -> datetime | None:
        """Not worth beginning with from then on; None: it stays true."""
        if self.code not in OF_ONE_DAY:
            return None
        return datetime.combine(self.created_at.astimezone(CHINA).date() + timedelta(days=1), time(), CHINA)

    def open(self, way: Way) -> bool:
        """Whether this way has not been tried."""
        return way not in self.out and way not in self.refused


@dataclass(frozen=True, slots=True)
class Route:
    """The way, and not before when (None: now). `why`: what it waits for, or why not by a push (see `WHYS`)."""

    way: Way
    at: datetime | None = None
    why: str = ""


# in the quiet hours; the window is over, its quota used up; the person, or the platform, does not want it; the channel
# only answers; it was of one day; it went out; nobody has written to us
WHYS = ("quiet", "window", "quota", "blocked", "refused", "no_push", "expired", "told", "no_chat")
_REMINDED_OF = ("window", "quota", "refused", "no_push")


def reply_window(chat: Chat) -> ReplyWindow:
    """Until when, and how often, something may be pushed there."""
    can = chat.capabilities
    if can is None or not can.push:
        return ReplyWindow(None, 0, chat.blocked_at is not None)
    left = None if can.quota is None else max(can.quota - chat.pushes, 0)
    closes_at = chat.heard_at + can.window if chat.heard_at is not None and can.window is not None else None
    if can.window is not None and closes_at is None:
        left = 0  # nobody has written: there is no window
    return ReplyWindow(closes_at, left, chat.blocked_at is not None)


def route(news: News, chat: Chat | None, quiet: Quiet, now: datetime, *, phone: bool) -> Route:
    """The way for `news` as things are at `now`. `phone`: there is a number, and somebody who sends to it."""
    texted = phone and news.code in TEXTED and news.open("sms")
    if chat is None:
        return _text(now, now, quiet, "no_chat") if texted else Route("web", None, "no_chat")
    why = _no_push(news, chat, now)
    hush = quiet.until(now)
    if not why:
        return Route("push", hush, "quiet") if hush is not None and not _awaited(news, chat, now) else Route("push")
    if chat.reminds and news.open("remind") and news.code not in SMALL and why in _REMINDED_OF:
        return Route("remind", hush, "quiet") if hush is not None else Route("remind", None, why)
    if texted and not news.out:
        due = now if why == "blocked" else max(now, news.created_at + PATIENCE)
        return _text(due, now, quiet, why)
    return Route("wait", None, why)


def _text(due: datetime, now: datetime, quiet: Quiet, why: str) -> Route:
    at = quiet.until(due) or due
    if at <= now:
        return Route("sms", None, why)
    return Route("sms", at, "quiet" if due == now else why)


def _no_push(news: News, chat: Chat, now: datetime) -> str:
    """Why it cannot be pushed; empty where it can."""
    window = reply_window(chat)
    if chat.capabilities is None or not chat.capabilities.push:
        return "no_push"
    if window.blocked:
        return "blocked"
    if not news.open("push"):
        return "told" if "push" in news.out else "refused"
    if news.expires_at is not None and now >= news.expires_at:
        return "expired"
    if window.closes_at is not None and now >= window.closes_at:
        return "window"
    if chat.heard_at is None and chat.capabilities.window is not None:
        return "window"
    if window.left is not None and window.left <= (RESERVE if news.code in SMALL else 0):
        return "quota"
    return ""


def _awaited(news: News, chat: Chat, now: datetime) -> bool:
    return news.code in ANSWERS and chat.heard_at is not None and now - chat.heard_at < AWAKE
