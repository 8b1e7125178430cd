"""Reminded when it is due, once, only in a conversation, and not of what is done already."""

from __future__ import annotations

import os
from datetime import date
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from models import outbox, storage
from models.application.tables import Application, DocumentPage, Notice, Outbox, Round
from models.clock import FixedClock
from models.extensions import db
from models.interview.wording import say
from models.unit_of_work import unit_of_work
from workers import scheduler
from workers.reminders import remind_draft
from workers.scheduler import Tick, run_forever, tick


def ticked(desk: Any) -> Tick:
    """One tick, and every reminder that it promised worked off."""
    with desk.app.app_context():
        done = tick(desk.clock.now())
        for row in desk.all(Outbox, job="remind_draft", state="pending"):
            remind_draft(row.id)
    return done


def told(desk: Any, lang: str = "zh") -> list[str]:
    notices = sorted(desk.all(Notice), key=lambda notice: (notice.created_at, notice.id))
    return [say(notice.code, lang, **notice.params) for notice in notices]


def draft(desk: Any) -> str:
    application: str = desk.application()
    desk.conversation(application)
    return application


def test_idle_from_both_sides_and_only_once(persistent_desk: Any, clock: FixedClock) -> None:
    desk = persistent_desk
    draft(desk)
    clock.advance(days=3, seconds=-1)
    assert ticked(desk).reminders == 0
    clock.advance(seconds=1)
    assert ticked(desk).reminders == 1
    assert told(desk) == [
        "您的「试验项目」申报还没填完，已经填的都保存着，随时可以接着填。本次受理到 2026年12月31日 为止。"
    ]
    clock.advance(days=5)
    assert ticked(desk).reminders == 0
    assert len(told(desk)) == 1


def test_before_closing_from_both_sides(persistent_desk: Any, clock: FixedClock) -> None:
    desk = persistent_desk
    clock.set_day(date(2026, 12, 22))
    draft(desk)
    clock.set_day(date(2026, 12, 23))  # eight days left
    assert ticked(desk).reminders == 0
    clock.set_day(date(2026, 12, 24))
    assert ticked(desk).reminders == 1
    clock.set_day(date(2026, 12, 29))
    assert [outcome.reminders for outcome in (ticked(desk), ticked(desk))] == [1, 0]  # idle since a week, too
    clock.set_day(date(2026, 12, 30))
    assert ticked(desk).reminders == 1
    clock.set_day(date(2026, 12, 31))
    assert ticked(desk).reminders == 0
    clock.set_day(date(2027, 1, 1))
    assert ticked(desk).reminders == 0
    said = told(desk, "en")
    assert "31 December 2026 (days left: 7)" in said[0]
    assert "31 December 2026 (days left: 1)" in said[2]
    assert len(said) == 3


def test_the_last_day_says_so(desk: Any, clock: FixedClock) -> None:
    clock.set_day(date(2026, 12, 29))
    draft(desk)
    clock.set_day(date(2026, 12, 31))
    ticked(desk)
    (sentence,) = told(desk)
    assert sentence.startswith("「试验项目」今天（2026年12月31日）是最后一天")


def test_who_is_at_it_is_left_in_peace(desk: Any, clock: FixedClock) -> None:
    clock.set_day(date(2026, 12, 28))
    draft(desk)
    clock.advance(hours=5)
    assert ticked(desk).reminders == 0


def test_nobody_to_tell(desk: Any, clock: FixedClock) -> None:
    desk.application()
    clock.advance(days=4)
    assert ticked(desk).reminders == 0
    assert desk.all(Outbox) == []


@pytest.mark.parametrize("status", ["submitted", "returned", "approved", "withdrawn"])
def test_only_drafts(desk: Any, clock: FixedClock, status: str) -> None:
    desk.conversation(desk.application(status))
    clock.advance(days=4)
    assert ticked(desk).reminders == 0


def test_submitted_between_promise_and_job(desk: Any, clock: FixedClock) -> None:
    application = draft(desk)
    clock.advance(days=4)
    with desk.app.app_context():
        assert tick(clock.now()).reminders == 1
        with unit_of_work() as session:
            session.get_one(Application, application).status = "submitted"
        remind_draft(desk.one(Outbox, job="remind_draft").id)
    assert told(desk) == []
    assert desk.one(Outbox).state == "done"


def test_two_schedulers_at_once(persistent_desk: Any, clock: FixedClock) -> None:
    desk = persistent_desk
    for _ in range(5):
        draft(desk)
    clock.advance(days=4)

    def one() -> None:
        with desk.app.app_context():
            tick(clock.now())

    threads = [Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(desk.all(Outbox, job="remind_draft")) == 5


def test_the_clockwork_goes_on_after_a_failure(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, calls = Flag(), []

    def sometimes(_now: object) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError("SELECT", {"id_number": "430401199001011234"}, Exception("gone"))
        stop.set()
        return 0

    monkeypatch.setattr(outbox, "sweep", sometimes)
    run_forever(desk.app, interval=0.01, stop_event=stop)
    assert len(calls) == 2


def test_files_of_removed_pages_are_erased_now_and_then(desk: Any, good_photo: bytes) -> None:
    page_id, _ = desk.page(desk.application(), good_photo)
    with desk.app.app_context(), unit_of_work() as session:
        session.get_one(DocumentPage, page_id).removed_at = desk.clock.now()
    stop = Flag()
    stop.set()
    run_forever(desk.app, stop_event=stop)
    assert desk.files() == set()


def test_files_that_no_record_names_go_after_a_day(desk: Any, good_photo: bytes) -> None:
    """A process was killed between storing a file and its commit, and another in the middle of writing."""
    page_id, _ = desk.page(desk.application(), good_photo)
    with desk.app.app_context():
        orphan, fresh = storage.put(b"orphan", "page:gone"), storage.put(b"being written", "page:soon")
        kept = db.session.get_one(DocumentPage, page_id).upload_key
    root = desk.app.config["BOLE"].data / "files"
    half = root / orphan[:2] / f".{orphan[3:]}.half"
    half.write_bytes(b"half")
    for old in (root / orphan, half, root / kept):
        os.utime(old, (0, 0))
    stop = Flag()
    stop.set()
    run_forever(desk.app, stop_event=stop)
    assert desk.files() == {kept, fresh}
    assert not half.exists()


def test_house_is_kept_every_few_minutes_not_at_each_tick(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    ticks: list[int] = []
    stop = Flag()

    def counted(_now: object) -> Tick:
        ticks.append(1)
        if len(ticks) == scheduler.HOUSEKEEPING + 1:
            stop.set()
        return Tick(0, 0)

    monkeypatch.setattr(scheduler, "tick", counted)
    monkeypatch.setattr(scheduler, "keep_house", lambda: kept.append(len(ticks)))
    run_forever(desk.app, interval=0, stop_event=stop)
    assert kept == [0, scheduler.HOUSEKEEPING]


def test_a_draft_in_a_standing_round_is_told_of_once_and_no_day_is_named(
    persistent_desk: Any, clock: FixedClock
) -> None:
    desk = persistent_desk
    draft(desk)
    with desk.app.app_context(), unit_of_work() as session:
        session.execute(update(Round).values(closes=None))
    clock.advance(days=3)
    assert ticked(desk).reminders == 1
    clock.advance(days=400)
    assert ticked(desk).reminders == 0
    assert told(desk) == ["您的「试验项目」申报还没填完，已经填的都保存着，随时可以接着填。本项目长期受理。"]
