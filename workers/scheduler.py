"""The clockwork: hands over again what the queue lost, and promises reminders that have become due.

    python -m workers.scheduler     until SIGTERM or SIGINT

Any number may run at once: promises are unique by effect, and a row handed over twice is worked on once.
"""

from __future__ import annotations

import itertools
import signal
import sys
from dataclasses import dataclass
from datetime import datetime
from threading import Event

import structlog
from flask import Flask

from models import clock, faults, heartbeat, leftovers, outbox, storage
from models.application import expiring, moving, readings, uploads
from models.application.pages import erase_removed
from models.extensions import db, reading
from models.logs import bind_reference, describe
from models.office import (
    audit_chain,
    batch_dropping,
    double_cases,
    double_filling,
    exports,
    figure_facts,
    housekeeping,
    key_keeping,
    letters,
    links,
    returns,
    search_terms,
)
from models.starting import starting
from models.unit_of_work import unit_of_work
from workers.pulling import promise_now_and_then
from workers.reminders import find_due, promise_due
from workers.runtime import make_app
from workers.unit_news import promise_news

INTERVAL = 5.0  # seconds; also how long a lost job or a back-off may wait beyond its time
HOUSEKEEPING = 60  # ticks: every five minutes
FILES = 720  # ticks: every hour, because it lists every file
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick did: rows handed over, reminders and moves of drafts promised."""

    handed_over: int
    reminders: int
    moves: int = 0


def tick(now: datetime) -> Tick:
    """Promise what is due at `now`, then hand over everything that waits. Needs an app context."""
    with reading():
        due = find_due(db.session(), now, clock.current().today())
        behind = moving.find_due(db.session())
        unread = readings.find_given_up(db.session())
        db.session.rollback()
    reminders = moves = 0
    if due or behind or unread:  # most ticks write nothing, and take no write lock
        with unit_of_work() as session:
            reminders = promise_due(session, due)
            moves = moving.promise_due(session, behind)
            readings.give_up(session, unread)
    return Tick(outbox.sweep(now), reminders, moves)


def run_forever(app: Flask, interval: float = INTERVAL, stop_event: Event | None = None) -> None:
    """Tick every `interval` seconds until `stop_event` is set.

    A tick that fails (database away, disk full) is logged, and the next one tries again.
    """
    stop = stop_event or Event()
    log.info("scheduler_started", interval=interval)
    for count in itertools.count():
        _tick_logged(app, house=count % HOUSEKEEPING == 0, files=count % FILES == 0)
        if stop.wait(interval):
            break
    log.info("scheduler_stopped")


def keep_house() -> None:
    """Erase what a crash between a removal's commit and the erasing left, and uploads that nobody goes on with; make
    findable who handed in, or stood on a list, before there was an index, and code for the figures whose answers have
    changed. Needs an app context."""
    given_up = uploads.sweep()
    housekeeping.note(housekeeping.UPLOADS, given_up)
    if given_up:
        log.info("uploads_given_up", uploads=given_up)
    abandoned = returns.sweep()
    housekeeping.note(housekeeping.RETURNS, abandoned)
    if abandoned:
        log.info("returns_abandoned", returns=abandoned)
    dropped = batch_dropping.sweep()
    housekeeping.note(housekeeping.BATCHES, dropped)
    if dropped:
        log.info("batches_dropped", batches=dropped)
    double_cases.tidy()
    indexed = double_filling.fill()
    if indexed:
        log.info("double_indexes_filled_in", people=indexed)
    over = exports.sweep()
    if over:
        log.info("exports_expired", exports=over)
    erased = erase_removed()
    housekeeping.note(housekeeping.PAGES, erased)
    if erased:
        log.info("removed_pages_erased", pages=erased)
    filled = search_terms.fill()
    if filled:
        log.info("search_filled_in", applications=filled)
    coded = figure_facts.catch_up()
    if coded:
        log.info("figures_caught_up", applications=coded)


def tell_units() -> None:
    """Promise units what they want to hear about their tables. Needs an app context."""
    promised = promise_news()
    if promised:
        log.info("unit_news_promised", units=promised)


def sweep_files() -> None:
    """Remove old files that no record names, and look for records whose file is missing. Needs an app context."""
    swept = leftovers.sweep()
    housekeeping.note(housekeeping.FILES, swept)
    if swept:
        log.info("leftover_files_removed", files=swept)
    lacking = faults.refresh(db.session(), faults.look(storage.current()))
    if lacking:  # never silently: administrators see which
        log.error("files_missing", files=lacking)


def note_audit_head() -> None:
    """Write the audit's head to the log, where whoever cuts its end off cannot reach it. Needs an app context."""
    with reading():
        log.info("audit_head", head=str(audit_chain.head(db.session())))
        db.session.rollback()


def purge() -> None:
    """Erase personal data whose time is over. Needs an app context."""
    purged = expiring.purge_due()
    housekeeping.note(housekeeping.PURGE, purged)
    if purged:
        log.info("expired_applications_purged", applications=purged)


def forget_letters() -> None:
    """Forget letters and links that nobody asks after any more. Needs an app context."""
    with unit_of_work() as session:
        forgotten = letters.sweep(session)
        links.sweep(session)
    housekeeping.note(housekeeping.LETTERS, forgotten)


def _tick_logged(app: Flask, house: bool, files: bool = False) -> None:
    with app.app_context():
        bind_reference(job="tick")
        try:
            if house:
                promise_now_and_then()
                keep_house()
                tell_units()
            if files:
                note_audit_head()
                key_keeping.note_seen()
                purge()
                forget_letters()
                sweep_files()
            done = tick(clock.current().now())
            heartbeat.beat(app.extensions["bole"].redis, heartbeat.SCHEDULER, clock.current().now())
        except Exception as error:
            log.error("tick_failed", **describe(error))
            db.session.rollback()
        else:
            if done.handed_over or done.reminders or done.moves:
                log.info("tick", handed_over=done.handed_over, reminders=done.reminders, moves=done.moves)


def main() -> int:
    """Entry point of ``python -m workers.scheduler``."""
    stop = Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda _number, _frame: stop.set())
    with starting():
        app = make_app()
    run_forever(app, stop_event=stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
